using System.Globalization;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Ledger;

namespace Tutelage.Cli.Accesses;

/// <summary>Keys that were released to a job: what somebody could see.</summary>
/// <param name="Entry">Index of the release in the log.</param>
/// <param name="By">Key id of who asked.</param>
/// <param name="Keys">File keys by class.</param>
/// <param name="JobSha256">What the vault's machine said its job program was: a claim.</param>
/// <param name="Approvals">Key ids of the stewards who had approved, whose signatures the auditor checked when it read them.</param>
/// <param name="Made">What the grant's run made of it: <c>dataset ID</c> or <c>export OBJECT for HOLDER</c>; null if nothing.</param>
internal sealed record Access(
    long Entry, DateTimeOffset Time, string Grant, string By, string Purpose, string Job, IReadOnlyDictionary<string, long> Keys, string JobSha256, string Confinement, IReadOnlyList<string> Approvals)
{
    public string? Made { get; set; }

    public long KeysInAll => Keys.Values.Sum();
}

/// <summary>Something that was asked for and not given.</summary>
/// <param name="Times">How often, since it was told last.</param>
internal sealed record RefusedAccess(long Entry, DateTimeOffset Time, string By, string Step, string Error, IReadOnlyList<string> Reasons, long Times);

/// <summary>The person had something deleted.</summary>
/// <param name="Segments">How many were named; null if it was everything.</param>
internal sealed record OwnDeletion(long Entry, DateTimeOffset Time, long? Segments);

/// <summary>One person's entries, read as what happened to their recordings.</summary>
internal sealed class AccessList
{
    private readonly Dictionary<string, string> _askers = [];
    private readonly Dictionary<string, List<string>> _approvals = [];
    private readonly List<Access> _accesses = [];
    private readonly List<RefusedAccess> _refused = [];
    private readonly List<OwnDeletion> _deletions = [];

    public IReadOnlyList<Access> Accesses => _accesses;

    public IReadOnlyList<RefusedAccess> Refused => _refused;

    public IReadOnlyList<OwnDeletion> Deletions => _deletions;

    /// <exception cref="FormatException">An entry lacks what its kind has; the auditor would not have read it.</exception>
    public static AccessList Of(PersonHistory history)
    {
        var list = new AccessList();
        foreach (var entry in history.Entries)
        {
            try
            {
                using var body = JsonDocument.Parse(entry.Body);
                list.Add(entry.Index, body.RootElement);
            }
            catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new FormatException($"entry {entry.Index} is not what docs/formats/entries.md says an entry of its kind is", broken);
            }
        }

        return list;
    }

    private void Add(long index, JsonElement entry)
    {
        var time = DateTimeOffset.Parse(Text(entry, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        switch (Text(entry, "kind"))
        {
            case "requested":
                _askers[Text(entry, "grant")] = Text(entry, "requester");
                break;
            case "approved":
                (_approvals.TryGetValue(Text(entry, "grant"), out var approvers) ? approvers : _approvals[Text(entry, "grant")] = []).Add(Text(entry, "approver"));
                break;
            case "release":
                var grant = Text(entry, "grant");
                _accesses.Add(new Access(
                    index, time, grant, _askers.GetValueOrDefault(grant, "?"), Text(entry, "purpose"), Text(entry, "job"),
                    entry.GetProperty("keys").EnumerateObject().ToDictionary(kept => kept.Name, kept => kept.Value.GetInt64()),
                    Text(entry, "job_sha256_claimed"), Text(entry, "confinement_claimed"), [.. _approvals.GetValueOrDefault(grant) ?? []]));
                break;
            case "built":
                Made(entry, $"data set {Text(entry, "dataset")}");
                break;
            case "exported":
                Made(entry, $"export {Text(entry, "object")} for {Text(entry, "holder")}");
                break;
            case "deleted":
                using (var signed = JsonDocument.Parse(SignedStatement.Parse(Text(entry, "statement")).Payload))
                    _deletions.Add(new OwnDeletion(index, time, Text(entry, "scope") == "person" ? null : signed.RootElement.GetProperty("objects").GetArrayLength()));
                break;
            case "refused":
                _refused.Add(new RefusedAccess(
                    index, time, Text(entry, "by"), Text(entry, "step"), Text(entry, "error"), [.. entry.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString() ?? "")], entry.GetProperty("times").GetInt64()));
                break;
        }
    }

    private void Made(JsonElement entry, string what)
    {
        foreach (var access in _accesses.Where(access => access.Grant == Text(entry, "grant"))) access.Made = what;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");
}
