namespace Tutelage.Redaction.Detection;

/// <summary>One reading of a text; knows where each of its characters stood in the original.</summary>
public sealed class TextView
{
    private readonly int[]? _map;

    internal TextView(string original, string text, int[]? map) => (Original, Text, _map) = (original, text, map);

    internal string Original { get; }

    public string Text { get; }

    /// <summary>A finding over <paramref name="length"/> ≥ 1 characters of <see cref="Text"/>, in positions of the original.</summary>
    public Finding Finding(FindingKind kind, int start, int length, string detector)
    {
        var first = ToOriginal(start);
        var last = ToOriginal(start + length - 1);
        if (char.IsHighSurrogate(Original[last]) && last + 1 < Original.Length && char.IsLowSurrogate(Original[last + 1])) last++;
        return new(kind, first, last + 1 - first, detector);
    }

    internal int ToOriginal(int at) => _map is null ? at : _map[at];
}
