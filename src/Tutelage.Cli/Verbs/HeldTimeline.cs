using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Cli.Verbs;

/// <summary>One line of a segment as its owner reads it.</summary>
/// <param name="TimeMs">Since the session began.</param>
internal sealed record HeldMoment(long TimeMs, string Kind, string What);

/// <summary>A segment in reading order: what the hands did and where, what was kept of text, what is missing and why.</summary>
internal static class HeldTimeline
{
    public static IReadOnlyList<HeldMoment> Of(SegmentReader segment)
    {
        var elements = new ElementNames(segment.Elements);
        var texts = segment.Texts.ToDictionary(text => text.Run, text => text);
        var moments = new List<HeldMoment>();
        moments.AddRange(segment.Tasks.Select(task => new HeldMoment(task.Time.Milliseconds, "task", task.Ended ? $"ended: {task.Instruction}" : $"begun: {task.Instruction}")));
        moments.AddRange(Contexts(segment.Elements));
        moments.AddRange(Pointer(segment.Input));
        moments.AddRange(segment.Input.Where(input => input is not PointerMoved).Select(input => Input(input, elements, texts)).OfType<HeldMoment>());
        moments.AddRange(Gap.Join(segment.Gaps).Select(gap => new HeldMoment(gap.Start.Milliseconds, "gap", gap.End > gap.Start ? $"{gap.Reason} for {Output.Length(gap.End - gap.Start)}" : gap.Reason.ToString())));
        moments.AddRange(Frames(segment));
        if (segment.Health is { } health) moments.Add(new(health.Time.Milliseconds, "end", $"{health.Seen} events seen, {health.Kept} kept, {health.Withheld} withheld, {health.Lost} lost, {health.Frames} frames"));
        return moments.OrderBy(moment => moment.TimeMs).ToList();
    }

    /// <summary>When a held segment was worked at; null if it cannot be read. Sessions begin on the minute, so it may have ended a minute later than they say.</summary>
    public static (DateTimeOffset From, DateTimeOffset To)? WorkedAt(SpoolFolder spool, string id)
    {
        try
        {
            using var opened = spool.Open(id);
            return opened.Read(segment => segment.Health is { } health
                ? (segment.Opening.StartedUtc.AddMilliseconds(Extent(segment).First), segment.Opening.StartedUtc.AddMinutes(1).AddMilliseconds(health.Time.Milliseconds))
                : default((DateTimeOffset, DateTimeOffset)?));
        }
        catch (Exception unreadable) when (unreadable is SegmentDamagedException or DayKeyMissingException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>First and last time of anything in the segment but frames, in ms of the session.</summary>
    public static (long First, long Last) Extent(SegmentReader segment)
    {
        var times = segment.Input.Select(input => input.Time).Concat(segment.Elements.Select(snapshot => snapshot.Time))
            .Concat(segment.Texts.Select(text => text.Time)).Concat(segment.Gaps.SelectMany(gap => new[] { gap.Start, gap.End })).ToList();
        if (segment.Health is { } health) times.Add(health.Time);
        // Every later segment tells again of the task that goes on, with the time it began at, which is not this segment's.
        var isFirst = segment.Opening.Number == 0;
        times.AddRange(segment.Tasks.Select(task => task.Time).Where(time => isFirst || times.Exists(other => other <= time)).ToList());
        return times.Count == 0 ? (0, 0) : (times.Min().Milliseconds, times.Max().Milliseconds);
    }

    /// <summary>A new line where the context changes; snapshots between are many and alike.</summary>
    private static IEnumerable<HeldMoment> Contexts(IReadOnlyList<ElementSnapshot> snapshots)
    {
        RecordedContext? before = null;
        foreach (var snapshot in snapshots)
        {
            var context = snapshot.Context;
            if (before is not null && before.App == context.App && before.Site == context.Site && before.Title == context.Title) continue;
            before = context;
            yield return new(snapshot.Time.Milliseconds, "context", $"{context.App}{(context.Site is { } site ? " at " + site : "")}{(context.Title is { } title ? $", title \"{title}\"" : "")}; {snapshot.Elements.Count} elements");
        }
    }

    /// <summary>Moves without anything else between them are one path.</summary>
    private static IEnumerable<HeldMoment> Pointer(IReadOnlyList<InputEvent> input)
    {
        for (var at = 0; at < input.Count; at++)
        {
            if (input[at] is not PointerMoved first) continue;
            var last = at;
            while (last + 1 < input.Count && input[last + 1] is PointerMoved) last++;
            var to = ((PointerMoved)input[last]).Position;
            yield return new(first.Time.Milliseconds, "pointer", $"{last - at + 1} {(last == at ? "point" : "points")} to {to.X},{to.Y}");
            at = last;
        }
    }

    private static HeldMoment? Input(InputEvent input, ElementNames elements, Dictionary<int, TypedText> texts) => input switch
    {
        ButtonChanged { Down: true } button => new(button.Time.Milliseconds, "press", $"{With(button.Modifiers)}{button.Button.ToString().ToLowerInvariant()} at {button.Position.X},{button.Position.Y}{elements.At(button.Position, button.Time)}"),
        ButtonChanged button => new(button.Time.Milliseconds, "release", $"{button.Button.ToString().ToLowerInvariant()} at {button.Position.X},{button.Position.Y}"),
        Scrolled scroll => new(scroll.Time.Milliseconds, "scroll", $"{With(scroll.Modifiers)}{scroll.Dx},{scroll.Dy} notches at {scroll.Position.X},{scroll.Position.Y}"),
        KeyChanged { Down: true } key => new(key.Time.Milliseconds, "key", With(key.Modifiers) + key.Key),
        TypedRun run => new(run.Time.Milliseconds, "typed", Typed(run, texts.GetValueOrDefault(run.Run)) + elements.Of(run.ElementId)),
        _ => null,
    };

    private static string Typed(TypedRun run, TypedText? text) => text is null
        ? $"shape only: {run.Shape.Kind.ToString().ToLowerInvariant()}, up to {run.Shape.Length} characters{(run.Shape.Source == TextSource.Unknown ? "" : $", copied from {run.Shape.Source.ToString().ToLowerInvariant()}")}"
        : $"kept{(text.Surrogate ? " as a stand-in" : "")}: \"{text.Text}\"";

    private static IEnumerable<HeldMoment> Frames(SegmentReader segment)
    {
        foreach (var (time, image) in segment.Frames)
        {
            using (image) yield return new(time.Milliseconds, "frame", $"{image.Size.Width}x{image.Size.Height}, changed {image.Damage.Width}x{image.Damage.Height} at {image.Damage.X},{image.Damage.Y}");
        }
    }

    private static string With(KeyModifiers modifiers) =>
        modifiers == KeyModifiers.None ? "" : string.Concat(Enum.GetValues<KeyModifiers>().Where(held => held != KeyModifiers.None && modifiers.HasFlag(held)).Select(held => held.ToString().ToLowerInvariant() + "+"));

    /// <summary>Says which element something happened to, as far as its name was kept.</summary>
    private sealed class ElementNames(IReadOnlyList<ElementSnapshot> snapshots)
    {
        private readonly Dictionary<int, RecordedElement> _byId = snapshots.SelectMany(snapshot => snapshot.Elements).GroupBy(element => element.Id).ToDictionary(same => same.Key, same => same.Last());

        public string Of(int id) => _byId.TryGetValue(id, out var element) ? " in " + Words(element) : "";

        public string At(ScreenPoint point, SessionTime time)
        {
            var snapshot = snapshots.LastOrDefault(snapshot => snapshot.Time <= time);
            var element = snapshot?.Elements.Where(element => element.Bounds.Contains(point)).OrderBy(element => element.Bounds.Area).FirstOrDefault();
            return element is null ? "" : " on " + Words(element);
        }

        private static string Words(RecordedElement element) => element.Name is { } name ? $"{element.Role} \"{name}\"" : element.NameShape is null ? element.Role : $"{element.Role} (name not kept)";
    }
}
