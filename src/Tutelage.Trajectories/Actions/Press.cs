using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>A button that is down: where, since when, and how far the pointer has been since.</summary>
internal sealed class Press(ButtonChanged down, ActionDraft draft)
{
    private int _reach;

    public PointerButton Button { get; } = down.Button;
    public SessionTime Time { get; } = down.Time;
    public ScreenPoint Down { get; } = down.Position;
    public ActionDraft Draft { get; } = draft;
    public EventSpans Events { get; } = new();
    public List<ScreenPoint> Path { get; } = [down.Position];

    /// <summary>It counts on a click before it.</summary>
    public bool Repeats { get; init; }

    public void Reach(ScreenPoint position)
    {
        _reach = Math.Max(_reach, Distance(position));
        if (Path[^1] != position) Path.Add(position);
    }

    /// <summary>Released elsewhere, or back at its beginning after a way that no trembling hand goes.</summary>
    public bool IsDrag(ScreenPoint released, int clickRadius) => Distance(released) > clickRadius || _reach > 3 * clickRadius;

    private int Distance(ScreenPoint position) => Math.Max(Math.Abs(position.X - Down.X), Math.Abs(position.Y - Down.Y));
}
