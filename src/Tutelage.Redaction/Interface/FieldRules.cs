using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Interface;

/// <summary>Finds the manifest's rule for a field.</summary>
internal static class FieldRules
{
    public static TextTreatment TreatmentOf(this RedactionPolicy policy, CapturedElement element)
    {
        if (policy.Mode == RedactionMode.Shape || element.States.HasFlag(ElementStates.Protected)) return TextTreatment.Shape;
        foreach (var rule in policy.Fields)
            if (Fits(rule, element)) return rule.Treatment;
        return TextTreatment.Shape;
    }

    private static bool Fits(FieldRule rule, CapturedElement element) =>
        (rule.Role is null or "*" || rule.Role.Equals(element.Role, StringComparison.OrdinalIgnoreCase))
        && (rule.Name is null || (element.Name is { } name && Like(rule.Name, name)))
        && (rule.Hint is null || (element.Hint is { } hint && Like(rule.Hint, hint)));

    /// <summary><c>*</c> stands for any run of characters; case is ignored. Linear in practice: one pending star at a time.</summary>
    internal static bool Like(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int at = 0, next = 0, star = -1, resume = 0;
        while (next < text.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                resume = next;
            }
            else if (at < pattern.Length && char.ToUpperInvariant(pattern[at]) == char.ToUpperInvariant(text[next]))
            {
                at++;
                next++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                next = ++resume;
            }
            else return false;
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }
}
