using System.Globalization;
using System.Text;

namespace Tutelage.Practice.Plants;

/// <summary>Makes plants in the formats that real secrets have, check digits included, so that a detector cannot tell them from real ones.</summary>
/// <remarks>
/// Nothing here is ever valid anywhere: all values are random, mail addresses use the domains that RFC 2606 reserves. The product's
/// detectors MUST NOT share code with this class, or the demo would test nothing.
/// </remarks>
public sealed class PlantMaker(SeededDraw draw)
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Base62 = Digits + Upper + Lower;

    private static readonly string[] s_given =
        ["mira", "jonas", "aylin", "tomasz", "ines", "farid", "greta", "luca", "noor", "pavel", "sofia", "emeka", "hana", "viktor", "leila", "marten"];

    private static readonly string[] s_family =
        ["okafor", "lindqvist", "haddad", "moreau", "kowalska", "tanaka", "brandt", "silva", "novak", "yilmaz", "petrov", "osei", "keller", "ferrari"];

    private static readonly string[] s_domains =
        ["example.com", "example.org", "example.net", "mail.example.com", "office.example.org", "harbour.example", "northwind.example", "post.example.net"];

    private static readonly string[] s_words =
        ["amber", "lantern", "gravel", "otter", "velvet", "quartz", "meadow", "tundra", "saddle", "copper", "willow", "ember", "falcon", "marble"];

    /// <summary>Formats of tokens that there are.</summary>
    public static IReadOnlyList<string> TokenFormats { get; } = ["github", "gitlab", "openai", "aws", "slack", "stripe", "google", "npm", "jwt"];

    private int _made;

    public Plant Password(PlantPlace place = PlantPlace.Typed)
    {
        var word = draw.Pick(s_words);
        var value = char.ToUpperInvariant(word[0]) + word[1..] + draw.Pick(["-", "_", "!", "."]) + draw.Letters(Digits, 2) + draw.Letters(Lower, 3) + draw.Pick(["?", "!", "%", "+"]);
        return Make(PlantKind.Password, "password", value, place, "Your password");
    }

    public Plant Email(PlantPlace place)
    {
        var given = draw.Pick(s_given);
        var family = draw.Pick(s_family);
        var local = draw.Below(4) switch
        {
            0 => $"{given}.{family}",
            1 => $"{given[0]}{family}{draw.Below(90) + 10}",
            2 => $"{family}_{given}",
            _ => $"{given}+{draw.Pick(s_words)}",
        };
        return Make(PlantKind.Email, "email", $"{local}@{draw.Pick(s_domains)}", place, "Contact e-mail");
    }

    public Plant Card(PlantPlace place)
    {
        var (format, prefix, length) = draw.Pick<(string, string, int)>([("visa", "4", 16), ("mastercard", "5" + (draw.Below(5) + 1), 16), ("amex", "37", 15), ("discover", "6011", 16)]);
        var body = prefix + draw.Letters(Digits, length - 1 - prefix.Length);
        var number = body + LuhnDigit(body);
        if (draw.Chance(0.6)) number = Grouped(number);
        return Make(PlantKind.Card, format, number, place, "Card number");
    }

    public Plant Token(PlantPlace place) => Token(place, draw.Pick(TokenFormats));

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="format"/> is none of <see cref="TokenFormats"/>.</exception>
    public Plant Token(PlantPlace place, string format) => Make(PlantKind.Token, format, TokenValue(format), place, "Access token");

    /// <summary>A few words that stand nowhere else, for a window outside the allow-list.</summary>
    public Plant Note(PlantPlace place = PlantPlace.OtherApp)
    {
        var value = $"{draw.Pick(s_given)} {draw.Pick(s_family)} {draw.Pick(s_words)} {draw.Letters(Digits, 6)}";
        return Make(PlantKind.Note, "note", value, place, null);
    }

    private Plant Make(PlantKind kind, string format, string value, PlantPlace place, string? field) =>
        new($"p{_made++.ToString(CultureInfo.InvariantCulture)}", kind, format, value, place, place == PlantPlace.Typed ? field : null);

    private string TokenValue(string format) => format switch
    {
        "github" => GitHub(),
        "gitlab" => "glpat-" + draw.Letters(Base62, 20),
        "openai" => "sk-" + draw.Letters(Base62, 48),
        "aws" => "AKIA" + draw.Letters(Upper + "234567", 16),
        "slack" => $"xoxb-{draw.Letters("123456789", 12)}-{draw.Letters("123456789", 13)}-{draw.Letters(Base62, 24)}",
        "stripe" => "sk_live_" + draw.Letters(Base62, 24),
        "google" => "AIza" + draw.Letters(Base62 + "-_", 35),
        "npm" => "npm_" + draw.Letters(Base62, 36),
        "jwt" => Jwt(),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such token format"),
    };

    /// <summary>30 random characters and the CRC-32 of them in base 62, six digits, as GitHub's own announcement of the format says.</summary>
    private string GitHub()
    {
        var body = draw.Letters(Base62, 30);
        var crc = Crc32(Encoding.ASCII.GetBytes(body));
        var check = new char[6];
        for (var i = 5; i >= 0; i--, crc /= 62) check[i] = Base62[(int)(crc % 62)];
        return "ghp_" + body + new string(check);
    }

    private string Jwt()
    {
        var payload = $$"""{"sub":"{{draw.Letters(Digits, 8)}}","exp":{{1790000000 + draw.Below(1000000)}}}""";
        return Part("""{"alg":"HS256","typ":"JWT"}""") + "." + Part(payload) + "." + draw.Letters(Base62 + "-_", 43);

        static string Part(string json) => Convert.ToBase64String(Encoding.ASCII.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static string Grouped(string number) => number.Length == 15
        ? $"{number[..4]} {number[4..10]} {number[10..]}"
        : string.Join(' ', number.Chunk(4).Select(group => new string(group)));

    /// <summary>Check digit of ISO/IEC 7812-1.</summary>
    internal static char LuhnDigit(string body)
    {
        var sum = 0;
        for (var i = 0; i < body.Length; i++)
        {
            var digit = body[body.Length - 1 - i] - '0';
            if (i % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
            sum += digit;
        }
        return (char)('0' + (10 - sum % 10) % 10);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
        }
        return ~crc;
    }
}
