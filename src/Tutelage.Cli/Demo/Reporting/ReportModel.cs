namespace Tutelage.Cli.Demo.Reporting;

/// <summary>Everything that the report shows. Synthetic people and a synthetic desktop only.</summary>
internal sealed record ReportModel(
    long Seed, string Made, DemoSummary Summary, IReadOnlyList<ReportSession> Sessions, IReadOnlyList<ReportPlant> Plants, ReportLedger Ledger);

/// <summary>One participant's session. Times are milliseconds since the session began.</summary>
internal sealed record ReportSession(
    string Participant, string Tag, long LengthMs, IReadOnlyList<ReportFrame> Frames, IReadOnlyList<ReportKeys> Keys, IReadOnlyList<ReportGap> Gaps,
    IReadOnlyList<ReportAction> Actions);

/// <summary>A moment on the screen: as it was beside as it was kept. A null picture means that there was none, not that it is missing.</summary>
/// <param name="RawPng">Recorded without redaction by the demo's witness.</param>
/// <param name="Gap">Why nothing was kept at that time, null if something was.</param>
internal sealed record ReportFrame(long Ms, byte[]? RawPng, byte[]? KeptPng, string? Gap);

/// <summary>A stretch of typing: what the hand did and what was kept of it.</summary>
/// <param name="Typed">Keys in order, control keys in brackets.</param>
/// <param name="Kept">Letters that stand, or the shape in words, or null if nothing was kept.</param>
/// <param name="IsText">The letters stand.</param>
/// <param name="Gap">Why nothing was kept of it, null if there was no gap.</param>
internal sealed record ReportKeys(long Ms, string Typed, string? Kept, bool IsText, string? Gap = null);

internal sealed record ReportGap(long StartMs, long EndMs, string Reason);

/// <summary>An action done, and what the data set has for it (null: nothing).</summary>
internal sealed record ReportAction(string Task, string Done, string? Found, long? Ms, bool InOtherApp);

/// <param name="FoundIn">Places in what the product wrote; empty is as promised.</param>
internal sealed record ReportPlant(string Kind, string Format, string Place, string Participant, bool FoundWithout, IReadOnlyList<string> FoundIn);

/// <param name="Checkpoint">The signed note with the auditor's cosignature, as served.</param>
/// <param name="Leaves">Every leaf of the log, hex of the 32-byte commitments, in order: the report recomputes the root from them.</param>
internal sealed record ReportLedger(string Origin, long Size, long Audited, string Checkpoint, string RootBase64, IReadOnlyList<string> Leaves, IReadOnlyList<ReportEntry> Entries);

/// <summary>An entry that somebody may read, with what is needed to check it: leaf = the commitment over body and salt (docs/formats/entries.md).</summary>
/// <param name="Proof">c2sp.org/tlog-proof@v1.</param>
internal sealed record ReportEntry(long Index, string Kind, string Body, string SaltBase64, string Proof);
