using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Redaction;

/// <summary>Stand-ins of the same type: digits for digits, letters for letters of the same case, everything else as it was. The same text gives the same stand-in within a session.</summary>
/// <param name="key">Random, of one session: stand-ins of two sessions cannot be matched.</param>
internal sealed class SurrogateSource(byte[] key)
{
    private const string Consonants = "bcdfghklmnprstvz";
    private const string Vowels = "aeiou";

    public string For(string text)
    {
        var seed = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
        var result = new StringBuilder(text.Length);
        var counter = 0;
        var vowel = false;
        foreach (var letter in text)
        {
            var draw = Draw(seed, counter++);
            if (char.IsDigit(letter))
            {
                var leading = result.Length == 0 || !char.IsDigit(result[^1]);
                result.Append((char)('0' + (leading && letter != '0' ? 1 + draw % 9 : draw % 10)));
                vowel = false;
            }
            else if (char.IsLetter(letter))
            {
                var source = vowel ? Vowels : Consonants;
                var plain = source[(int)(draw % (uint)source.Length)];
                result.Append(char.IsUpper(letter) ? char.ToUpperInvariant(plain) : plain);
                vowel = !vowel;
            }
            else
            {
                result.Append(char.IsSurrogate(letter) ? 'x' : letter);
                vowel = false;
            }
        }

        return result.ToString();
    }

    private static uint Draw(byte[] seed, int counter)
    {
        Span<byte> block = stackalloc byte[36];
        seed.CopyTo(block);
        BinaryPrimitives.WriteInt32LittleEndian(block[32..], counter);
        return BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(block));
    }
}
