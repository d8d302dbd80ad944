using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Why an interval was closed.</summary>
internal enum Boundary { Context, Focus, Submit, Idle, Age, TooLong, MemoryFull, Flush }

/// <summary>Events of one context and one focus stretch that wait in RAM for their decision.</summary>
internal sealed class WaitingInterval(DesktopContext context, MonotonicTime start) : IDisposable
{
    public DesktopContext Context { get; } = context;
    public MonotonicTime Start { get; } = start;
    public List<CapturedEvent> Events { get; } = [];
    public long FrameBytes { get; private set; }
    public bool HasTyping { get; private set; }
    public MonotonicTime LastInput { get; private set; } = start;

    /// <summary>Set when it was closed.</summary>
    public MonotonicTime End { get; set; }

    /// <summary>Until when nothing on the screen contradicted it: at or after <see cref="End"/>.</summary>
    public MonotonicTime SettledAt { get; set; }

    public Boundary Boundary { get; set; }

    /// <summary>The first tree of the same window after the interval, while it settles.</summary>
    public CapturedElements? TreeAfter { get; set; }

    public int InputCount { get; private set; }

    public void Add(CapturedEvent captured)
    {
        Events.Add(captured);
        switch (captured)
        {
            case CapturedFrame frame:
                FrameBytes += (long)frame.Image.StrideBytes * frame.Image.Size.Height;
                break;
            case CapturedKey key:
                (LastInput, InputCount) = (key.Time, InputCount + 1);
                HasTyping |= key.Text is { Length: > 0 } || key.Key is "BackSpace" or "Delete";
                break;
            case CapturedMove or CapturedButton or CapturedScroll:
                (LastInput, InputCount) = (captured.Time, InputCount + 1);
                break;
        }
    }

    /// <summary>Lets go of every second frame, but for the first, the last, and those right before a press: frames are samples, input is not.</summary>
    public void ThinFrames()
    {
        var frames = Enumerable.Range(0, Events.Count).Where(index => Events[index] is CapturedFrame).ToList();
        var carried = default(ScreenRect);
        var kept = new List<CapturedEvent>(Events.Count);
        for (var index = 0; index < Events.Count; index++)
        {
            if (Events[index] is not CapturedFrame frame)
            {
                kept.Add(Events[index]);
                continue;
            }
            var order = frames.IndexOf(index);
            var beforePress = index + 1 < Events.Count && Events[index + 1] is CapturedButton or CapturedKey;
            if (order % 2 == 1 && order < frames.Count - 1 && !beforePress)
            {
                carried = carried.Union(frame.Image.Damage);
                FrameBytes -= (long)frame.Image.StrideBytes * frame.Image.Size.Height;
                frame.Image.Dispose();
                continue;
            }
            if (!carried.IsEmpty)
            {
                // What the dropped frame changed is still a change for the next one.
                var copy = frame.Image.Copy(carried.Union(frame.Image.Damage));
                frame.Image.Dispose();
                kept.Add(new CapturedFrame(frame.Time, copy));
                carried = default;
            }
            else kept.Add(frame);
        }
        Events.Clear();
        Events.AddRange(kept);
    }

    /// <summary>Lets go of the pixels; the caller has taken the events or drops them.</summary>
    public void Dispose()
    {
        foreach (var captured in Events)
            if (captured is CapturedFrame frame) frame.Image.Dispose();
        Events.Clear();
    }
}
