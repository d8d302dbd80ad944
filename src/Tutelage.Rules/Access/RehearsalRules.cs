using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Access;

/// <summary>Rules for a rehearsal, where nobody has written any: the researchers who enrolled first may train and evaluate, everything else is denied.</summary>
/// <remarks>Never for a programme with real participants: those are told by name who may ask. Two custodians who know the same people in the same order get the same bytes.</remarks>
public static class RehearsalRules
{
    /// <summary>What a programme is called until its people have written rules.</summary>
    public const string Unnamed = "Rehearsal";

    /// <param name="programme">1 to 80 Latin letters, digits and spaces, as in a rules file.</param>
    /// <param name="enrolled">In the order of enrolment; of the researchers the first <see cref="RuleSet.CeilingUnlessSaid"/> are let in.</param>
    /// <exception cref="ArgumentException">The programme's name is none, or a key id is.</exception>
    public static RuleSet Of(string programme, IEnumerable<Person> enrolled)
    {
        var researchers = enrolled.Where(person => person.Role == Role.Researcher).Select(person => person.KeyId).Distinct(StringComparer.Ordinal).Take(RuleSet.CeilingUnlessSaid).ToList();
        var people = researchers.Select((key, index) => $"  - {{name: Rehearsal {"ABCDE"[index]}, key: '{key}', role: researcher}}\n");
        var sentence = researchers.Count == 0 ? "[]" : $"\n  - allow: [{string.Join(", ", researchers.Select((_, index) => $"Rehearsal {"ABCDE"[index]}"))}]\n    to: [train, evaluate]\n    from: [input, text, elements, frames, derived]\n    up-to: sensitive\n    while: [running]\n";
        var reading = RuleText.Read($"tutelage-rules: 1\nprogramme: '{programme.Replace("'", "''", StringComparison.Ordinal)}'\nversion: 1\npeople: {(researchers.Count == 0 ? "[]" : "")}\n{string.Concat(people)}rules: {sentence}\n", hasLines: false);
        return reading.Rules ?? throw new ArgumentException(string.Join(' ', reading.Faults), nameof(programme));
    }
}
