using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Redaction;
using Tutelage.Rules;
using Tutelage.Rules.Capture;

namespace Tutelage.Attack.Tests.Support;

/// <summary>Half a minute of work with a hole of two minutes in it, onto the recorder's own tape. Runs that differ in <paramref name="Why"/> and <paramref name="Began"/> differ in nothing else.</summary>
/// <param name="Began">Of the session.</param>
/// <param name="Why">Why nothing was kept in the hole.</param>
internal sealed record QuietWork(DateTimeOffset Began, GapReason Why)
{
    private const int HoleFrom = 10, HoleTo = 130, End = 150;

    /// <summary>Random in a recorder; of two random ones, one may compress to a byte more.</summary>
    private static readonly string Session = new('5', 32);

    private static readonly HashSet<DataClass> All = [DataClass.Input, DataClass.Text, DataClass.Elements, DataClass.Frames];

    private static readonly ScreenSize Screen = new(64, 64);

    /// <summary>The spool with what then waits in it; its clock stands at the beginning.</summary>
    public SpoolFolder Record(string root)
    {
        var spool = new SpoolFolder(root, new Standing(Began));
        var manifest = ManifestText.Read(AttackedProgramme.ManifestYaml).Manifest!;
        var opening = new SegmentOpening(Session, 0, Began, Screen, manifest.Digest, "tutelage-redaction/1", manifest.QuantumMs, false);
        using var tape = new SessionTape(spool, manifest, opening);
        for (var second = 0; second < End; second++)
        {
            var (from, to) = (new SessionTime(second * 1000L), new SessionTime((second * 1000L) + 900));
            if (second is < HoleFrom or >= HoleTo) tape.Write(Interval(second), All, from, to);
            // A recorder that is paused takes no events; one that looks at another app counts what it lets go.
            else if (Why == GapReason.Paused) tape.Withhold(new(HoleFrom * 1000), to, Why, 0);
            else tape.Withhold(from, to, Why, 7);
            tape.Tick(to);
        }
        tape.Turn(new(End * 1000L), whole: true);
        return spool;
    }

    private static RedactedInterval Interval(int second)
    {
        var at = new SessionTime(second * 1000L);
        var image = ScreenImage.Rent(Screen, Screen.Bounds);
        image.Fill(Screen.Bounds, 0x00100000u + (uint)(second % 5));
        return new()
        {
            Inputs = [new PointerMoved(at, new(second % 60, 4))],
            Texts = [new TypedText(at, second, $"line {second:000}", false)],
            Elements = [new(at, new("mousepad", null, "Notes", Screen.Bounds), [new(1, -1, "button", $"Save {second:000}", null, null, null, null, default, new(0, 0, 9, 9))], -1)],
            Frames = [new(at, image)],
            Counts = new(1, 1, 0, 0, 0, 0, 0),
        };
    }

    private sealed class Standing(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
