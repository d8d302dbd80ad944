namespace Tutelage.Rules.Access;

/// <summary>Rules in sentences, as approvers and participants read them.</summary>
public static class RuleWords
{
    public static string Of(Sentence sentence) =>
        $"{Spelling.Of(sentence.Kind)} {And(sentence.Audience)} to {List(sentence.Purposes)} from {List(sentence.Classes)} {Bound(sentence)} while {List(sentence.States)}";

    internal static string Bound(Sentence sentence) => sentence.Kind == SentenceKind.Allow ? $"up to {Spelling.Of(sentence.Bound)}" : $"{Spelling.Of(sentence.Bound)} and above";

    internal static string List<TWord>(IEnumerable<TWord> words) where TWord : struct, Enum => And([.. words.Select(Spelling.Of)]);

    internal static string And(IReadOnlyList<string> words) => words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";
}
