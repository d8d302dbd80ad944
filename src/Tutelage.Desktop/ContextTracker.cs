using Tutelage.Desktop.X11;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop;

/// <summary>Puts together what the window system and accessibility know of the focus, and reports every change of it.</summary>
/// <remarks>
/// A document is never carried over to another window, nor kept while another window had the focus: until accessibility has said which
/// document is open, it is "not observed", and a gate that needs it stays closed.
/// </remarks>
internal sealed class ContextTracker(Action<CapturedEvent> report, Func<MonotonicTime> now)
{
    // The fields below: guarded by _lock.
    private readonly Lock _lock = new();
    private WindowFacts _facts = WindowFacts.None;
    private string? _document;
    private bool _privateByAccessibility;
    private DesktopContext? _reported;

    public DesktopContext Current
    {
        get { lock (_lock) return Build(); }
    }

    public void Window(WindowFacts facts, MonotonicTime time)
    {
        lock (_lock)
        {
            if (facts.Window != _facts.Window) (_document, _privateByAccessibility) = (null, false);
            _facts = facts;
            ReportNeedsLock(time);
        }
    }

    /// <summary>Accessibility saw <paramref name="document"/> open in <paramref name="window"/>; ignored if the focus has moved on.</summary>
    public void Document(long window, string? document, bool isPrivate)
    {
        lock (_lock)
        {
            if (window != _facts.Window) return;
            (_document, _privateByAccessibility) = (document, isPrivate);
            ReportNeedsLock(now());
        }
    }

    /// <summary>Says the current context again, for a reader who may have missed it.</summary>
    public void Repeat()
    {
        lock (_lock)
        {
            _reported = null;
            ReportNeedsLock(now());
        }
    }

    private DesktopContext Build() => new(
        _facts.App, _facts.ProcessId, _facts.Window, _facts.Title, _document, _facts.Bounds, _privateByAccessibility || PrivateWindows.IsPrivateTitle(_facts.Title));

    private void ReportNeedsLock(MonotonicTime time)
    {
        var context = Build();
        if (context == _reported) return;
        _reported = context;
        report(new CapturedContext(time, context));
    }
}
