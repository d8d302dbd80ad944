using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Sealing.Tests;

/// <summary>RFC 9180 vectors in accumulated form (FiloSottile/hpke): a thousand messages drawn from SHAKE128, SHAKE128 over their ciphertexts.</summary>
public sealed class HpkeConformance
{
    private const int KemX25519 = 0x0020;
    private const int HkdfSha256 = 1;

    [Fact]
    public void Base_mode_makes_the_ciphertexts_of_the_RFC_in_every_suite_that_is_built_of_what_we_use()
    {
        if (!SharedFolder.Has("hpke", out var folder)) return;
        var (passed, skipped) = (0, new List<string>());
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var vector in document.RootElement.EnumerateArray())
            {
                if (SkipReason(vector) is { } reason)
                {
                    skipped.Add($"{Path.GetFileName(path)} mode {Id(vector, "mode")} KEM {Id(vector, "kem_id")} KDF {Id(vector, "kdf_id")} AEAD {Id(vector, "aead_id")}: {reason}");
                    continue;
                }
                Check(vector, Id(vector, "kem_id"), (HpkeAead)Id(vector, "aead_id"));
                passed++;
            }
        }
        Console.WriteLine($"RFC 9180: {passed} passed, {skipped.Count} skipped");
        foreach (var line in skipped) Console.WriteLine($"  skipped {line}");
        passed.ShouldBeGreaterThanOrEqualTo(6);
    }

    private static string? SkipReason(JsonElement vector) =>
        Id(vector, "mode") != 0 ? "only base mode is used"
        : Id(vector, "kem_id") is not (Hpke.KemP256 or KemX25519) ? "only P-256 and X25519 are used"
        : Id(vector, "kdf_id") != HkdfSha256 ? "only HKDF-SHA256 is used"
        : !Enum.IsDefined((HpkeAead)Id(vector, "aead_id")) ? "exports secrets instead of sealing, which nothing here does"
        : null;

    private static int Id(JsonElement vector, string name) => vector.GetProperty(name).GetInt32();

    private static void Check(JsonElement vector, int kem, HpkeAead aead)
    {
        byte[] Field(string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);
        var (enc, recipient, info) = (Field("enc"), Field("pkRm"), Field("info"));
        var (senderSecret, recipientSecret) = (DeriveSecret(kem, Field("ikmE")), DeriveSecret(kem, Field("ikmR")));
        recipientSecret.ShouldBe(Field("skRm"));

        using var sender = kem == KemX25519 ? FromX25519(senderSecret, recipient, enc, recipient, info, aead) : FromP256(senderSecret, recipient, enc, recipient, info, aead);
        using var receiver = kem == KemX25519 ? FromX25519(recipientSecret, enc, enc, recipient, info, aead) : FromP256(recipientSecret, enc, enc, recipient, info, aead);
        PublicOf(kem, senderSecret).ShouldBe(enc);
        PublicOf(kem, recipientSecret).ShouldBe(recipient);

        var source = new Draws();
        using var all = new MemoryStream();
        for (var i = 0; i < 1000; i++)
        {
            var associated = source.Next();
            var plaintext = source.Next();
            var ciphertext = sender.Seal(plaintext, associated);
            all.Write(ciphertext);
            var opened = new byte[plaintext.Length];
            receiver.TryOpen(ciphertext, opened, associated).ShouldBeTrue();
            opened.ShouldBe(plaintext);
        }
        Shake128.HashData(all.ToArray(), 16).ShouldBe(Field("encryptions_accumulated"));
    }

    private static HpkeContext FromP256(byte[] secret, byte[] peer, byte[] enc, byte[] recipient, byte[] info, HpkeAead aead)
    {
        using var own = P256(secret);
        return Hpke.SetupP256(own, peer, enc, recipient, info, aead);
    }

    private static HpkeContext FromX25519(byte[] secret, byte[] peer, byte[] enc, byte[] recipient, byte[] info, HpkeAead aead)
    {
        var shared = new byte[32];
        X25519.TryAgree(secret, peer, shared).ShouldBeTrue();
        return Hpke.Setup(KemX25519, shared, [.. enc, .. recipient], info, aead);
    }

    private static ECDiffieHellman P256(byte[] secret) =>
        ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });

    private static byte[] PublicOf(int kem, byte[] secret)
    {
        if (kem == KemX25519) return X25519.PublicKey(secret);
        using var key = P256(secret);
        return P256Point.Export(key);
    }

    /// <summary>DeriveKeyPair, RFC 9180 section 7.1.3.</summary>
    private static byte[] DeriveSecret(int kem, byte[] ikm)
    {
        byte[] suite = [.. "KEM"u8, (byte)(kem >> 8), (byte)kem];
        var (prk, secret) = (new byte[32], new byte[32]);
        Hpke.LabeledExtract(suite, default, "dkp_prk"u8, ikm, prk);
        if (kem == KemX25519)
        {
            Hpke.LabeledExpand(suite, prk, "sk"u8, default, secret);
            return secret;
        }
        var order = BigInteger.Parse("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        for (byte counter = 0; ; counter++)
        {
            Hpke.LabeledExpand(suite, prk, "candidate"u8, [counter], secret);
            var value = new BigInteger(secret, isUnsigned: true, isBigEndian: true);
            if (!value.IsZero && value < order) return secret;
        }
    }

    /// <summary>SHAKE128 of nothing, cut into a length byte and so many bytes, again and again. One squeeze: OpenSSL 3.0 has no second.</summary>
    private sealed class Draws
    {
        private readonly byte[] _stream = Shake128.HashData([], 2000 * 256);
        private int _position;

        public byte[] Next()
        {
            var length = _stream[_position++];
            _position += length;
            return _stream[(_position - length).._position];
        }
    }
}
