using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Deletions;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Jobs;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Objects;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Release;

/// <summary>One run of a granted job: objects, job, release, work, results. What went wrong is always said, and always an entry.</summary>
internal sealed class GrantRun(
    VaultOptions options, VaultStore store, VaultLedger ledger, VaultKeys keys, GrantBook book, Registry registry, AuditorLink auditor, AuditorLease lease, ObjectServer server, TrustFile trust, Refusals refusals, Sandbox sandbox,
    RunningGrants runs, TimeProvider time, ILogger<GrantRun> log)
{
    private const string RunsFolder = "runs";

    private readonly KeyRelease _release = new(store, ledger, book, auditor, lease, registry, trust, time);

    /// <summary>Removes what runs left behind that a crash ended: ciphertext of outputs that nobody will ask for.</summary>
    public static void RemoveLeftovers(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, RunsFolder);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Runs a grant that the caller has claimed (<see cref="GrantBook.TryBeginRun"/>).</summary>
    /// <param name="say">Receives each progress line.</param>
    /// <returns>The last line.</returns>
    public async Task<string> RunAsync(KeptGrant grant, Func<object, Task> say, CancellationToken cancellation)
    {
        var folder = Path.Combine(options.DataFolder, RunsFolder, grant.Id);
        var running = CancellationToken.None;
        using var run = runs.Begin(grant);
        try
        {
            using var ends = new CancellationTokenSource(Until(grant.EndsAt), time);
            await AwaitLeaseAsync(cancellation);
            running = lease.Running;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ends.Token, running, run.Stopped);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            PrivateFile.CreateFolder(Path.GetDirectoryName(folder)!); // a path below a folder has one
            PrivateFile.CreateFolder(folder);
            var result = await WorkAsync(grant, folder, say, either.Token);
            log.RunEnded(grant.Id, "done");
            return result;
        }
        catch (Exception fault)
        {
            var (code, message) = fault switch
            {
                RunRefusedException refused => (refused.Error, refused.Message),
                JobFailedException failed => ("job-" + failed.Code, failed.Message),
                OperationCanceledException when cancellation.IsCancellationRequested => ("cancelled", "whoever asked for the run went away; the job was ended"),
                OperationCanceledException when running.IsCancellationRequested => lease.Fault ?? ("halted", "the programme was halted while the job ran; the job was ended"),
                OperationCanceledException when run.Stopped.IsCancellationRequested => ("no-consent", $"somebody whom grant {grant.Id} names has deleted what they recorded; the job was ended"),
                OperationCanceledException => ("expired", $"grant {grant.Id} ended while its job ran; the job was ended"),
                _ => ("fault", $"the run failed with {fault.GetType().Name}; the vault's log says more"),
            };
            if (code == "fault") log.RunFailed(grant.Id, fault.ToString());
            book.EndRun(grant.Id, null);
            refusals.Tell(new Refusal(grant.Requester, grant.Id, fault is RunRefusedException ? Refusal.ReleaseStep : Refusal.JobStep, code, [message], grant.Request.Tags));
            log.RunEnded(grant.Id, code);
            return JsonSerializer.Serialize(new { error = code, message }, Wire.Json);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A vault that was started or resumed a moment ago, or whose auditor was, is given that moment.</summary>
    /// <exception cref="RunRefusedException">There is none.</exception>
    private async Task AwaitLeaseAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (lease.Fault is var (error, message))
        {
            if (store.Programme().Halted || time.GetElapsedTime(began) > AuditorLease.LeaseFor) throw new RunRefusedException(error, message);
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellation);
        }
    }

    private async Task<string> WorkAsync(KeptGrant grant, string folder, Func<object, Task> say, CancellationToken cancellation)
    {
        var objects = await FindObjectsAsync(grant, say, cancellation);
        if (objects.Count == 0) throw new RunRefusedException("nothing-to-open", "there is nothing stored that this grant opens");
        var kind = Spelling.Of(grant.Request.Job);
        var outerRecipient = grant.Request.Job == JobKind.DatasetBuild ? await auditor.OuterRecipientAsync(cancellation) : null;
        await using var job = await JobProcess.StartAsync(sandbox, options.JobPath, kind, line => log.JobSaid(grant.Id, line), lease, time, cancellation);
        await say(new { stage = "job", done = 1, total = 1, confinement = job.Confinement });

        var claim = new JobClaim(job.Recipient, JobClaim.DigestOf(options.JobPath), job.Confinement);
        var byId = objects.ToDictionary(o => o.Object.Header.ObjectId, StringComparer.Ordinal);
        var allowed = objects.SelectMany(o => o.Object.Classes.Select(c => (o.Object.Header.ObjectId, Spelling.Of(c)))).ToHashSet();
        var done = 0;
        var outcome = await new JobConversation(job, server, lease, folder).RunAsync(WorkOrderFor(grant, objects, outerRecipient), allowed, ReleaseAsync, line => say(line), cancellation);
        return grant.Request.Job == JobKind.DatasetBuild
            ? await StoreDatasetAsync(grant, outcome, say, cancellation)
            : await StoreExportAsync(grant, outcome, say, cancellation);

        async Task<ReleasedKeys> ReleaseAsync(IReadOnlyList<(string Object, string Class)> files, CancellationToken cancel)
        {
            var wanted = files.GroupBy(file => file.Object, file => file.Class).Select(o => byId[o.Key].Narrowed([.. o])).ToList();
            var keys = await _release.ReleaseAsync(grant.Id, wanted, claim, step => say(new { stage = step, done, total = allowed.Count }), cancel);
            done += files.Count;
            return keys;
        }
    }

    private async Task<IReadOnlyList<ReleasableObject>> FindObjectsAsync(KeptGrant grant, Func<object, Task> say, CancellationToken cancellation)
    {
        var ids = new List<string>();
        if (grant.Request.Job == JobKind.DatasetBuild)
        {
            foreach (var tag in grant.Request.Tags) ids.AddRange(await server.ListAsync(ObjectKind.Segment, tag, cancellation));
        }
        else
        {
            if (await server.DatasetAsync(grant.Request.DataSet ?? "", cancellation) is not { } record) throw new RunRefusedException("no-such-dataset", $"there is no data set {grant.Request.DataSet} that this vault has recorded");
            ids.AddRange(record.GetProperty("shards").EnumerateArray().Where(s => grant.Request.Tags.Contains(s.GetProperty("tag").GetString(), StringComparer.Ordinal)).Select(s => s.GetProperty("object").GetString() ?? ""));
        }

        var objects = new List<ReleasableObject>();
        var left = new List<object>();
        foreach (var id in ids)
        {
            var (found, reason) = await FindObjectAsync(grant, id, cancellation);
            if (found is not null) objects.Add(found);
            else left.Add(new { @object = id, reason });
        }

        await say(new { stage = "objects", done = objects.Count, total = ids.Count, refused = left });
        return objects;
    }

    private async Task<(ReleasableObject? Found, string Reason)> FindObjectAsync(KeptGrant grant, string id, CancellationToken cancellation)
    {
        if (await server.PreambleAsync(id, cancellation) is not { } preamble) return (null, "missing");
        if (!HeaderBytes.TryDecode(preamble.Header, out var header, out var fault)) return (null, fault);
        var wanted = header.Files.Select(f => f.Class).Where(grant.Request.Classes.Contains).Order().Select(Spelling.Of).ToList();
        if (header.ObjectId != id || !grant.Request.Tags.Contains(header.Tag, StringComparer.Ordinal)) return (null, "its header is another object's");
        if (wanted.Count == 0) return (null, "it has none of the granted classes");
        if (registry.DeletedAmong([header]) is not null) return (null, "deleted by the person who recorded it");
        var request = new ReleasedObjectRequest(preamble.Header, preamble.Signature, preamble.Certificate, wanted);
        var released = ReleasedObject.Check(request, keys.Identity.Public, (tag, device, _) => registry.FindByTag(tag)?.DeviceId == device.Id, out var refused);
        return released is null ? (null, refused) : (new ReleasableObject(released, request), "");
    }

    private byte[] WorkOrderFor(KeptGrant grant, IReadOnlyList<ReleasableObject> objects, string? outerRecipient)
    {
        var isBuild = grant.Request.Job == JobKind.DatasetBuild;
        var derived = Spelling.Of(DataClass.Derived);
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            version = 1,
            grant = grant.Id,
            job = Spelling.Of(grant.Request.Job),
            purpose = Spelling.Of(grant.Request.Purpose),
            classes = grant.Request.Classes.Order().Select(Spelling.Of),
            inputs = objects.Select(o => o.Object).Select(o => new
            {
                @object = o.Header.ObjectId,
                kind = Spelling.Of(o.Header.Kind),
                tag = o.Header.Tag,
                manifest = o.Header.Manifest.Length == 0 ? null : o.Header.Manifest,
                redactor = o.Header.Redactor.Length == 0 ? null : o.Header.Redactor,
                files = o.Header.Files.Where(f => o.Classes.Contains(f.Class)).Select(f => new { @class = Spelling.Of(f.Class), size = f.SizeBytes, sha256 = Convert.ToHexStringLower(f.Sha256.Span) }),
            }),
            persons = isBuild ? grant.Request.Tags.Select(tag => new { tag, recipient = registry.RecipientsOf(tag).GetValueOrDefault(derived) }) : null,
            auditor = outerRecipient,
            dataset = grant.Request.DataSet,
            export = isBuild ? null : new { format = Spelling.Of(grant.Request.Format ?? ExportFormat.Agentnet), holder = HolderWord(grant), recipient = grant.Request.HolderRecipient },
            created = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            limits = new { memory_mb = 1024 },
        }, Wire.Json);
    }

    /// <summary>The pipe wants a holder as one word; the grant's own words may have spaces.</summary>
    private static string HolderWord(KeptGrant grant) => grant.Requester.Key.Id;

    private async Task<string> StoreDatasetAsync(KeptGrant grant, JobOutcome outcome, Func<object, Task> say, CancellationToken cancellation)
    {
        var dataset = Member(outcome.Result, "dataset");
        var id = Text(dataset, "id");
        var (epoch, _) = store.Programme();
        var shards = new List<object>();
        var stored = new List<(string Object, string Header)>();
        var described = Member(dataset, "shards").EnumerateArray().ToList();
        foreach (var shard in described)
        {
            var stream = shard.GetProperty("stream").GetUInt32();
            var tag = Text(shard, "tag");
            if (!outcome.Outputs.TryGetValue(stream, out var output) || output.Kind != "shard" || output.Tag != tag || !grant.Request.Tags.Contains(tag, StringComparer.Ordinal) || output.Digest != Text(shard, "root"))
                throw new JobFailedException("protocol", $"shard {stream} of the result is not among the job's outputs");
            var header = await server.StoreAsync(ObjectKind.Shard, tag, epoch, output.File, cancellation);
            stored.Add((header.ObjectId, Convert.ToHexStringLower(header.Digest())));
            shards.Add(new { @object = header.ObjectId, tag, root = output.Digest, trajectories = Count(shard, "trajectories"), actions = Count(shard, "actions"), frames = Count(shard, "frames") });
            await say(new { stage = "store", done = stored.Count, total = described.Count });
        }

        var lineage = Member(dataset, "lineage");
        var record = JsonSerializer.SerializeToUtf8Bytes(new
        {
            version = 1,
            dataset = id,
            grant = grant.Id,
            purpose = Spelling.Of(grant.Request.Purpose),
            created = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            trajectories = Count(dataset, "trajectories"),
            actions = Count(dataset, "actions"),
            frames = Count(dataset, "frames"),
            gaps = dataset.TryGetProperty("gaps", out var gaps) ? gaps : default(JsonElement?),
            shards,
            lineage,
            card = dataset.TryGetProperty("card", out var card) ? card : default(JsonElement?),
        }, Wire.Json);
        await server.PutDatasetAsync(id, record, cancellation);
        var lineageSha256 = LineageDigest(lineage);
        var line = JsonSerializer.Serialize(new { dataset = id, trajectories = Count(dataset, "trajectories"), actions = Count(dataset, "actions"), frames = Count(dataset, "frames"), lineage_sha256 = lineageSha256, shards, result = outcome.Result }, Wire.Json);
        Finish(grant, line, new EntryDraft("built", grant.Request.Tags, json =>
        {
            json.WriteString("grant", grant.Id);
            json.WriteString("dataset", id);
            json.WriteString("lineage_sha256", lineageSha256);
            json.WriteStartArray("shards");
            foreach (var (shard, header) in stored)
            {
                json.WriteStartObject();
                json.WriteString("object", shard);
                json.WriteString("header_sha256", header);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }));
        return line;
    }

    private async Task<string> StoreExportAsync(KeptGrant grant, JobOutcome outcome, Func<object, Task> say, CancellationToken cancellation)
    {
        var export = Member(outcome.Result, "export");
        if (!outcome.Outputs.TryGetValue(Member(export, "stream").GetUInt32(), out var output) || output.Kind != "export") throw new JobFailedException("protocol", "the export of the result is not among the job's outputs");
        var (epoch, _) = store.Programme();
        var header = await server.StoreAsync(ObjectKind.Export, grant.Requester.Key.Id, epoch, output.File, cancellation);
        await say(new { stage = "store", done = 1, total = 1 });
        var line = JsonSerializer.Serialize(new { export = header.ObjectId, dataset = grant.Request.DataSet, sha256 = output.Digest, size_bytes = output.File.SizeBytes, result = outcome.Result }, Wire.Json);
        Finish(grant, line, new EntryDraft("exported", grant.Request.Tags, json =>
        {
            json.WriteString("grant", grant.Id);
            json.WriteString("dataset", grant.Request.DataSet);
            json.WriteString("object", header.ObjectId);
            json.WriteString("header_sha256", Convert.ToHexStringLower(header.Digest()));
            json.WriteString("holder", grant.Request.Holder);
            json.WriteString("holder_recipient", grant.Request.HolderRecipient);
        }));
        return line;
    }

    /// <summary>SHA-256 over the lines <c>object SP tag LF</c>, sorted.</summary>
    private static string LineageDigest(JsonElement lineage)
    {
        var lines = lineage.EnumerateArray().Select(l => $"{Text(l, "object")} {Text(l, "tag")}\n").Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private void Finish(KeptGrant grant, string line, EntryDraft entry) => ledger.Record(transaction =>
    {
        book.EndRun(grant.Id, line, transaction);
        return true;
    }, entry);

    private TimeSpan Until(DateTimeOffset? ends)
    {
        var left = (ends ?? time.GetUtcNow()) - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : throw new JobFailedException("protocol", $"the job's result has no '{name}'");

    private static string Text(JsonElement element, string name) => Member(element, name).GetString() ?? throw new JobFailedException("protocol", $"the job's '{name}' is null");

    private static long Count(JsonElement element, string name) => Member(element, name).GetInt64();
}
