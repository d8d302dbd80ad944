using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop;

/// <summary>What waits between the threads that watch and the one that reads: bounded, and honest about what did not fit.</summary>
/// <remarks>
/// Overflow policy: a new event that finds no room is dropped and counted. Once there is room again, a fault
/// <see cref="GapReason.EventsLost"/> with the time of the first loss comes first, then its end, and <see cref="Recovered"/> lets the
/// sources say anew what holds now; the reader never believes in a context that has changed meanwhile. Frames are large, so only
/// <see cref="MaxFrames"/> of them may wait; the screen's watcher asks <see cref="HasRoomForFrame"/> and lets damage add up instead.
/// </remarks>
internal sealed class CaptureQueue : ChannelReader<CapturedEvent>
{
    /// <summary>8 frames of 1080p are 66 MB.</summary>
    public const int MaxFrames = 8;

    private readonly Channel<CapturedEvent> _channel;
    private readonly int _capacity;

    // The fields below: guarded by _lock.
    private readonly Lock _lock = new();
    private MonotonicTime? _lossBegan;
    private bool _completed;

    private int _frames;
    private long _lost;

    public CaptureQueue(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 256);
        _capacity = capacity;
        _channel = Channel.CreateUnbounded<CapturedEvent>();
    }

    /// <summary>Raised after events were lost and there is room again, before the event that found it, on the thread that offered that event.</summary>
    public event Action? Recovered;

    public long Lost => Interlocked.Read(ref _lost);

    public bool HasRoomForFrame => Volatile.Read(ref _frames) < MaxFrames;

    /// <summary>False if the event was dropped; a frame's image is then disposed.</summary>
    public bool Offer(CapturedEvent @event)
    {
        if (EndLoss(@event.Time)) Recovered?.Invoke();
        lock (_lock)
        {
            // The channel is bounded by this test, with room kept for the two faults.
            if (!_completed && _lossBegan is null && _capacity - _channel.Reader.Count > 2)
            {
                if (@event is CapturedFrame) Interlocked.Increment(ref _frames);
                _channel.Writer.TryWrite(@event);
                return true;
            }

            if (!_completed)
            {
                _lossBegan ??= @event.Time;
                Interlocked.Increment(ref _lost);
            }
        }

        if (@event is CapturedFrame frame) frame.Image.Dispose();
        return false;
    }

    /// <summary>The source itself lost <paramref name="count"/> events; said like any other loss.</summary>
    public void CountLost(long count, MonotonicTime time)
    {
        lock (_lock)
        {
            if (_completed) return;
            _lossBegan ??= time;
            Interlocked.Add(ref _lost, count);
        }
    }

    /// <summary>True if a loss ended now, because a quarter of the room is free again.</summary>
    private bool EndLoss(MonotonicTime time)
    {
        lock (_lock)
        {
            if (_completed || _lossBegan is not { } began || _capacity - _channel.Reader.Count < _capacity / 4) return false;
            _lossBegan = null;
            _channel.Writer.TryWrite(new CapturedFault(began, GapReason.EventsLost, Over: false));
            _channel.Writer.TryWrite(new CapturedFault(time, GapReason.EventsLost, Over: true));
            return true;
        }
    }

    /// <summary>Says what is still unsaid (a loss, then <paramref name="last"/>) even if there is no room, and ends the stream.</summary>
    public void Complete(CapturedFault? last = null)
    {
        lock (_lock)
        {
            if (_completed) return;
            _completed = true;
            if (_lossBegan is { } began) _channel.Writer.TryWrite(new CapturedFault(began, GapReason.EventsLost, Over: false));
            if (last is not null) _channel.Writer.TryWrite(last);
            _channel.Writer.TryComplete();
        }
    }

    public override bool CanCount => true;
    public override int Count => _channel.Reader.Count;
    public override Task Completion => _channel.Reader.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out CapturedEvent item)
    {
        if (!_channel.Reader.TryRead(out item)) return false;
        if (item is CapturedFrame) Interlocked.Decrement(ref _frames);
        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _channel.Reader.WaitToReadAsync(cancellationToken);
}
