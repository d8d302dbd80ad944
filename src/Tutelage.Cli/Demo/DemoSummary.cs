using System.Text.Json.Serialization;

namespace Tutelage.Cli.Demo;

/// <summary>What a demo run measured; the JSON of <c>--json</c>.</summary>
internal sealed record DemoSummary(
    DemoRecorded Recorded,
    IReadOnlyDictionary<string, int> Gaps,
    DemoRedaction Redaction,
    DemoDataset Dataset,
    int ActionsExpected,
    int ActionsMatched,
    DemoLedger Ledger,
    IReadOnlyDictionary<string, double> Seconds,
    string Report);

/// <param name="Events">Input events that the desktops reported.</param>
/// <param name="Lost">Of those, dropped before a decision.</param>
/// <param name="BytesSealed">All classes, padding and both envelopes included.</param>
/// <param name="BytesPerEvent">Sealed bytes of the class input over input events kept.</param>
internal sealed record DemoRecorded(int Participants, long Events, long Lost, int Segments, long BytesSealed, double Minutes, double BytesPerEvent);

/// <param name="Planted">Distinct planted values that were shown or typed.</param>
/// <param name="FoundWithout">Of those, found by the same search in a copy recorded without redaction.</param>
/// <param name="FoundAfterwards">Of those, found in anything that the product wrote.</param>
/// <param name="Searched">What the search went through.</param>
internal sealed record DemoRedaction(int Planted, int FoundWithout, int FoundAfterwards, DemoSearched Searched);

internal sealed record DemoSearched(int Files, long Bytes, int Segments, int Pictures, int TrueBoxes);

internal sealed record DemoDataset(string Id, int Trajectories, int Actions, int Frames, IReadOnlyList<string> Exports);

internal sealed record DemoLedger(long Size, bool Verified, long Audited);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DemoSummary))]
internal sealed partial class DemoJson : JsonSerializerContext;
