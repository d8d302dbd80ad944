using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Redaction.Interface;

/// <summary>Makes what is stored of a tree from the decisions about it.</summary>
internal static class Snapshots
{
    private const int MaxHintLength = 200;

    /// <summary>Author's ids carry counters; longer runs of digits are somebody's numbers.</summary>
    private const int MaxHintDigits = 6;

    public static ElementSnapshot Of(TreeReading reading, SessionTime time, RedactionPolicy policy, TextShapes shapes, SessionMemory memory)
    {
        var elements = new RecordedElement[reading.Verdicts.Length];
        for (var i = 0; i < elements.Length; i++) elements[i] = Of(reading.Tree.Elements[i], reading.Verdicts[i], shapes, memory);
        return new(time, ContextOf(reading.Tree.Context, policy), elements, reading.Tree.FocusedId);
    }

    public static RecordedContext ContextOf(DesktopContext context, RedactionPolicy policy) =>
        new(policy.App, policy.Site, policy.Mode == RedactionMode.Capture && policy.TitleSuffix is { } suffix && context.Title?.EndsWith(suffix, StringComparison.Ordinal) == true ? suffix : null, context.Bounds);

    private static RecordedElement Of(CapturedElement element, ElementVerdict verdict, TextShapes shapes, SessionMemory memory)
    {
        var keepName = verdict.KeepName && !verdict.NameSecret && !string.IsNullOrEmpty(element.Name);
        var value = string.IsNullOrEmpty(element.Value) || verdict.ValueSecret ? null : verdict.Value switch
        {
            TextTreatment.Kept => element.Value,
            TextTreatment.Surrogate => memory.Surrogates.For(element.Value),
            _ => null,
        };
        return new(
            element.Id, element.ParentId, element.Role,
            keepName ? element.Name : null,
            keepName || string.IsNullOrEmpty(element.Name) ? null : verdict.NameSecret ? TextShapes.Secret : shapes.Of(element.Name),
            value,
            value is not null || element.Value is null ? null : verdict.ValueSecret ? TextShapes.Secret : shapes.Of(element.Value),
            HintOf(element.Hint, memory), element.States, element.Bounds);
    }

    /// <summary>Hints are the author's, but some pages put a person's identifiers into them.</summary>
    private static string? HintOf(string? hint, SessionMemory memory) =>
        hint is { Length: > 0 and <= MaxHintLength } && hint.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_:.#=[] ".Contains(letter))
        && LongestNumber(hint) <= MaxHintDigits && !memory.HoldsSecret(hint) && !memory.RepeatsContent(hint.Replace('-', ' ').Replace('_', ' ').Replace('#', ' ').Replace('.', ' '), SessionMemory.NameOf.Other)
            ? hint
            : null;

    private static int LongestNumber(string text)
    {
        int longest = 0, run = 0;
        foreach (var letter in text)
        {
            run = char.IsAsciiDigit(letter) ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
