using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Redaction.Detection;
using Tutelage.Redaction.Interface;
using Tutelage.Redaction.Ocr;
using Tutelage.Redaction.Pixels;
using Tutelage.Redaction.Typing;

namespace Tutelage.Redaction;

/// <summary>Turns one interval of captured events into what may be stored.</summary>
/// <remarks>
/// First everything in the interval is read by the detectors and remembered, keys, titles and element text alike; only then is anything decided, so
/// that one decision covers all of them and the pixels. Not thread-safe together with the same memory.
/// </remarks>
/// <param name="detectors">Default: <see cref="DetectorSet.Standard"/>.</param>
/// <param name="ocr">If given, frames are read a second time; not for live recording. Owned by the caller.</param>
public sealed class Redactor(DetectorSet? detectors = null, OcrEngine? ocr = null)
{
    /// <summary>Accessibility follows the screen by up to this long (Chromium batches its updates); younger trees are not believed alone.</summary>
    public const int SettleMs = 500;

    /// <summary>Name and version of the rules, for <c>SegmentOpening.Redactor</c>.</summary>
    public const string Version = "tutelage-redaction/1";

    private readonly DetectorSet _detectors = detectors ?? DetectorSet.Standard;

    /// <summary>Decides about keys, pixels, titles and element text together. Takes over the frames of <paramref name="interval"/>.</summary>
    public RedactedInterval Redact(RedactionInterval interval, RedactionPolicy policy, SessionMemory memory)
    {
        var frames = interval.Events.OfType<CapturedFrame>().ToList();
        try
        {
            return Decide(interval, frames, policy, memory);
        }
        catch (DetectorFailedException)
        {
            foreach (var frame in frames) frame.Image.Dispose();
            memory.Screen.Doubtful = new(0, 0, int.MaxValue / 2, int.MaxValue / 2);
            var start = Time(interval.Events.Count > 0 ? interval.Events[0].Time : interval.End, policy, memory);
            return new()
            {
                Gaps = [new(start, Time(interval.End, policy, memory), GapReason.DetectorFailed)],
                Withheld = GapReason.DetectorFailed,
                Counts = new(interval.Events.Count(IsInput), 0, 0, 0, frames.Count, frames.Count, 0),
            };
        }
    }

    private RedactedInterval Decide(RedactionInterval interval, List<CapturedFrame> frames, RedactionPolicy policy, SessionMemory memory)
    {
        var window = interval.Context.Window;
        var own = interval.Events.OfType<CapturedElements>().Where(tree => tree.Tree.Context.Window == window).ToList();
        List<CapturedElements> trees = [.. own];
        if (memory.LastTree(window) is { } before) trees.Insert(0, before);
        if (interval.TreeAfter is { } after && after.Tree.Context.Window == window) trees.Add(after);

        var inputs = new List<(MonotonicTime Time, InputEvent Event)>();
        var gaps = new List<Gap>();
        var (script, kept) = ReadInput(interval, trees, policy, memory, inputs, gaps);
        var masked = new HashSet<MaskedPart>();
        var findings = Learn(trees, script.Runs, interval.Context, memory, masked, out var secretRuns);

        var shapes = new TextShapes(policy.Instruction);
        var texts = new List<TypedText>();
        foreach (var (run, isSecret) in script.Runs.Zip(secretRuns)) AddRun(run, isSecret, trees, policy, memory, shapes, inputs, texts);

        var readings = trees.ConvertAll(tree => TreeReading.Read(tree, policy, memory, masked));
        var known = memory.ContentCount;
        foreach (var reading in readings) reading.TeachContent(memory);
        if (memory.ContentCount != known) readings = trees.ConvertAll(tree => TreeReading.Read(tree, policy, memory, masked));
        var snapshots = readings.Where(reading => own.Contains(reading.Source, ReferenceEqualityComparer.Instance))
            .Select(reading => Snapshots.Of(reading, Time(reading.Time, policy, memory), policy, shapes, memory)).ToList();

        var (images, withheld, filled) = RedactFrames(interval, frames, readings, policy, memory, masked);
        foreach (var reading in readings) reading.TeachInterface(memory);
        foreach (var tree in own) memory.Remember(tree);
        if (interval.TreeAfter is { } last) memory.Remember(last);

        return new()
        {
            Inputs = [.. inputs.OrderBy(entry => entry.Time).Select(entry => entry.Event)],
            Texts = texts,
            Elements = snapshots,
            Frames = images,
            Gaps = gaps,
            Counts = new(interval.Events.Count(IsInput), kept + script.Accounted, script.Runs.Count, findings, frames.Count, withheld, filled),
        };
    }

    private static (KeyScript Script, int Kept) ReadInput(
        RedactionInterval interval, List<CapturedElements> trees, RedactionPolicy policy, SessionMemory memory, List<(MonotonicTime, InputEvent)> inputs, List<Gap> gaps)
    {
        List<MonotonicTime> moves = [memory.LastFocusMove, .. interval.Events.Where(MovesFocus).Select(captured => captured.Time)];
        var focuses = interval.Events.OfType<CapturedFocus>();
        if (memory.LastFocus is { } before) focuses = focuses.Prepend(before);
        var trail = new FocusTrail(trees, moves, [.. focuses.Where(focus => focus.Window == interval.Context.Window)], interval.EndsInPress ? interval.End : null);
        var script = new KeyScript(trail, memory.KeysDown);
        var kept = 0;
        foreach (var captured in interval.Events)
        {
            var time = Time(captured.Time, policy, memory);
            InputEvent? input = null;
            switch (captured)
            {
                case CapturedKey key:
                    script.Add(key);
                    break;
                case CapturedMove move:
                    input = new PointerMoved(time, move.Position);
                    break;
                case CapturedButton button:
                    if (button.Down) script.Close();
                    input = new ButtonChanged(time, button.Button, button.Down, button.Position, button.Modifiers);
                    break;
                case CapturedScroll scroll:
                    input = new Scrolled(time, scroll.Dx, scroll.Dy, scroll.Position, scroll.Modifiers);
                    break;
                case CapturedContext:
                    script.Close();
                    break;
                case CapturedFault fault:
                    gaps.Add(new(time, time, fault.Reason));
                    break;
            }

            if (input is null) continue;
            kept++;
            inputs.Add((captured.Time, input));
        }

        script.Close();
        memory.LastFocusMove = moves[^1];
        memory.LastFocus = interval.Events.OfType<CapturedFocus>().LastOrDefault() ?? memory.LastFocus;
        inputs.AddRange(script.Kept.Select(key => (key.Time, (InputEvent)new KeyChanged(Time(key.Time, policy, memory), key.Key, key.Modifiers, key.Down))));
        return (script, kept);
    }

    /// <summary>Reads everything before anything is decided.</summary>
    private int Learn(
        List<CapturedElements> trees, List<RawRun> runs, DesktopContext context, SessionMemory memory, HashSet<MaskedPart> masked, out List<bool> secretRuns)
    {
        secretRuns = [];
        var found = 0;
        foreach (var run in runs)
        {
            var before = found;
            found += Remember(run.Text) + Remember(run.Raw) + (run.Observed is { } value ? Remember(value) : 0);
            var joined = memory.TypedTail + " " + run.Text;
            found += memory.TypedTail.Length == 0 ? 0 : _detectors.Find(joined).Count(finding => finding.End > memory.TypedTail.Length + 1);
            var unknown = run.Target.Element is null || run.Target.IsProtected;
            if (unknown)
            {
                memory.RememberSecret(run.Text);
                memory.RememberSecret(run.Raw);
            }
            else memory.TypedTail = joined.Length > 64 ? joined[^64..] : joined;

            var isSecret = unknown || found > before || memory.HoldsSecret(run.Text) || memory.HoldsSecret(run.Raw);
            secretRuns.Add(isSecret);
            if (isSecret && run.Target.Element is { } element) masked.Add(new(element.Id, false));
        }

        if (context.Title is { } title) found += Remember(title);
        foreach (var tree in trees) found += TreeReading.Learn(tree, _detectors, memory, masked);
        return found;

        int Remember(string text)
        {
            var findings = _detectors.Find(text);
            foreach (var finding in findings) memory.RememberSecret(text.Substring(finding.Start, finding.Length));
            return findings.Count;
        }
    }

    private static void AddRun(
        RawRun run, bool isSecret, List<CapturedElements> trees, RedactionPolicy policy, SessionMemory memory, TextShapes shapes, List<(MonotonicTime, InputEvent)> inputs, List<TypedText> texts)
    {
        var number = memory.NextRun++;
        var element = run.Target.Element;
        var treatment = isSecret || element is null || !run.IsCertain ? TextTreatment.Shape : policy.TreatmentOf(element);
        var words = TextShapes.WordCount(run.Observed ?? run.Text);
        if (treatment != TextTreatment.Shape && words > TextShapes.MostWords && element!.States.HasFlag(ElementStates.MultiLine)) treatment = TextTreatment.Shape;
        if (treatment != TextTreatment.Shape && run.Text.Length > 1024) treatment = TextTreatment.Shape;

        var known = element is not null && !run.Target.IsProtected;
        var shape = isSecret ? (known || run.Target.IsProtected ? TextShapes.Secret : new(TextShapes.Secret.Length, TextKind.Unknown)) : WithSource(shapes.Of(run.Text), run, trees);
        var keystrokes = isSecret ? TextShapes.Secret.Length : TextShape.LengthClassOf(run.Keystrokes);
        var start = Time(run.Time, policy, memory);
        inputs.Add((run.Time, new TypedRun(start, Time(run.End, policy, memory), number, element?.Id ?? -1, shape, keystrokes, !isSecret && run.Corrected)));
        if (treatment == TextTreatment.Kept) texts.Add(new(start, number, run.Text, Surrogate: false));
        if (treatment == TextTreatment.Surrogate) texts.Add(new(start, number, memory.Surrogates.For(run.Text), Surrogate: true));
        if (known && !isSecret && run.Target.IsEditable && treatment != TextTreatment.Kept && !trees.Exists(tree => IsChoice(tree, run.Text))) memory.RememberContent(run.Text, typed: true);
    }

    /// <summary>Typing that picks one of the choices on the screen is not a person's own words.</summary>
    private static bool IsChoice(CapturedElements tree, string text) =>
        tree.Tree.Elements.Take(TreeReading.MaxElements).Any(element => element.Role is "option" or "menuitem" && element.Name?.StartsWith(text, StringComparison.OrdinalIgnoreCase) == true);

    private static TextShape WithSource(TextShape shape, RawRun run, List<CapturedElements> trees)
    {
        if (shape.Source != TextSource.Unknown || run.Text.Length < 3 || trees.Count == 0) return shape;
        var compact = NormalisedText.Compact(run.Text);
        if (compact.Length < 3) return shape;
        var source = trees.Where(tree => tree.Time <= run.Time).Append(trees[0]).Reverse().SelectMany(tree => tree.Tree.Elements.Take(TreeReading.MaxElements))
            .FirstOrDefault(element => element.Id != run.Target.Element?.Id && (Same(element.Value) || Same(element.Name)));
        return source is null ? shape : shape with { Source = TextSource.Element, SourceStart = source.Id };

        bool Same(string? text) => text is not null && text.Length >= run.Text.Trim().Length && text.Length <= run.Text.Length * 2 + 8 && NormalisedText.Compact(text) == compact;
    }

    private (List<RedactedFrame> Frames, int Withheld, long Filled) RedactFrames(
        RedactionInterval interval, List<CapturedFrame> frames, List<TreeReading> readings, RedactionPolicy policy, SessionMemory memory, HashSet<MaskedPart> masked)
    {
        var redaction = new FrameRedaction(memory.Screen, ocr is null ? null : new(ocr, _detectors, memory));
        var images = new List<RedactedFrame>();
        var done = 0;
        try
        {
            for (; done < frames.Count; done++)
            {
                var frame = frames[done];
                if (policy.Mode == RedactionMode.Shape)
                {
                    frame.Image.Dispose();
                    memory.Screen.Doubtful = frame.Image.Size.Bounds;
                    continue;
                }

                var touchedNext = frames.Skip(done + 1).FirstOrDefault(later => later.Image.Damage.Inflate(SettleMargin).Intersects(frame.Image.Damage))?.Time ?? interval.End;
                var image = redaction.Redact(frame, readings, touchedNext, interval.Context.Bounds, masked);
                if (image is null) memory.Screen.Doubtful = frame.Image.Size.Bounds;
                else images.Add(new(Time(frame.Time, policy, memory), image));
            }
        }
        catch
        {
            foreach (var frame in frames.Skip(done)) frame.Image.Dispose();
            foreach (var image in images) image.Image.Dispose();
            throw;
        }

        return (images, frames.Count - images.Count, redaction.FilledPixels);
    }

    /// <summary>Changes this close to each other, in pixels, belong to one region.</summary>
    private const int SettleMargin = 8;

    private static bool IsInput(CapturedEvent captured) => captured is CapturedMove or CapturedButton or CapturedScroll or CapturedKey;

    /// <summary>True for what may move the keyboard focus. Editing shortcuts and the arrows do not.</summary>
    private static bool MovesFocus(CapturedEvent captured) => captured switch
    {
        CapturedButton { Down: true } or CapturedContext => true,
        CapturedKey { Down: true } key => key.Text is null or "\r" or "\n" or "\t" or "\u001b" && (KeyNames.Named(key.Key) is { } named
            ? named is "tab" or "enter" or "escape" or "menu" || named.Length > 1 && named[0] == 'f' && char.IsDigit(named[1]) || named.StartsWith("xf86", StringComparison.Ordinal)
              || ((key.Modifiers & KeyNames.Command) != KeyModifiers.None && named is not ("backspace" or "delete" or "left" or "right" or "home" or "end" or "up" or "down" or "insert"))
            : (key.Modifiers & KeyNames.Command) != KeyModifiers.None && !((key.Modifiers & KeyNames.Command) == KeyModifiers.Control && key.Key is "a" or "c" or "v" or "x" or "z" or "y" or "A" or "C" or "V" or "X" or "Z" or "Y")),
        _ => false,
    };

    private static SessionTime Time(MonotonicTime time, RedactionPolicy policy, SessionMemory memory)
    {
        var milliseconds = Math.Max(0, (time.Nanoseconds - memory.SessionStart.Nanoseconds) / 1_000_000);
        var quantum = Math.Clamp(policy.QuantumMs, 1, 10_000);
        return new(milliseconds / quantum * quantum);
    }
}
