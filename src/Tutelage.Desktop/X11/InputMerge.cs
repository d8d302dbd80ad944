namespace Tutelage.Desktop.X11;

/// <summary>One device event as the server processed it.</summary>
/// <param name="Type">KeyPress to MotionNotify of the core protocol.</param>
/// <param name="Detail">Keycode or button, 0 for motion.</param>
/// <param name="State">Modifiers, buttons and layout group before the event.</param>
internal readonly record struct DeviceEvent(int Type, byte Detail, uint TimeMs, int X, int Y, ushort State);

/// <summary>The same event as XInput2 announced it.</summary>
/// <param name="X">First valuator as the device sent it: an absolute pixel for XTEST and such, a distance for a mouse; null if it has none.</param>
internal readonly record struct RawEvent(int Type, byte Detail, uint TimeMs, int Source, double? X, double? Y);

/// <summary>Makes one exact stream of two: raw events, which are complete, and RECORD's, which know everything but may miss some.</summary>
/// <remarks>
/// <para>
/// RECORD's device events carry the pointer's position, the modifiers, auto-repeats and warps. But X.Org drops single ones when their
/// reader is so late that the socket is full (measured on 21.1 with a reader that was stopped for 0.3 s at 25,000 events a second: 1 to 240 of 40,000; XInput2's
/// raw events: none). So each raw event waits for its counterpart, which has the same type, detail and time (or, seen under load, a time a millisecond later). If RECORD went past it, the
/// counterpart was dropped: a key or button is made up for from the raw event with the modifiers and position around it, a motion too if its
/// device sends absolute pixels. A motion of which only the distance is known is counted in <see cref="LostMotions"/>.
/// </para>
/// <para>Pure and single-threaded. If it is wrong, keys are lost or doubled.</para>
/// </remarks>
internal sealed class InputMerge
{
    private const int MaxUnclaimed = 4_096;

    /// <summary>How far the times of one event may be apart. The same key or button cannot go down twice within it.</summary>
    private const int MaxSkewMs = 2;

    private readonly LinkedList<RawEvent> _unmatched = new();
    private readonly LinkedList<DeviceEvent> _unclaimed = new();

    // Made up for without proof that RECORD went past them: a counterpart that comes late after all is not reported again.
    private readonly LinkedList<RawEvent> _givenUp = new();

    // Motions that cannot be placed and are lost unless their counterpart comes late.
    private readonly LinkedList<RawEvent> _missing = new();
    private readonly HashSet<int> _absolute = [];
    private int _x, _y;

    /// <summary>Complete so far, oldest first.</summary>
    public Queue<DeviceEvent> Ready { get; } = new();

    /// <summary>Motions that RECORD dropped and raw events could not place. Counted since the beginning.</summary>
    public long LostMotions { get; private set; }

    /// <summary>Events that were made up for from their raw event.</summary>
    public long Restored { get; private set; }

    /// <summary>Some raw event still waits for its counterpart.</summary>
    public bool IsWaiting => _unmatched.Count > 0;

    public void Add(RawEvent raw)
    {
        // RECORD may have been read first.
        if (Find(_unclaimed, recorded => recorded.TimeMs == raw.TimeMs && IsSame(raw, recorded)) is { } counterpart)
        {
            Learn(raw, counterpart.Value);
            _unclaimed.Remove(counterpart);
            return;
        }

        _unmatched.AddLast(raw);
    }

    public void Add(DeviceEvent recorded)
    {
        if (Take(_givenUp, recorded)) return;
        if (Take(_missing, recorded))
        {
            Pass(recorded);
            return;
        }

        CountMissing(recorded.TimeMs);
        var match = Counterpart(_unmatched, recorded);
        if (match is null)
        {
            // A repeat, a warp, or a raw event that is yet to be read. What is older than it was passed over.
            RestoreWhile(raw => Earlier(raw.TimeMs, recorded.TimeMs), recorded.State);
            _unclaimed.AddLast(recorded);
            if (_unclaimed.Count > MaxUnclaimed) _unclaimed.RemoveFirst();
        }
        else
        {
            while (_unmatched.First != match) Restore(recorded.State);
            Learn(match.Value, recorded);
            _unmatched.RemoveFirst();
        }

        Pass(recorded);
    }

    /// <summary>No counterpart will come any more for raw events up to and including <paramref name="untilMs"/>.</summary>
    /// <param name="state">The modifiers of now.</param>
    public void GiveUp(uint untilMs, ushort state) => GiveUpWhile(raw => !Earlier(untilMs, raw.TimeMs), state);

    public void GiveUp(ushort state) => GiveUpWhile(_ => true, state);

    /// <summary>Forgets what waits: reading was stopped.</summary>
    public void Clear()
    {
        _unmatched.Clear();
        _unclaimed.Clear();
        _givenUp.Clear();
        _missing.Clear();
        Ready.Clear();
    }

    internal static bool Earlier(uint timeMs, uint thanMs) => unchecked((int)(timeMs - thanMs)) < 0;

    private bool IsSame(RawEvent raw, DeviceEvent recorded) =>
        raw.Type == recorded.Type && raw.Detail == recorded.Detail
        && (raw.Type != Xlib.MotionNotify || !_absolute.Contains(raw.Source) || IsAt(raw, recorded));

    private static bool IsAt(RawEvent raw, DeviceEvent recorded) => raw.X is { } x && raw.Y is { } y && (int)x == recorded.X && (int)y == recorded.Y;

    /// <summary>A device whose raw values are where the pointer then stood, off the corner where a distance could look alike, sends pixels.</summary>
    private void Learn(RawEvent raw, DeviceEvent recorded)
    {
        if (raw.Type != Xlib.MotionNotify) return;
        if (!IsAt(raw, recorded)) _absolute.Remove(raw.Source);
        else if (recorded.X > 0 && recorded.Y > 0) _absolute.Add(raw.Source);
    }

    private void Pass(DeviceEvent recorded)
    {
        (_x, _y) = (recorded.X, recorded.Y);
        Ready.Enqueue(recorded);
    }

    private bool Take(LinkedList<RawEvent> late, DeviceEvent recorded)
    {
        if (Counterpart(late, recorded) is not { } node) return false;
        late.Remove(node);
        return true;
    }

    private LinkedListNode<RawEvent>? Counterpart(LinkedList<RawEvent> among, DeviceEvent recorded) =>
        Find(among, raw => raw.TimeMs == recorded.TimeMs && IsSame(raw, recorded))
        ?? Find(among, raw => Math.Abs(unchecked((int)(raw.TimeMs - recorded.TimeMs))) <= MaxSkewMs && IsSame(raw, recorded) && (raw.Type != Xlib.MotionNotify || IsAt(raw, recorded)));

    private static LinkedListNode<T>? Find<T>(LinkedList<T> among, Func<T, bool> sought)
    {
        var node = among.First;
        while (node is not null && !sought(node.Value)) node = node.Next;
        return node;
    }

    /// <summary>RECORD went past <paramref name="timeMs"/>.</summary>
    private void CountMissing(uint timeMs)
    {
        while (_missing.First is { } first && Earlier(first.Value.TimeMs, timeMs))
        {
            LostMotions++;
            _missing.RemoveFirst();
        }
    }

    private void GiveUpWhile(Func<RawEvent, bool> given, ushort state)
    {
        while (_unmatched.First is { } first && given(first.Value))
        {
            var (restored, lost) = (Restored, LostMotions);
            Restore(state);
            if (Restored > restored) _givenUp.AddLast(first.Value);
            if (_givenUp.Count > MaxUnclaimed) _givenUp.RemoveFirst();
            if (LostMotions == lost || _missing.Count == MaxUnclaimed) continue;
            LostMotions = lost;
            _missing.AddLast(first.Value);
        }
    }

    private void RestoreWhile(Func<RawEvent, bool> passedOver, ushort state)
    {
        while (_unmatched.First is { } first && passedOver(first.Value)) Restore(state);
    }

    private void Restore(ushort state)
    {
        var raw = _unmatched.First!.Value; // Callers looked.
        _unmatched.RemoveFirst();
        if (raw.Type == Xlib.MotionNotify)
        {
            // A wheel that scrolls smoothly moves valuators of its own.
            if (raw.X is null && raw.Y is null) return;
            if (!_absolute.Contains(raw.Source) || raw.X is null || raw.Y is null)
            {
                LostMotions++;
                return;
            }

            (_x, _y) = ((int)raw.X, (int)raw.Y);
        }

        Restored++;
        Ready.Enqueue(new(raw.Type, raw.Detail, raw.TimeMs, _x, _y, state));
    }
}
