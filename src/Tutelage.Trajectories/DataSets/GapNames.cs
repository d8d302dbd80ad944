using System.Text;

namespace Tutelage.Trajectories.DataSets;

/// <summary>Gap reasons as formats spell them: <c>not_allowed</c>.</summary>
internal static class GapNames
{
    private static readonly Dictionary<GapReason, string> Names = Enum.GetValues<GapReason>().ToDictionary(reason => reason, Spell);

    public static string Of(GapReason reason) => Names[reason];

    private static string Spell(GapReason reason)
    {
        var name = new StringBuilder();
        foreach (var letter in reason.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0) name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
