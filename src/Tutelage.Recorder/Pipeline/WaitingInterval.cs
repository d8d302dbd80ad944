using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Why an interval was closed.</summary>
internal enum Boundary { Context, Focus, Press, Submit, Idle, Age, TooLong, Lost, Flush }

/// <summary>Events of one context and one focus stretch that wait in RAM for their decision.</summary>
internal sealed class WaitingInterval(DesktopContext context, MonotonicTime start) : IDisposable
{
    /// <summary>Changes this close to each other, in pixels, belong to one region (as in frame redaction).</summary>
    private const int Margin = 8;

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(Redaction.Redactor.SettleMs);

    private MonotonicTime? _paintedOver;

    public DesktopContext Context { get; } = context;
    public MonotonicTime Start { get; } = start;
    public List<CapturedEvent> Events { get; } = [];
    public int FrameCount { get; private set; }
    public long FrameBytes { get; private set; }
    public bool HasTyping { get; private set; }
    public MonotonicTime LastInput { get; private set; } = start;
    public MonotonicTime LastTyping { get; private set; } = start;

    /// <summary>Set when it was closed.</summary>
    public MonotonicTime End { get; private set; }

    /// <summary>Until when nothing on the screen contradicted it: at or after <see cref="End"/>.</summary>
    public MonotonicTime SettledAt { get; private set; }

    public Boundary Boundary { get; private set; }

    /// <summary>The first tree of the same window after the interval, while it settles.</summary>
    public CapturedElements? TreeAfter { get; set; }

    public int InputCount { get; private set; }

    public void Add(CapturedEvent captured)
    {
        Events.Add(captured);
        switch (captured)
        {
            case CapturedFrame frame:
                (FrameCount, FrameBytes) = (FrameCount + 1, FrameBytes + BytesOf(frame));
                break;
            case CapturedKey key:
                (LastInput, InputCount) = (key.Time, InputCount + 1);
                if (!WritesText(key)) break;
                (HasTyping, LastTyping) = (true, key.Time);
                break;
            case CapturedMove or CapturedButton or CapturedScroll:
                (LastInput, InputCount) = (captured.Time, InputCount + 1);
                break;
        }
    }

    public void Close(MonotonicTime end, Boundary boundary) => (End, SettledAt, Boundary) = (end, end, boundary);

    /// <summary>Nothing came that speaks against the last frames until <paramref name="now"/>, or until the frame that painted over them.</summary>
    public void SettleUntil(MonotonicTime now) => SettledAt = _paintedOver is { } painted && painted < now ? (painted > End ? painted : End) : now;

    /// <summary>A later frame: what it changed tells nothing about these frames any more.</summary>
    public void SeeLater(CapturedFrame later)
    {
        if (_paintedOver is not null) return;
        var young = default(ScreenRect);
        for (var index = Events.Count - 1; index >= 0 && End - Events[index].Time < Settle; index--)
            if (Events[index] is CapturedFrame frame) young = young.Union(frame.Image.Damage);
        if (later.Image.Damage.Inflate(Margin).Intersects(young)) _paintedOver = later.Time;
    }

    /// <summary>Lets go of frames until at most <paramref name="most"/> are left: every second one, those right before a press and the last one longest.</summary>
    /// <remarks>Frames are samples, input is not. What a dropped frame changed is still a change for the next one.</remarks>
    public void ThinFrames(int most)
    {
        while (FrameCount > Math.Max(1, most))
            if (!DropFrames((order, last, beforePress) => order % 2 == 1 && !last && !beforePress) && !DropFrames((order, last, _) => order % 2 == 0 && !last)) return;
    }

    /// <summary>Lets go of every frame.</summary>
    /// <returns>What they changed: a change still for the next frame that is kept.</returns>
    public ScreenRect DropAllFrames()
    {
        var carried = default(ScreenRect);
        foreach (var captured in Events)
        {
            if (captured is not CapturedFrame frame) continue;
            carried = carried.Union(frame.Image.Damage);
            frame.Image.Dispose();
        }
        Events.RemoveAll(captured => captured is CapturedFrame);
        (FrameCount, FrameBytes) = (0, 0);
        return carried;
    }

    /// <summary>The first frame shows <paramref name="missed"/> as changed, too.</summary>
    /// <returns>False if there is no frame.</returns>
    public bool Carry(ScreenRect missed)
    {
        var index = Events.FindIndex(captured => captured is CapturedFrame);
        if (index < 0) return false;
        if (missed.IsEmpty) return true;
        var frame = (CapturedFrame)Events[index];
        Events[index] = new CapturedFrame(frame.Time, frame.Image.WithDamage(frame.Image.Damage.Union(missed).Intersect(frame.Image.Size.Bounds)));
        return true;
    }

    /// <summary>Lets go of the pixels; the caller has taken the events or drops them.</summary>
    public void Dispose()
    {
        foreach (var captured in Events)
            if (captured is CapturedFrame frame) frame.Image.Dispose();
        Events.Clear();
        (FrameCount, FrameBytes) = (0, 0);
    }

    public static bool WritesText(CapturedKey key) => key.Text is { Length: > 0 } || key.Key is "BackSpace" or "Delete";

    private bool DropFrames(Func<int, bool, bool, bool> drops)
    {
        var (order, count, carried) = (0, FrameCount, default(ScreenRect));
        var kept = new List<CapturedEvent>(Events.Count);
        for (var index = 0; index < Events.Count; index++)
        {
            if (Events[index] is not CapturedFrame frame)
            {
                kept.Add(Events[index]);
                continue;
            }
            var beforePress = index + 1 < Events.Count && Events[index + 1] is CapturedButton or CapturedKey;
            var dropped = drops(order, order == count - 1, beforePress);
            order++;
            if (dropped)
            {
                carried = carried.Union(frame.Image.Damage);
                (FrameCount, FrameBytes) = (FrameCount - 1, FrameBytes - BytesOf(frame));
                frame.Image.Dispose();
            }
            else if (carried.IsEmpty) kept.Add(frame);
            else
            {
                kept.Add(new CapturedFrame(frame.Time, frame.Image.WithDamage(carried.Union(frame.Image.Damage))));
                carried = default;
            }
        }
        Events.Clear();
        Events.AddRange(kept);
        return FrameCount < count;
    }

    private static long BytesOf(CapturedFrame frame) => (long)frame.Image.StrideBytes * frame.Image.Size.Height;
}
