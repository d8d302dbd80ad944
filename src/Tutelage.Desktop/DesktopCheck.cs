namespace Tutelage.Desktop;

/// <summary>Whether a desktop can be captured here.</summary>
/// <param name="Supported">False if capture cannot work at all.</param>
/// <param name="Missing">What is not there, in words; may name lesser things (accessibility) while <paramref name="Supported"/> is true.</param>
/// <param name="WhatToDo">Null if nothing has to be done.</param>
public sealed record DesktopCheck(bool Supported, IReadOnlyList<string> Missing, string? WhatToDo)
{
    public static DesktopCheck Ready { get; } = new(true, [], null);

    public override string ToString() => (Supported, Missing.Count) switch
    {
        (true, 0) => "ready",
        (true, _) => $"usable, without {string.Join(", ", Missing)}",
        _ => $"not supported: {string.Join(", ", Missing)}",
    };
}
