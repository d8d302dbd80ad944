using System.Text;

namespace Tutelage.Sealing;

/// <summary>The grammar of an age v1 header (c2sp.org/age). Strict: every header has one spelling, because its MAC covers the spelling.</summary>
/// <remarks>
/// <code>
/// age-encryption.org/v1
/// -> TYPE ARGUMENT ...        one space between; printable ASCII
/// BASE64                      lines of 64, then one shorter line, which may be empty
/// --- BASE64(MAC)             the MAC covers everything up to and including ---
/// </code>
/// </remarks>
internal static class HeaderText
{
    internal const string Version = "age-encryption.org/v1";
    private const string Passphrase = "scrypt"; // not read, but it MUST stand alone: else a passphrase would vouch for what others sealed
    private const int Columns = 64;

    public static string Write(IEnumerable<Stanza> stanzas)
    {
        var text = new StringBuilder(Version).Append('\n');
        foreach (var stanza in stanzas)
        {
            text.Append("-> ").AppendJoin(' ', [stanza.Type, .. stanza.Arguments]).Append('\n');
            var body = CanonicalBase64.Encode(stanza.Body);
            for (var i = 0; i <= body.Length; i += Columns) text.Append(body, i, Math.Min(Columns, body.Length - i)).Append('\n');
        }
        return text.Append("---").ToString();
    }

    /// <exception cref="AgeFormatException">Anything but the grammar above, with nothing after it.</exception>
    public static (IReadOnlyList<Stanza> Stanzas, int AuthenticatedSize, byte[] Mac) Parse(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        if (!NextLine(ref rest).SequenceEqual(Encoding.ASCII.GetBytes(Version)))
            throw new AgeFormatException($"not an age file: its first line is not '{Version}'");

        var stanzas = new List<Stanza>();
        while (true)
        {
            var start = bytes.Length - rest.Length;
            var line = NextLine(ref rest);
            if (line.StartsWith("---"u8))
            {
                if (stanzas.Count > 1 && stanzas.Any(stanza => stanza.Type == Passphrase)) throw new AgeFormatException("an age header has a scrypt stanza, which must be the only one, beside others");
                return (stanzas, start + 3, End(line, rest, stanzas.Count));
            }
            stanzas.Add(ParseStanza(line, ref rest, stanzas.Count));
        }
    }

    private static byte[] End(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, int stanzas)
    {
        if (stanzas == 0) throw new AgeFormatException("an age header has no stanza");
        if (line.Length < 4 || line[3] != ' ') throw new AgeFormatException("the last line of an age header has no MAC");
        var mac = CanonicalBase64.Decode(Encoding.Latin1.GetString(line[4..]), "the MAC of an age header");
        if (mac.Length != 32) throw new AgeFormatException($"the MAC of an age header has {mac.Length} bytes, not 32");
        return rest.IsEmpty ? mac : throw new AgeFormatException($"{rest.Length} bytes stand after an age header");
    }

    private static Stanza ParseStanza(scoped ReadOnlySpan<byte> line, ref ReadOnlySpan<byte> rest, int number)
    {
        if (!line.StartsWith("-> "u8)) throw new AgeFormatException($"stanza {number} of an age header does not begin with '-> '");
        var arguments = Encoding.Latin1.GetString(line[3..]).Split(' ');
        if (arguments.Any(a => a.Length == 0 || a.AsSpan().ContainsAnyExceptInRange('!', '~')))
            throw new AgeFormatException($"stanza {number} of an age header has an empty argument or a character outside printable ASCII");

        var body = new StringBuilder();
        int columns;
        do
        {
            var text = NextLine(ref rest);
            columns = text.Length;
            if (columns > Columns) throw new AgeFormatException($"stanza {number} of an age header has a line of more than {Columns} columns");
            body.Append(Encoding.Latin1.GetString(text));
        }
        while (columns == Columns);
        return new Stanza(arguments[0], arguments[1..], CanonicalBase64.Decode(body.ToString(), $"the body of stanza {number}"));
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        if (end < 0) throw new AgeFormatException("an age header ends in the middle of a line");
        var line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }
}

/// <summary>Collects the bytes of a header out of a stream without reading past its end.</summary>
internal sealed class HeaderLines
{
    private readonly List<byte> _bytes = new(512);
    private int _lineStart;

    public ReadOnlySpan<byte> Bytes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);

    /// <summary>Takes the next byte, -1 at the end of the stream. True when the header is whole.</summary>
    /// <exception cref="AgeFormatException">No header can go on like this; said as early as it is known.</exception>
    public bool Add(int next)
    {
        if (next < 0) throw new AgeFormatException($"an age header ends after {_bytes.Count} bytes");
        if (_bytes.Count == AgeHeader.MaxSizeBytes) throw new AgeFormatException($"an age header has more than {AgeHeader.MaxSizeBytes} bytes");
        if (_bytes.Count < HeaderText.Version.Length && next != HeaderText.Version[_bytes.Count])
            throw new AgeFormatException($"not an age file: its first line is not '{HeaderText.Version}'");
        _bytes.Add((byte)next);
        if (next != '\n') return false;
        if (Bytes[_lineStart..].StartsWith("---"u8)) return true;
        _lineStart = _bytes.Count;
        return false;
    }
}
