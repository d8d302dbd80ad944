using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Redaction;
using Tutelage.Redaction.Detection;

namespace Tutelage.Recorder.Sending;

/// <summary>Copies a held segment with everything the session has taught since: what turned out to be a secret later is taken out of what came before.</summary>
internal sealed class SecondLook(SessionMemory? memory)
{
    /// <summary>As a redactor fills what it takes out.</summary>
    private const uint Fill = 0x00B4B4B4;

    /// <summary>The shape of every secret: its length would help to guess it.</summary>
    private static readonly TextShape Secret = new(16, TextKind.Secret);

    public void Copy(SegmentReader from, SegmentWriter to)
    {
        foreach (var gap in Gap.Join(from.Gaps)) to.Write(gap);
        var secretRuns = from.Texts.Where(text => IsSecret(text.Text)).Select(text => text.Run).ToHashSet();
        foreach (var input in from.Input) to.Write(input is TypedRun run && secretRuns.Contains(run.Run) ? run with { Shape = Secret, Keystrokes = Secret.Length, Corrected = false } : input);
        foreach (var text in from.Texts)
            if (!secretRuns.Contains(text.Run)) to.Write(text);
        foreach (var task in from.Tasks) to.Write(IsSecret(task.Instruction) ? task with { Instruction = "▮" } : task);

        var covered = new List<(SessionTime Since, List<ScreenRect> Boxes)>();
        foreach (var snapshot in from.Elements)
        {
            var boxes = new List<ScreenRect>();
            to.Write(snapshot with { Elements = snapshot.Elements.Select(element => Masked(element, boxes)).ToList(), Context = Masked(snapshot.Context) });
            covered.Add((snapshot.Time, boxes));
        }
        CopyFrames(from, to, covered);
        to.Complete(from.Health ?? new(default, 0, 0, 0, 0, 0));
    }

    private static void CopyFrames(SegmentReader from, SegmentWriter to, List<(SessionTime Since, List<ScreenRect> Boxes)> covered)
    {
        foreach (var (time, image) in from.Frames)
        {
            using (image)
            {
                // The boxes of the snapshots before and after: the screen may have been ahead of accessibility, or behind it.
                var before = covered.FindLastIndex(snapshot => snapshot.Since <= time);
                var damage = image.Damage;
                for (var index = Math.Max(0, before); index < Math.Min(covered.Count, before + 2); index++)
                    foreach (var box in covered[index].Boxes)
                    {
                        image.Fill(box, Fill);
                        damage = damage.Union(box);
                    }
                if (damage == image.Damage)
                {
                    to.Write(time, image);
                    continue;
                }
                using var wider = image.Copy(damage.Intersect(image.Size.Bounds));
                to.Write(time, wider);
            }
        }
    }

    private RecordedElement Masked(RecordedElement element, List<ScreenRect> boxes)
    {
        var name = element.Name is { } kept && IsSecret(kept);
        var value = element.Value is { } held && IsSecret(held);
        var hint = element.Hint is { } author && memory?.HoldsSecret(author) == true;
        if (!name && !value && !hint) return element;
        boxes.Add(element.Bounds);
        return element with
        {
            Hint = hint ? null : element.Hint,
            Name = name ? null : element.Name,
            NameShape = name ? Secret : element.NameShape,
            Value = value ? null : element.Value,
            ValueShape = value ? Secret : element.ValueShape,
        };
    }

    private RecordedContext Masked(RecordedContext context) => context.Title is { } title && IsSecret(title) ? context with { Title = null } : context;

    private bool IsSecret(string text) => memory?.HoldsSecret(text) == true || TextScan.Find(text).Count > 0;
}
