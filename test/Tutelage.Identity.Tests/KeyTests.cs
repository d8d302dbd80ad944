using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Identity.Tests;

public sealed class KeyTests
{
    [Fact]
    public void A_public_key_survives_its_text_and_JSON_and_its_id_is_a_digest_of_it()
    {
        using var key = SigningKey.Generate();
        PublicKey.Parse(key.Public.Text).ShouldBe(key.Public);
        JsonSerializer.Deserialize<PublicKey>(JsonSerializer.Serialize(key.Public)).ShouldBe(key.Public);
        key.Public.Id.Length.ShouldBe(22);
        key.Public.Id.ShouldBe(Base64UrlText.Encode(SHA256.HashData(Base64UrlText.Decode(key.Public.Text, "key")))[..22]);
    }

    [Fact]
    public void A_signature_verifies_for_its_key_and_message_only_and_in_P1363_form_only()
    {
        using var key = SigningKey.Generate();
        using var other = SigningKey.Generate();
        var signature = key.Sign("message"u8);
        signature.Length.ShouldBe(64);
        key.Public.Verify("message"u8, signature).ShouldBeTrue();
        key.Public.Verify("messagf"u8, signature).ShouldBeFalse();
        other.Public.Verify("message"u8, signature).ShouldBeFalse();
        key.Public.Verify("message"u8, signature.AsSpan(1)).ShouldBeFalse();
        key.Public.Verify("message"u8, new byte[64]).ShouldBeFalse();

        using var raw = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var der = raw.SignData("message"u8, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        PublicKey.Of(raw).Verify("message"u8, der).ShouldBeFalse();
    }

    [Fact]
    public void Keys_of_other_curves_forms_and_spellings_are_refused()
    {
        using var key = SigningKey.Generate();
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var spki = Base64UrlText.Decode(key.Public.Text, "key");
        byte[] offCurve = [.. spki[..^1], (byte)(spki[^1] ^ 1)];
        string[] refused =
        [
            "", "A", key.Public.Text + "=", key.Public.Text + " ", key.Public.Text[..^1], key.Public.Text + "AA",
            Base64UrlText.Encode(offCurve),
            Base64UrlText.Encode(p384.ExportSubjectPublicKeyInfo()),
            Base64UrlText.Encode(rsa.ExportSubjectPublicKeyInfo()),
            Convert.ToBase64String(spki),
        ];
        foreach (var text in refused) Should.Throw<FormatException>(() => PublicKey.Parse(text), text);
    }

    [Fact]
    public void Mutated_keys_are_the_same_key_or_none()
    {
        using var key = SigningKey.Generate();
        var random = new Random(20264);
        for (var i = 0; i < FuzzRounds.Count; i++)
        {
            var text = Mutation.Of(key.Public.Text, random);
            try
            {
                // Another point of the curve is another key, and never verifies what this one signed.
                if (PublicKey.Parse(text).Text != text) throw new InvalidOperationException($"seed 20264, round {i}: {text}");
            }
            catch (FormatException)
            {
            }
        }
    }

    [Fact]
    public void Mutated_key_files_hold_the_same_key_or_are_refused_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-identity-").FullName;
        try
        {
            using var key = SigningKey.Generate();
            var path = Path.Combine(folder, "key.pem");
            key.Save(path);
            var pem = File.ReadAllText(path);
            var random = new Random(20265);
            for (var i = 0; i < FuzzRounds.CountOfSlow; i++)
            {
                File.WriteAllText(path, Mutation.Of(pem, random));
                try
                {
                    using var loaded = SigningKey.Load(path);
                    loaded.Public.Verify("message"u8, loaded.Sign("message"u8)).ShouldBeTrue($"seed 20265, round {i}");
                }
                catch (KeyFileException)
                {
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_key_file_is_for_its_owner_only_and_never_overwritten()
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-identity-").FullName;
        try
        {
            var path = Path.Combine(folder, "key.pem");
            using var key = SigningKey.Generate();
            key.Save(path);
            Should.Throw<KeyFileException>(() => key.Save(path)).Message.ShouldContain(path);
            using (var loaded = SigningKey.Load(path)) loaded.Public.ShouldBe(key.Public);
            if (OperatingSystem.IsWindows()) return;

            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            foreach (var open in new[] { UnixFileMode.GroupRead, UnixFileMode.OtherRead, UnixFileMode.GroupWrite, UnixFileMode.OtherWrite })
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | open);
                Should.Throw<KeyFileException>(() => SigningKey.Load(path)).Message.ShouldContain("chmod 600");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_no_private_P_256_key_is_refused_with_its_name()
    {
        var folder = Directory.CreateTempSubdirectory("tutelage-identity-").FullName;
        try
        {
            using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
            using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            string[] contents = ["", "no key", p384.ExportPkcs8PrivateKeyPem(), p256.ExportSubjectPublicKeyInfoPem(), p256.ExportPkcs8PrivateKeyPem()[..100], new('x', 10_000)];
            foreach (var content in contents)
            {
                var path = Path.Combine(folder, "key.pem");
                File.WriteAllText(path, content);
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                Should.Throw<KeyFileException>(() => SigningKey.Load(path)).Message.ShouldContain(path);
            }
            Should.Throw<KeyFileException>(() => SigningKey.Load(Path.Combine(folder, "missing"))).Message.ShouldContain("does not exist");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
