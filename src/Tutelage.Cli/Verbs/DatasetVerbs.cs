using System.CommandLine;
using System.Text.Json;
using Tutelage.Cli.Programme;
using Tutelage.Sealing;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage dataset build|list|export</c>.</summary>
internal static class DatasetVerbs
{
    private const int FullIdLength = 64;

    public static Command Create(TimeProvider time) => new("dataset", "Data sets: build, list, export under a grant.\n\nExample: tutelage dataset list") { Build(time), List(time), Export(time) };

    /// <summary>The one data set whose id begins with <paramref name="id"/>.</summary>
    public static async Task<string> FullIdAsync(Desk desk, string id, CancellationToken cancellationToken)
    {
        if (id.Length == FullIdLength) return id;
        var found = Ids(await desk.Client.DataSetsAsync(cancellationToken)).Where(known => known.StartsWith(id, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        return found is [var one] ? one : throw new VerbFailedException($"{desk.Name} sees {found.Count} data sets that begin with '{id}'", $"`tutelage dataset list --as {desk.Name}` shows those there are");
    }

    private static Command Build(TimeProvider time)
    {
        var (id, who, server, json) = (GrantArgument(), Options.As("who asked for the grant"), Options.Server(), Options.Json());
        var verb = new Command("build", "Runs a granted build: opens recordings in a job, seals what it makes of them.\n\nExample: tutelage dataset build 0123456789abcdef --as cleo") { id, who, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            using var desk = await Desk.OpenAsync(Options.HomeOf(parsed), parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var grant = await RequireAsync(desk, parsed.GetRequiredValue(id), "dataset-build", token);
            var line = await RunAsync(desk, grant, quiet: parsed.GetValue(json), token);
            if (parsed.GetValue(json)) Output.Json(line);
            else
            {
                Output.Line($"Data set {line.GetProperty("dataset").GetString()}: {line.GetProperty("trajectories")} trajectories, {line.GetProperty("actions")} actions, {line.GetProperty("frames")} frames, sealed.");
                Output.Line($"Next: tutelage grant request --job dataset-export --dataset {line.GetProperty("dataset").GetString()![..12]} --tags {string.Join(',', grant.Request.Tags)} --holder WORDS --as {desk.Name}");
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static Command List(TimeProvider time)
    {
        var who = new Option<string?>("--as") { Description = "Who asks: a researcher, steward or auditor. Default: one of this machine.", HelpName = "NAME" };
        var (server, json) = (Options.Server(), Options.Json());
        var verb = new Command("list", "Lists data sets, with nothing of their content.\n\nExample: tutelage dataset list --as cleo") { who, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            using var desk = await Desk.OpenAsync(home, parsed.GetValue(who) ?? Desk.Reader(home), Options.ServerOf(parsed.GetValue(server)), time, token);
            var answer = await desk.Client.DataSetsAsync(token);
            var sets = answer.GetProperty("datasets").EnumerateArray().ToList();
            if (parsed.GetValue(json)) Output.Json(answer);
            else if (sets.Count == 0) Output.Line($"{desk.Name} sees no data sets.");
            else
            {
                Output.Table(["data set", "built", "grant", "purpose", "trajectories", "actions", "frames", "people", "state"], sets.Select(set => (string?[])
                [
                    set.GetProperty("dataset").GetString(), set.GetProperty("created").GetString(), set.GetProperty("grant").GetString(), set.GetProperty("purpose").GetString(),
                    set.GetProperty("trajectories").ToString(), set.GetProperty("actions").ToString(), set.GetProperty("frames").ToString(),
                    $"{People(set)}", set.GetProperty("stale").GetBoolean() ? $"stale: {set.GetProperty("persons_gone")} of {People(set)} gone" : "whole",
                ]));
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static int People(JsonElement set) => set.GetProperty("shards").EnumerateArray().Select(shard => shard.GetProperty("tag").GetString()).Distinct(StringComparer.Ordinal).Count();

    private static Command Export(TimeProvider time)
    {
        var (id, who, server, json) = (GrantArgument(), Options.As("who asked for the grant"), Options.Server(), Options.Json());
        var to = new Option<string>("--to") { Description = "A new or empty folder for the plain files.", Required = true, HelpName = "DIR" };
        var verb = new Command("export", "Runs a granted export, opens it with the holder's key and unpacks it.\n\nExample: tutelage dataset export 0123456789abcdef --as cleo --to ./export") { id, who, to, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            var target = Path.GetFullPath(parsed.GetRequiredValue(to));
            if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())) throw new VerbFailedException($"--to {target} is not an empty folder", "name a new one");
            using var desk = await Desk.OpenAsync(home, parsed.GetRequiredValue(who), Options.ServerOf(parsed.GetValue(server)), time, token);
            var grant = await RequireAsync(desk, parsed.GetRequiredValue(id), "dataset-export", token);
            using var holder = HolderKey.Load(KeptKey.AgePath(home, desk.Name));
            if (grant.Request.HolderRecipient != holder.Recipient.Text)
                throw new VerbFailedException($"grant {grant.Grant} is sealed to {grant.Request.HolderRecipient}, which is not {desk.Name}'s key", "its holder opens it: fetch it there");
            var line = await RunAsync(desk, grant, quiet: parsed.GetValue(json), token);
            var files = await FetchAsync(desk, holder, line, target, token);
            if (parsed.GetValue(json)) Output.Json(new { Export = line.GetProperty("export").GetString(), grant.Request.Dataset, Folder = target, Files = files.Count, files.Bytes });
            else
            {
                Output.Line($"{files.Count} files, {Output.Size(files.Bytes)}, in {target}.");
                Output.Line("They are plain files and outside the programme's control from now on; the log names you as their holder.");
            }
            return CliExit.Done;
        });
        return verb;
    }

    private static Argument<string> GrantArgument() => new("GRANT") { Description = "The grant, or the beginning of its id." };

    private static async Task<ListedGrant> RequireAsync(Desk desk, string id, string job, CancellationToken cancellationToken)
    {
        var grant = await desk.GrantAsync(id, cancellationToken);
        return grant.Request.Job == job ? grant : throw new VerbFailedException($"grant {grant.Grant} is for {grant.Request.Job}, not for {job}", $"tutelage {grant.Request.Job.Replace('-', ' ')} {grant.Grant} --as {desk.Name}", CliExit.Usage);
    }

    /// <returns>The last line: the job's result.</returns>
    private static async Task<JsonElement> RunAsync(Desk desk, ListedGrant grant, bool quiet, CancellationToken cancellationToken)
    {
        var (last, shown) = (default(JsonElement), "");
        await foreach (var line in desk.Client.RunAsync(grant.Grant, cancellationToken))
        {
            last = line;
            if (quiet || Progress(line) is not { } progress || progress == shown) continue;
            Output.Line("  " + (shown = progress));
        }
        if (last.ValueKind == JsonValueKind.Object && last.TryGetProperty("error", out var error))
            throw new VerbFailedException($"grant {grant.Grant} was not carried out: {last.GetProperty("message").GetString()} ({error.GetString()})", "the log has an entry of it; the grant can be run again until it ends");
        if (last.ValueKind != JsonValueKind.Object || !(last.TryGetProperty("dataset", out _) || last.TryGetProperty("export", out _)))
            throw new VerbFailedException("the vault's answer ended before the job did", "run the same command again: what is done is not done twice");
        return last;
    }

    private static string? Progress(JsonElement line)
    {
        if (!line.TryGetProperty("stage", out var stage)) return null;
        var counted = line.TryGetProperty("done", out var done) && line.TryGetProperty("total", out var total) ? $" {done} of {total}" : "";
        var refused = line.TryGetProperty("refused", out var left) && left.ValueKind == JsonValueKind.Array && left.GetArrayLength() > 0 ? $", {left.GetArrayLength()} left out" : "";
        return stage.GetString() + counted + refused;
    }

    private static async Task<Unpacked> FetchAsync(Desk desk, TagIdentity holder, JsonElement line, string target, CancellationToken cancellationToken)
    {
        await using var sealedExport = await desk.Client.ExportAsync(line.GetProperty("export").GetString()!, cancellationToken);
        await using var plain = await AgeReader.OpenAsync(sealedExport, holder, cancellationToken);
        return await ExportFolder.UnpackAsync(plain, line.GetProperty("sha256").GetString(), target, cancellationToken);
    }

    private static IEnumerable<string> Ids(JsonElement answer) => answer.GetProperty("datasets").EnumerateArray().Select(set => set.GetProperty("dataset").GetString()!);
}
