using System.Threading.Channels;
using Tutelage.Desktop.Accessibility;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop.X11;

/// <summary>Input, screen and elements of one X display, each watched on its own, in one queue.</summary>
internal sealed class X11Capture : IDesktopCapture
{
    private readonly CaptureQueue _queue;
    private readonly InputWatch _input;
    private readonly ScreenWatch? _screen;
    private readonly AccessibilityWatch? _elements;
    private int _lostOnce;

    public X11Capture(string display, CaptureOptions options)
    {
        _queue = new(options.QueueCapacity);
        var context = new ContextTracker(@event =>
        {
            _queue.Offer(@event);
            _elements?.ContextChanged();
        }, BootClock.Now);
        _input = new(display, _queue, context) { ServerLost = OnServerLost };
        try
        {
            if (options.Frames) _screen = new(display, _queue, options.MaxFramesPerSecond) { ServerLost = OnServerLost };
        }
        catch
        {
            _input.Dispose();
            throw;
        }

        if (options.Elements)
        {
            _elements = new(display, _input.AccessibilityBus(), context, @event => _queue.Offer(@event), options.IgnoredProcesses);
            _input.AccessibilityBusChanged = _elements.BusChanged;
            if (_screen is not null) _screen.Changed = _elements.ScreenChanged;
        }

        _queue.Recovered += () =>
        {
            context.Repeat();
            _screen?.RepeatFrame();
            _elements?.Repeat();
        };
        _input.Start();
        _screen?.Start();
        _elements?.Start();
    }

    public ChannelReader<CapturedEvent> Events => _queue;

    public long Lost => _queue.Lost;

    public ScreenSize Screen => _input.Screen;

    public void SetActive(bool active)
    {
        _input.SetActive(active);
        _screen?.SetActive(active);
        _elements?.SetActive(active);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Run(() =>
        {
            _input.Dispose();
            _screen?.Dispose();
        });
        if (_elements is not null) await _elements.DisposeAsync();
        _queue.Complete();
    }

    /// <summary>Once, whichever thread notices first: the reader learns it as a fault and as the end of the stream.</summary>
    private void OnServerLost()
    {
        if (Interlocked.Exchange(ref _lostOnce, 1) == 0) _queue.Complete(new(BootClock.Now(), GapReason.ContextUnknown, Over: false));
    }
}
