extern alias auditor;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tutelage.Ledger;
using Tutelage.Rules.Halting;
using Tutelage.Sealing;
using AuditedLog = auditor::Tutelage.Auditor.Reading.AuditedLog;
using AuditorHalt = auditor::Tutelage.Auditor.Halting.AuditorHalt;
using HaltStatement = auditor::Tutelage.Hosting.HaltStatement;
using ResumeStatement = auditor::Tutelage.Hosting.ResumeStatement;
using HandedEntry = auditor::Tutelage.Auditor.Reading.HandedEntry;
using OuterRelease = auditor::Tutelage.Auditor.Releases.OuterRelease;
using ReleaseRequest = auditor::Tutelage.Auditor.Releases.ReleaseRequest;
using AuditorTrust = auditor::Tutelage.Hosting.TrustFile;
using AuditorWire = auditor::Tutelage.Hosting.Wire;

namespace Tutelage.Release.Tests;

/// <summary>The auditor's own code behind its wire, without sockets: reading, witnessing, releasing, on a folder that survives its crashes.</summary>
internal sealed class AuditorNode : IDisposable
{
    private readonly string _folder;
    private readonly AuditorTrust _trust;
    private readonly Cosigner _cosigner;
    private readonly TagIdentity _outer;
    private AuditedLog _log = null!; // set by Start
    private OuterRelease _release = null!; // set by Start
    private AuditorHalt _halt = null!; // set by Start

    public AuditorNode(string folder, AuditorTrust trust, Cosigner cosigner, TagIdentity outer, TimeProvider time)
    {
        (_folder, _trust, _cosigner, _outer, Time) = (folder, trust, cosigner, outer, time);
        Start();
    }

    public TimeProvider Time { get; }

    public long Cosigned => _log.Extent.Cosigned?.Size ?? 0;

    public DateTimeOffset CosignedAt { get; private set; }

    public ProgrammeStanding State => _halt.State;

    /// <summary>The halt in force.</summary>
    public string? Halt => _halt.Statement;

    public void HaltBy(string statement)
    {
        if (HaltStatement.Read(Encoding.UTF8.GetBytes(statement), id => _log.PersonOf(id)?.Key) is { } halt) _halt.Halt(halt);
    }

    /// <summary>Whether it agrees.</summary>
    public bool Resume(string one, string other) =>
        ResumeStatement.Read(Encoding.UTF8.GetBytes(one), id => _log.PersonOf(id)?.Key) is { } first && ResumeStatement.Read(Encoding.UTF8.GetBytes(other), id => _log.PersonOf(id)?.Key) is { } second
        && _halt.Resume(first, second, () => []).Faults.Count == 0;

    /// <summary>Called when outer keys leave: entry and recipient.</summary>
    public Action<long, string> Left { get; set; } = static (_, _) => { };

    public void Crash()
    {
        _log.Dispose();
        Start();
    }

    public HttpResponseMessage Answer(string path, byte[] body) => path switch
    {
        "/v1/entries" => Entries(body),
        "/add-checkpoint" => Checkpoint(body),
        "/v1/releases" => Release(body),
        _ => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("{}") },
    };

    public void Dispose() => _log.Dispose();

    private void Start()
    {
        var faults = new List<string>();
        _log = AuditedLog.Open(_folder, _trust, faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
        faults.ShouldBeEmpty();
        _halt = AuditorHalt.Open(_folder, _log, faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
        _release = new OuterRelease(_log, () => [_outer], _halt, _trust, Time);
    }

    private HttpResponseMessage Entries(byte[] body)
    {
        var request = JsonSerializer.Deserialize<JsonElement>(body);
        var first = request.GetProperty("first").GetInt64();
        var entries = request.GetProperty("entries").EnumerateArray().Select(e => new HandedEntry(e.GetProperty("body").GetString(), e.GetProperty("salt").GetBytesFromBase64())).ToList();
        var (next, refusal) = _log.Read(first, entries);
        return Json(refusal is null ? HttpStatusCode.OK : first > next ? HttpStatusCode.Conflict : HttpStatusCode.UnprocessableEntity, new { next, message = refusal });
    }

    private HttpResponseMessage Checkpoint(byte[] body)
    {
        var (answer, refusal) = _log.Witness(body);
        if (answer is { Verdict: WitnessVerdict.Cosign, Accepted: { } accepted })
        {
            CosignedAt = DateTimeOffset.FromUnixTimeSeconds(Time.GetUtcNow().ToUnixTimeSeconds());
            return Text(HttpStatusCode.OK, _cosigner.Cosign(accepted.Note.Text, Time.GetUtcNow()).Line);
        }

        return answer.Verdict == WitnessVerdict.WrongOldSize
            ? Text(HttpStatusCode.Conflict, answer.KnownSize.ToString(CultureInfo.InvariantCulture) + "\n")
            : Text((HttpStatusCode)(int)answer.Verdict, refusal ?? "refused");
    }

    private HttpResponseMessage Release(byte[] body)
    {
        var request = JsonSerializer.Deserialize<ReleaseRequest>(body, AuditorWire.Json)!;
        var answer = _release.Answer(request);
        if (answer.Sealed is not { } bundle) return Json((HttpStatusCode)answer.Status, new { error = answer.Error, message = answer.Message });
        Left(request.EntryIndex, request.JobRecipient!);
        return Json(HttpStatusCode.OK, new { @sealed = bundle });
    }

    private static HttpResponseMessage Json(HttpStatusCode status, object body) => new(status) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) };

    private static HttpResponseMessage Text(HttpStatusCode status, string body) => new(status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
}
