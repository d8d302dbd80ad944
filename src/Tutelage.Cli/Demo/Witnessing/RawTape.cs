using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Cli.Demo.Witnessing;

/// <summary>Writes captured events as they are, without any redaction: the control of the demo's search, and the left side of its report.</summary>
/// <remarks>Works on a desktop that the demo itself started and on nothing else (<see cref="WitnessProcess"/> checks). No other code path stores captured events.</remarks>
internal sealed class RawTape : IDisposable
{
    private readonly Dictionary<ContentClass, Stream> _files;
    private readonly SegmentWriter _writer;
    private readonly MonotonicTime _start = BootClock.Now();
    private long _seen;
    private long _frames;
    private SessionTime _last;

    public RawTape(string folder, ScreenSize screen, DateTimeOffset started)
    {
        Directory.CreateDirectory(folder);
        _files = Enum.GetValues<ContentClass>().ToDictionary(kept => kept, kept => (Stream)File.Create(Path.Combine(folder, kept.ToString().ToLowerInvariant() + ".mcap")));
        _writer = new(_files, new(new('0', 32), 0, started, screen, new('0', 64), "none", 1, Recovered: false));
        File.WriteAllText(Path.Combine(folder, "start-ms"), (_start.Nanoseconds / 1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    public void Write(CapturedEvent captured)
    {
        var time = new SessionTime(Math.Max(_last.Milliseconds, (captured.Time.Nanoseconds - _start.Nanoseconds) / 1_000_000));
        _last = time;
        switch (captured)
        {
            case CapturedMove move: _writer.Write(new PointerMoved(time, move.Position)); break;
            case CapturedButton button: _writer.Write(new ButtonChanged(time, button.Button, button.Down, button.Position, button.Modifiers)); break;
            case CapturedScroll scroll: _writer.Write(new Scrolled(time, scroll.Dx, scroll.Dy, scroll.Position, scroll.Modifiers)); break;
            case CapturedKey key: _writer.Write(new KeyChanged(time, key.Text ?? key.Key, key.Modifiers, key.Down)); break;
            case CapturedElements elements: _writer.Write(Raw(time, elements.Tree)); break;
            case CapturedFrame frame:
                using (frame.Image) _writer.Write(time, frame.Image);
                _frames++;
                break;
        }
        if (captured is CapturedMove or CapturedButton or CapturedScroll or CapturedKey) _seen++;
    }

    public void Complete()
    {
        _writer.Complete(new(_last, _seen, _seen, 0, 0, _frames));
        Dispose();
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }

    private static ElementSnapshot Raw(SessionTime time, ElementTree tree) => new(
        time,
        new(tree.Context.App ?? "", tree.Context.Document, tree.Context.Title, tree.Context.Bounds),
        tree.Elements.Select(element => new RecordedElement(
            element.Id, element.ParentId, element.Role, element.Name, null, element.Value, null, element.Hint, element.States, element.Bounds)).ToList(),
        tree.FocusedId);
}
