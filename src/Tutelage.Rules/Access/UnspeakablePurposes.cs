namespace Tutelage.Rules.Access;

/// <summary>Purposes that have no spelling. They would be refused as unknown words anyway; whoever tries them is told why.</summary>
internal static class UnspeakablePurposes
{
    private static readonly string[] Words = ["hr", "pay", "wage", "wages", "raise", "firing", "ranking", "rating"];

    private static readonly string[] Stems =
    [
        "perform", "disciplin", "personnel", "apprais", "dismiss", "terminat", "promot", "compensat", "salar", "bonus", "productiv", "attendan", "surveil", "monitor", "misconduct",
        "layoff", "redundan", "humanresource", "peopleops", "workinghour", "timetrack", "idletime", "keystroke",
    ];

    /// <summary>Is this a purpose of human resources, performance or discipline, however it is written?</summary>
    public static bool Contains(string purpose)
    {
        var folded = ReadableName.Fold(purpose);
        return Stems.Any(stem => folded.Contains(ReadableName.Fold(stem), StringComparison.Ordinal))
            || purpose.Split([' ', '-', '_', '.', '/', '&'], StringSplitOptions.RemoveEmptyEntries).Any(word => Words.Contains(word.ToLowerInvariant(), StringComparer.Ordinal));
    }
}
