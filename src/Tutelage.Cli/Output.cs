using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;
using Tutelage.Cli.Verbs;

namespace Tutelage.Cli;

/// <summary>What verbs print: for people in words and tables, for programs as JSON. Standard output only; what went wrong goes to standard error.</summary>
internal static class Output
{
    /// <summary>Columns of a table that goes into a file or a pipe: wide enough for addresses and ids.</summary>
    private const int WidthWithoutTerminal = 200;

    private static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Into a file or a pipe goes plain text: no colours, no links, nothing that moves the cursor.</summary>
    public static void FitTerminal()
    {
        if (!Console.IsOutputRedirected) return;
        var profile = AnsiConsole.Profile;
        profile.Width = WidthWithoutTerminal;
        (profile.Capabilities.Ansi, profile.Capabilities.Links, profile.Capabilities.Interactive, profile.Capabilities.ColorSystem) = (false, false, false, ColorSystem.NoColors);
    }

    public static void Json<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));

    public static void Line(string text = "") => Console.Out.WriteLine(Plain(text));

    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string?>> rows)
    {
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii2 : TableBorder.Rounded);
        foreach (var column in columns) table.AddColumn(Markup.Escape(column));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(Plain(cell ?? ""))));
        AnsiConsole.Write(table);
    }

    /// <summary>Text from elsewhere without control characters: a page's label must not drive the terminal.</summary>
    public static string Plain(string text) => text.Any(IsUnsafe) ? string.Concat(text.Select(letter => IsUnsafe(letter) ? '\uFFFD' : letter)) : text;

    /// <summary>Asks; anything but yes is no.</summary>
    /// <exception cref="VerbFailedException">Nobody can be asked: there is no terminal, and <paramref name="yes"/> was not given.</exception>
    public static bool Confirm(string question, bool yes)
    {
        if (yes) return true;
        if (Console.IsInputRedirected) throw new VerbFailedException($"nobody can be asked \"{question}\": there is no terminal", "read it, then say --yes", CliExit.Usage);
        Console.Out.Write(question + " [y/N] ");
        return Console.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => FormattableString.Invariant($"{bytes} B"),
        < 1 << 20 => FormattableString.Invariant($"{bytes / 1024.0:0.0} KiB"),
        < 1L << 30 => FormattableString.Invariant($"{bytes / 1048576.0:0.0} MiB"),
        _ => FormattableString.Invariant($"{bytes / 1073741824.0:0.0} GiB"),
    };

    public static string Length(long milliseconds) => milliseconds < 60_000
        ? FormattableString.Invariant($"{milliseconds / 1000.0:0.0} s")
        : FormattableString.Invariant($"{milliseconds / 60_000} min {milliseconds / 1000 % 60} s");

    private static bool IsUnsafe(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t') || letter is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';
}
