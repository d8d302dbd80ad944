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
}
