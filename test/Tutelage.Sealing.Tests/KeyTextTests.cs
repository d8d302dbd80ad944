using System.Security.Cryptography;

namespace Tutelage.Sealing.Tests;

public sealed class KeyTextTests
{
    [Fact]
    public void Recipients_survive_their_text()
    {
        for (var i = 0; i < 50; i++)
        {
            using var tag = TagIdentity.Generate();
            using var x25519 = X25519Identity.Generate();
            tag.Recipient.Text.ShouldStartWith("age1tag1");
            AgeRecipient.Parse(tag.Recipient.Text).ShouldBe(tag.Recipient);
            AgeRecipient.Parse(x25519.Recipient.Text).ShouldBe(x25519.Recipient);
            using var again = X25519Identity.Parse(x25519.ExportText());
            again.Recipient.ShouldBe(x25519.Recipient);
        }
    }

    [Fact]
    public void An_exported_identity_opens_what_was_sealed_to_it()
    {
        using var identity = TagIdentity.Generate();
        var file = Sealed.ToFile("content"u8, identity.Recipient);
        var secret = identity.Export();
        using var imported = TagIdentity.Import(secret);
        CryptographicOperations.ZeroMemory(secret);
        imported.Recipient.ShouldBe(identity.Recipient);
        Sealed.Open(file, imported).ShouldBe("content"u8.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("age1")]
    [InlineData("age1tag1")]
    [InlineData("age1tag1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq")]
    [InlineData("ssh-ed25519 AAAA")]
    [InlineData("AGE1TAG1QQQQ")]
    [InlineData("kärl1qqqqqqqq")]
    public void A_text_that_is_no_key_is_refused_by_name(string text) => Should.Throw<AgeFormatException>(() => AgeRecipient.Parse(text));

    [Fact]
    public void One_wrong_character_anywhere_in_a_recipient_is_noticed()
    {
        using var identity = TagIdentity.Generate();
        var text = identity.Recipient.Text;
        for (var i = 0; i < text.Length; i++)
        {
            var wrong = text.Remove(i, 1).Insert(i, text[i] == 'q' ? "p" : "q");
            if (wrong != text) Should.Throw<AgeFormatException>(() => AgeRecipient.Parse(wrong), wrong);
        }
        Should.Throw<AgeFormatException>(() => AgeRecipient.Parse(text.ToUpperInvariant()));
        // The last letter, wherever it stands: a digit has no other case.
        var letter = text.AsSpan().LastIndexOfAnyInRange('a', 'z');
        var mixed = text.Remove(letter, 1).Insert(letter, char.ToUpperInvariant(text[letter]).ToString());
        Should.Throw<AgeFormatException>(() => AgeRecipient.Parse(mixed));
    }

    [Fact]
    public void Points_off_the_curve_and_secrets_out_of_range_are_refused()
    {
        using var identity = TagIdentity.Generate();
        var refused = 0;
        for (byte i = 0; i < 100; i++)
        {
            var point = identity.Recipient.Point.ToArray();
            point[40] ^= (byte)(i + 1);
            Should.Throw<AgeFormatException>(() => P256Point.Import(point));
            var x = SHA256.HashData([i]);
            try
            {
                P256Point.Decompress([2, .. x]);
            }
            catch (AgeFormatException)
            {
                refused++;
            }
        }
        refused.ShouldBeInRange(25, 75); // half of all x have no y
        Should.Throw<AgeFormatException>(() => TagIdentity.Import(new byte[32]));
        Should.Throw<AgeFormatException>(() => TagIdentity.Import(Enumerable.Repeat((byte)255, 32).ToArray()));
        Should.Throw<AgeFormatException>(() => TagIdentity.Import(new byte[31]));
    }

    [Fact]
    public void Decompressing_gives_back_the_point()
    {
        for (var i = 0; i < 50; i++)
        {
            using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            var point = P256Point.Export(key);
            P256Point.Decompress(P256Point.Compress(point)).ShouldBe(point);
        }
    }

    /// <summary>BIP 173's own valid strings.</summary>
    [Theory]
    [InlineData("A12UEL5L", "a")]
    [InlineData("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs", "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio")]
    [InlineData("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef")]
    public void Bech32_reads_the_vectors_of_BIP_173(string text, string prefix)
    {
        var (read, bytes) = Bech32.Decode(text);
        read.ShouldBe(prefix);
        Bech32.Encode(read, bytes).ShouldBe(text.ToLowerInvariant());
    }

    /// <summary>BIP 173's own invalid strings: characters, missing prefix, wrong checksums, mixed case.</summary>
    [Theory]
    [InlineData(" 1nwldj5")]
    [InlineData("\u007f1axkwrx")]
    [InlineData("\u00801eym55h")]
    [InlineData("pzry9x0s0muk")]
    [InlineData("1pzry9x0s0muk")]
    [InlineData("x1b4n0q5v")]
    [InlineData("li1dgmt3")]
    [InlineData("de1lg7wt\u00ff")]
    [InlineData("A1G7SGD8")]
    [InlineData("10a06t8")]
    [InlineData("1qzzfhee")]
    [InlineData("A12uEL5L")]
    public void Bech32_refuses_the_invalid_strings_of_BIP_173(string text) => Should.Throw<AgeFormatException>(() => Bech32.Decode(text));

    [Fact]
    public void Bech32_refuses_groups_that_are_no_whole_bytes_and_texts_beyond_its_bound()
    {
        Bech32.Decode(WithChecksum("a", "qq")).Bytes.ShouldBe([0]);
        foreach (var data in new[] { "q", "p", "qp", "qr", "qqq", "qqqqqq" }) Should.Throw<AgeFormatException>(() => Bech32.Decode(WithChecksum("a", data)), data).Message.ShouldContain("left over");
        foreach (var prefix in new[] { "!", "~" }) Bech32.Decode(WithChecksum(prefix, "qq")).Prefix.ShouldBe(prefix);
        var longest = WithChecksum(new string('x', 247), "qq");
        longest.Length.ShouldBe(256);
        Bech32.Decode(longest).Bytes.ShouldBe([0]);
        Should.Throw<AgeFormatException>(() => Bech32.Decode(WithChecksum(new string('x', 248), "qq"))).Message.ShouldContain("257");
    }

    [Fact]
    public void A_recipient_of_another_prefix_case_or_size_is_refused()
    {
        using var tag = TagIdentity.Generate();
        using var x25519 = X25519Identity.Generate();
        var point = P256Point.Compress(tag.Recipient.Point);
        foreach (var wrong in new[] { Bech32.Encode("age1tagx", point), Bech32.Encode("tag", point), Bech32.Encode("age1tag", point.AsSpan(0, 32)), Bech32.Encode("age1tag", [.. point, 0]), Bech32.Encode("age1tag", [4, .. point.AsSpan(1)]), tag.Recipient.Text.ToUpperInvariant() })
            Should.Throw<AgeFormatException>(() => TagRecipient.Parse(wrong), wrong);
        foreach (var wrong in new[] { Bech32.Encode("agex", x25519.Recipient.Point), Bech32.Encode("age", x25519.Recipient.Point[..31]), Bech32.Encode("age", [.. x25519.Recipient.Point, 0]), x25519.Recipient.Text.ToUpperInvariant() })
            Should.Throw<AgeFormatException>(() => X25519Recipient.Parse(wrong), wrong);
        foreach (var wrong in new[] { x25519.ExportText().ToLowerInvariant(), Bech32.Encode("age-secret-key-", new byte[31]).ToUpperInvariant(), Bech32.Encode("age-secret-key-", new byte[33]).ToUpperInvariant(), Bech32.Encode("age-secret-kex-", new byte[32]).ToUpperInvariant() })
            Should.Throw<AgeFormatException>(() => X25519Identity.Parse(wrong), wrong);
    }

    [Fact]
    public void A_point_has_one_form_and_a_coordinate_below_the_prime()
    {
        var prime = Convert.FromHexString("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        P256Point.Decompress([2, .. new byte[32]]).Length.ShouldBe(P256Point.UncompressedSize); // x = 0 is on the curve, so x = p would be it too
        Should.Throw<AgeFormatException>(() => P256Point.Decompress([2, .. prime])).Message.ShouldContain("below");
        foreach (var first in new byte[] { 0, 1, 4, 5 }) Should.Throw<AgeFormatException>(() => P256Point.Decompress([first, .. new byte[32]])).Message.ShouldContain("compressed form");
        foreach (var length in new[] { 0, 32, 34 }) Should.Throw<AgeFormatException>(() => P256Point.Decompress(Enumerable.Repeat((byte)2, length).ToArray())).Message.ShouldContain("compressed form");
        using var identity = TagIdentity.Generate();
        var point = identity.Recipient.Point.ToArray();
        foreach (var wrong in new byte[][] { [], point[..64], [.. point, 0], [2, .. point[1..]], [6, .. point[1..]] }) Should.Throw<AgeFormatException>(() => P256Point.Import(wrong)).Message.ShouldContain("uncompressed form");
    }

    [Fact]
    public void A_short_second_coordinate_keeps_its_leading_zero()
    {
        var found = 0;
        for (var i = 0; found < 2; i++)
        {
            byte[] compressed = [(byte)(2 + i % 2), .. SHA256.HashData(BitConverter.GetBytes(i))];
            byte[] point;
            try
            {
                point = P256Point.Decompress(compressed);
            }
            catch (AgeFormatException)
            {
                continue;
            }
            if (point[33] != 0) continue;
            found++;
            P256Point.Compress(point).ShouldBe(compressed);
            using var key = P256Point.Import(point); // the base library looks whether it is on the curve
        }
    }

    /// <summary>The checksum of BIP 173, written a second time after its text.</summary>
    private static string WithChecksum(string prefix, string data)
    {
        const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        uint[] generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var sum = 1u;
        foreach (var value in prefix.Select(c => c >> 5).Append(0).Concat(prefix.Select(c => c & 31)).Concat(data.Select(c => Letters.IndexOf(c))).Concat(new int[6]))
        {
            var top = sum >> 25;
            sum = (sum & 0x1ffffff) << 5 ^ (uint)value;
            for (var i = 0; i < 5; i++) sum ^= (top >> i & 1) == 1 ? generators[i] : 0;
        }
        sum ^= 1;
        return prefix + "1" + data + string.Concat(Enumerable.Range(0, 6).Select(i => Letters[(int)(sum >> 5 * (5 - i) & 31)]));
    }
}
