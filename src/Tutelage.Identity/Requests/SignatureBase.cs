using System.Text;

namespace Tutelage.Identity;

/// <summary>RFC 9421 section 2.5: the text that is signed.</summary>
internal static class SignatureBase
{
    /// <param name="components">Names and values in the order of <paramref name="parameters"/>.</param>
    /// <param name="parameters">The inner list with its parameters, as it stands in Signature-Input.</param>
    public static byte[] Of(IEnumerable<(string Name, string Value)> components, string parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in components) text.Append('"').Append(name).Append("\": ").Append(value).Append('\n');
        return Encoding.ASCII.GetBytes(text.Append("\"@signature-params\": ").Append(parameters).ToString());
    }
}
