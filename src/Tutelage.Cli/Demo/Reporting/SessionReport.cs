using System.Text;
using Tutelage.Cli.Demo.Scoring;
using Tutelage.Practice.Participants;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Images;
using Tutelage.Recording.Segments;
using Tutelage.Trajectories;

namespace Tutelage.Cli.Demo.Reporting;

/// <summary>Puts one session's truth beside what was kept of it.</summary>
internal static class SessionReport
{
    /// <summary>Moments shown: enough to scrub through, few enough for one file.</summary>
    private const int MostFrames = 24;

    public static ReportSession Of(DemoSession session, IReadOnlyList<HeldSegment> held, long witnessStartMs, IReadOnlyList<ScoredAction> scored)
    {
        var readers = held.Select(segment => segment.Open()).ToList();
        var gaps = readers.SelectMany(reader => reader.Gaps).OrderBy(gap => gap.Start).Select(gap => new ReportGap(gap.Start.Milliseconds, gap.End.Milliseconds, gap.Reason.ToString())).ToList();
        var witness = OpenWitness(session.WitnessFolder);
        var ahead = witnessStartMs - session.StartMs;
        return new(
            session.Name, session.Tag, readers.Max(reader => reader.Health?.Time.Milliseconds ?? 0), Frames(readers, witness, ahead, gaps), Keys(readers, witness, ahead, gaps), gaps,
            scored.OrderBy(action => action.Done.StartMs).Select(action => new ReportAction(
                action.Done.InOtherApp ? "outside the allow-list" : $"{action.Done.Task}/{action.Done.Seed}", Words(action.Done), action.Found is null ? null : Words(action.Found),
                action.Done.StartMs - session.StartMs, action.Done.InOtherApp)).ToList());
    }

    private static SegmentReader OpenWitness(string folder) => SegmentReader.Open(Enum.GetValues<ContentClass>()
        .ToDictionary(kept => kept, kept => (Stream)new MemoryStream(File.ReadAllBytes(Path.Combine(folder, kept.ToString().ToLowerInvariant() + ".mcap")))));

    /// <summary>Moments spread over the session; at each the last picture of either side that was there by then.</summary>
    private static List<ReportFrame> Frames(IReadOnlyList<SegmentReader> readers, SegmentReader witness, long ahead, IReadOnlyList<ReportGap> gaps)
    {
        var raw = Pictures(witness.Frames, ahead).ToList();
        if (raw.Count == 0) return [];
        var step = Math.Max(1, raw.Count / MostFrames);
        var moments = raw.Where((_, index) => index % step == 0).ToList();
        var kept = Pictures(readers.SelectMany(reader => reader.Frames), 0).ToList();
        return moments.Select(moment =>
        {
            var gap = gaps.FirstOrDefault(gap => gap.StartMs <= moment.Ms && moment.Ms < gap.EndMs)?.Reason;
            var shown = gap is null ? kept.LastOrDefault(picture => picture.Ms <= moment.Ms).Png : null;
            return new ReportFrame(moment.Ms, moment.Png(), shown?.Invoke(), gap);
        }).ToList();
    }

    /// <summary>Pictures are encoded only when they are shown; until then half-size pixels wait.</summary>
    private static IEnumerable<(long Ms, Func<byte[]> Png)> Pictures(IEnumerable<(SessionTime Time, ScreenImage Image)> frames, long shiftMs)
    {
        foreach (var (time, image) in frames)
        {
            using (image)
            {
                var (size, pixels) = Halved(image);
                yield return (time.Milliseconds + shiftMs, () =>
                {
                    var png = new MemoryStream();
                    Png.Write(png, size, pixels);
                    return png.ToArray();
                });
            }
        }
    }

    private static (ScreenSize Size, byte[] Pixels) Halved(ScreenImage image)
    {
        var size = new ScreenSize(image.Size.Width / 2, image.Size.Height / 2);
        var pixels = new byte[size.Width * size.Height * 4];
        var from = image.Pixels;
        for (var y = 0; y < size.Height; y++)
            for (var x = 0; x < size.Width; x++)
                for (var channel = 0; channel < 4; channel++)
                {
                    var at = 2 * y * image.StrideBytes + 2 * x * 4 + channel;
                    pixels[(y * size.Width + x) * 4 + channel] = (byte)((from[at] + from[at + 4] + from[at + image.StrideBytes] + from[at + image.StrideBytes + 4] + 2) / 4);
                }
        return (size, pixels);
    }

    /// <summary>Stretches of keys without a pause of a second, beside what was kept of the same time.</summary>
    private static List<ReportKeys> Keys(IReadOnlyList<SegmentReader> readers, SegmentReader witness, long ahead, IReadOnlyList<ReportGap> gaps)
    {
        var runs = readers.SelectMany(reader => reader.Input).OfType<TypedRun>().ToList();
        var texts = readers.SelectMany(reader => reader.Texts).GroupBy(text => text.Run).ToDictionary(text => text.Key, text => text.First());
        var kept = readers.SelectMany(reader => reader.Input).OfType<KeyChanged>().Where(key => key.Down).ToList();
        var stretches = new List<ReportKeys>();
        var typed = new StringBuilder();
        long first = 0, last = 0;
        foreach (var key in witness.Input.OfType<KeyChanged>().Where(key => key.Down))
        {
            var now = key.Time.Milliseconds + ahead;
            if (typed.Length > 0 && now - last > 1000) Close();
            if (typed.Length == 0) first = now;
            typed.Append(key.Key.Length == 1 ? key.Key : $"[{key.Key}]");
            last = now;
        }
        Close();
        return stretches;

        void Close()
        {
            if (typed.Length == 0) return;
            var mine = runs.Where(run => run.End.Milliseconds >= first - 100 && run.Time.Milliseconds <= last + 100).ToList();
            var shortcuts = kept.Where(key => key.Time.Milliseconds >= first - 100 && key.Time.Milliseconds <= last + 100).Select(key => $"[{key.Key}]");
            var parts = mine.Select(run => texts.TryGetValue(run.Run, out var text) ? text.Text : Words(run.Shape)).Concat(shortcuts).ToList();
            var gap = gaps.FirstOrDefault(gap => gap.StartMs <= first && first < gap.EndMs);
            stretches.Add(new(first, typed.ToString(), parts.Count > 0 ? string.Join(" ", parts) : null, mine.Count > 0 && mine.All(run => texts.ContainsKey(run.Run)), parts.Count > 0 ? null : gap?.Reason));
            typed.Clear();
        }
    }

    private static string Words(TextShape shape) => $"‹{shape.Kind.ToString().ToLowerInvariant()}, up to {shape.Length}›";

    private static string Words(ActorAction done) => done.Kind switch
    {
        ActorActionKind.Type => $"type {(done.Text is { } text ? $"\"{text}\"" : $"{done.TextLength} protected characters")} into {done.Target.Role} \"{done.Target.Name}\"",
        ActorActionKind.Key => $"key {string.Join("+", done.Keys ?? [])}",
        ActorActionKind.Select => $"select \"{done.Option}\" in {done.Target.Role} \"{done.Target.Name}\"",
        ActorActionKind.Scroll => $"scroll {done.Notches} notches",
        _ => $"{done.Kind.ToString().ToLowerInvariant()} {done.Target.Role} \"{done.Target.Name}\"",
    };

    private static string Words(RecordedAction found) => found.Kind switch
    {
        ActionKind.Type => $"type {(found.Text is { } text ? $"\"{text}\"" : found.Shape is { } shape ? Words(shape) : "")} into {Target(found)}",
        ActionKind.Key => $"key {string.Join("+", found.Keys)}",
        ActionKind.Select => $"select {(found.Option is { } option ? $"\"{option}\"" : "‹option›")} in {Target(found)}",
        ActionKind.Scroll => $"scroll {found.ScrollY} notches",
        _ => $"{found.Kind.ToString().ToLowerInvariant()} {Target(found)}",
    };

    private static string Target(RecordedAction found) =>
        found.Target is not { } target ? "?" : $"{target.Role} {(target.Name is { } name ? $"\"{name}\"" : target.NameShape is { } shape ? Words(shape) : "")}";
}
