namespace Tutelage.Rules.Access;

/// <summary>A fault in a rules file.</summary>
/// <param name="Line">From 1; 0 where there is none.</param>
/// <param name="What">What is wrong, with the value.</param>
/// <param name="Fix">What to write instead.</param>
public readonly record struct RuleFault(int Line, string What, string Fix)
{
    public override string ToString() => $"{(Line > 0 ? $"line {Line}: " : "")}{What}. {Fix}";
}

/// <summary>A rule set, or every fault that keeps the text from being one, in the order of lines.</summary>
public sealed record RuleReading(RuleSet? Rules, IReadOnlyList<RuleFault> Faults);
