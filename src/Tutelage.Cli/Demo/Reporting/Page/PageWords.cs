using System.Globalization;
using Tutelage.Recording;

namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>What the report calls things, for readers who have never seen the code.</summary>
internal static class PageWords
{
    /// <summary>Minutes, seconds and tenths: <c>1:07.3</c>.</summary>
    public static string Clock(long ms) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, ms) / 60_000}:{Math.Max(0, ms) / 1000 % 60:00}.{Math.Max(0, ms) / 100 % 10}");

    public static string Seconds(long ms) => ms < 100 ? string.Create(CultureInfo.InvariantCulture, $"{ms} ms") : string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.0} s");

    public static string Count(long count, string one, string? many = null) => string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {(count == 1 ? one : many ?? one + "s")}");

    public static string Size(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };

    public static (string Name, string Sentence) Gap(GapReason reason) => reason switch
    {
        GapReason.NotAllowed => ("not on the list", "The program or page in front was not on the list that this person agreed to, so nothing of it was kept."),
        GapReason.Blocked => ("always blocked", "It was of a kind that is never recorded, such as a password manager, a private window, a lock screen, health or banking."),
        GapReason.ContextUnknown => ("unknown what was in front", "The recorder could not tell for certain which program or page was in front. When in doubt it keeps nothing."),
        GapReason.AccountUnknown => ("unknown account", "The evidence that this was the work account was missing or contradicted itself. When in doubt nothing is kept."),
        GapReason.Paused => ("paused", "The person pressed pause."),
        GapReason.Forgotten => ("forgotten", "The person had this stretch forgotten afterwards, and it was."),
        GapReason.Undecided => ("lost undecided", "It was still waiting in memory for its decision when the recorder died. What is undecided is never written down."),
        GapReason.DetectorFailed => ("a detector failed", "A part that finds personal content failed or was missing. Without it nothing is kept."),
        GapReason.IndicatorHidden => ("indicator hidden", "The sign on the screen that says “recording” was hidden, covered or gone. Nobody is recorded without it."),
        GapReason.AccessibilityLost => ("no accessibility", "The desktop no longer said what stands where on the screen. Without it content cannot be told from interface."),
        GapReason.MemoryFull => ("memory full", "More was waiting for a decision than memory was set aside for."),
        GapReason.DiskFull => ("disk full", "There was no room left on the disk."),
        GapReason.EventsLost => ("events lost", "The operating system reported that it had dropped input, so what is here would not be whole."),
        GapReason.QuotaMet => ("enough of it", "What the agreement asks for of this kind of work had been recorded, so nothing more of it was."),
        GapReason.LeaseLost => ("permission ran out", "The short permission to go on recording was not renewed in time, so recording stopped."),
        _ => (reason.ToString(), ""),
    };

    /// <summary>A reason by its name; one that this version does not know keeps its name and has no sentence.</summary>
    public static (string Name, string Sentence) Gap(string reason) => GapOrNull(reason) is { } known ? Gap(known) : (reason, "");

    /// <summary>Class of the reason's colour; only names of ours become classes.</summary>
    public static string GapClass(string reason) => GapOrNull(reason) is { } known ? $"gap-{known}" : "gap-other";

    public static string PlantKind(string kind) => kind switch
    {
        "Password" => "Password", "Card" => "Card number", "Email" => "E-mail address", "Token" => "Access token", "Note" => "Private note", _ => kind,
    };

    public static string PlantPlace(string place) => place switch
    {
        "Typed" => "typed into a field",
        "Shown" => "shown as text of a page",
        "Field" => "standing in a field of a page",
        "Title" => "in the title of a window",
        "Image" => "painted as a picture, without any text behind it",
        "OtherApp" => "in a program outside the allow-list",
        _ => place,
    };

    /// <summary>Stages in the order in which a run goes through them.</summary>
    public static readonly IReadOnlyList<(string Stage, string Words)> Stages =
    [
        ("start", "Start vault, auditor and server"),
        ("work", "Participants work, the recorder records"),
        ("search segments", "Search the recordings for the planted secrets"),
        ("search without redaction", "The same search in a copy without redaction"),
        ("send", "Seal and send"),
        ("build", "Build the data set under a grant"),
        ("export", "Export it under another grant"),
        ("search exports", "Search the exports"),
        ("verify", "Verify the log"),
        ("search files", "Search every file that was written"),
        ("report", "Write this report"),
    ];

    /// <param name="role">Of who joined, null where it is unknown.</param>
    public static string EntryKind(string kind, string? role) => kind switch
    {
        "programme" => "The programme begins and names its keys",
        "enrolled" => role switch
        {
            "participant" => "A participant joined",
            "steward" => "A steward joined",
            "researcher" => "A researcher joined",
            "auditor" => "An auditor joined",
            "operator" => "An operator joined",
            _ => "Somebody joined",
        },
        "agreed" => "A participant agreed to a newer manifest",
        "deleted" => "A participant had everything deleted",
        "keystore" => "The key store was rotated, backed up or restored",
        "requested" => "Somebody asked to use data",
        "approved" => "A steward approved a request",
        "denied" => "A request was denied",
        "refused" => "The rules refused something",
        "release" => "Keys were released to a job",
        "built" => "A data set was made",
        "exported" => "A data set left the house",
        "failed" => "A job failed",
        _ => kind,
    };

    private static GapReason? GapOrNull(string reason) => Enum.TryParse<GapReason>(reason, out var known) && known.ToString() == reason ? known : null;
}
