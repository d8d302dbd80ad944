using System.Globalization;
using Spectre.Console;

namespace Tutelage.Cli.Demo;

/// <summary>A line a stage, and under it what goes on; on a terminal the line is kept up to date, elsewhere only whole lines are written.</summary>
internal sealed class ConsoleView(IAnsiConsole console) : IDemoView
{
    // Participants report from tasks of their own. Guarded by _lock.
    private readonly Lock _lock = new();
    private readonly bool _live = console.Profile.Capabilities.Interactive;

    public void Begin(string stage)
    {
        lock (_lock)
            if (_live) console.Markup($"[grey]…[/] {Markup.Escape(stage)}");
    }

    public void End(string stage, double seconds)
    {
        lock (_lock) console.MarkupLine(string.Create(CultureInfo.InvariantCulture, $"{(_live ? "\r\u001b[K" : "")}[green]✓[/] {Markup.Escape(stage)} [grey]{seconds:0.0} s[/]"));
    }

    public void Say(string what)
    {
        lock (_lock) console.MarkupLine($"{(_live ? "\r\u001b[K" : "")}  [grey]{Markup.Escape(what)}[/]");
    }
}
