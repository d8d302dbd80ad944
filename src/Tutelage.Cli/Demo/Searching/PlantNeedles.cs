using System.Text;

namespace Tutelage.Cli.Demo.Searching;

/// <summary>The byte strings under which one planted value could lie in a file.</summary>
internal sealed record PlantNeedles(string PlantId, IReadOnlyList<(string Encoding, byte[] Bytes)> Needles, IReadOnlyList<string> Spellings)
{
    /// <summary>Shorter spellings would be found by chance.</summary>
    private const int Shortest = 6;

    public static PlantNeedles For(string plantId, string value)
    {
        var spellings = new HashSet<string>(StringComparer.Ordinal) { value, value.ToLowerInvariant(), value.ToUpperInvariant() };
        var bare = new string(value.Where(char.IsLetterOrDigit).ToArray());
        if (value.All(letter => char.IsAsciiDigit(letter) || letter is ' ' or '-'))
        {
            spellings.Add(bare);
            spellings.Add(value.Replace(' ', '-'));
            spellings.Add(string.Join(' ', bare.Chunk(4).Select(group => new string(group))));
        }
        var needles = new List<(string, byte[])>();
        foreach (var spelling in spellings.Where(spelling => spelling.Length >= Shortest))
        {
            var utf8 = Encoding.UTF8.GetBytes(spelling);
            needles.Add(("raw", utf8));
            needles.Add(("utf-16le", Encoding.Unicode.GetBytes(spelling)));
            needles.Add(("utf-16be", Encoding.BigEndianUnicode.GetBytes(spelling)));
            needles.Add(("percent", Encoding.ASCII.GetBytes(Uri.EscapeDataString(spelling))));
            needles.Add(("hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8))));
            needles.AddRange(InBase64(utf8));
        }
        return new(plantId, needles.DistinctBy(needle => Convert.ToHexString(needle.Item2)).ToList(), spellings.ToList());
    }

    /// <summary>What base64 makes of the value at each of its three alignments, without the letters that its neighbours share.</summary>
    private static IEnumerable<(string, byte[])> InBase64(byte[] utf8)
    {
        for (var shift = 0; shift < 3; shift++)
        {
            var text = Convert.ToBase64String([.. new byte[shift], .. utf8]);
            var first = (shift * 8 + 5) / 6;
            var last = (shift + utf8.Length) * 8 / 6;
            if (last - first < 8) continue;
            var inner = text[first..last];
            yield return ("base64", Encoding.ASCII.GetBytes(inner));
            yield return ("base64url", Encoding.ASCII.GetBytes(inner.Replace('+', '-').Replace('/', '_')));
        }
    }
}
