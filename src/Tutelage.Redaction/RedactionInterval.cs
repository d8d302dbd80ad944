using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction;

/// <summary>What one decision covers: the events of one context and one focus stretch, oldest first.</summary>
/// <param name="Context">The context that the gate decided about.</param>
/// <param name="Events">In order of time. Frames in it are owned by <see cref="Redactor.Redact"/> from the call on, whatever comes of it.</param>
/// <param name="End">When the interval was closed, at or after its last event.</param>
/// <param name="TreeAfter">The first tree of the same window seen after <paramref name="End"/>, if the recorder could wait for one.
/// A frame without a tree after it, taken less than <see cref="Redactor.SettleMs"/> before the end, has its changed part filled: the layout may have changed with it.</param>
/// <param name="EndsInPress">A button was pressed at <paramref name="End"/>: what has the focus afterwards is not where the keys before it went.</param>
public sealed record RedactionInterval(DesktopContext Context, IReadOnlyList<CapturedEvent> Events, MonotonicTime End, CapturedElements? TreeAfter = null, bool EndsInPress = false)
{
    public override string ToString() => $"{nameof(RedactionInterval)} of {Events.Count} events";
}
