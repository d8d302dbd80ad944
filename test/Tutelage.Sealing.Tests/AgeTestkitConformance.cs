using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Tutelage.Testing;

namespace Tutelage.Sealing.Tests;

/// <summary>Every vector of the age test kit (C2SP/CCTV) that concerns what we read: X25519, STREAM, HMAC, header grammar; each from a file and from a wire.</summary>
/// <remarks>Skipped by name and reason: what docs/formats/sealed-object.md says that we do not read.</remarks>
public sealed class AgeTestkitConformance
{
    [Fact]
    public void Every_vector_ends_as_the_kit_expects()
    {
        if (!SharedFolder.Has("age-testkit", out var folder)) return;
        var (passed, skipped, faults) = (0, new List<string>(), new List<string>());
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            var vector = Vector.Read(path);
            if (vector.SkipReason is { } reason)
            {
                skipped.Add($"{vector.Name} ({reason})");
                continue;
            }
            var outcomes = new[] { Outcome(vector, new MemoryStream(vector.File)), Outcome(vector, new OnceStream(vector.File)) };
            if (outcomes.All(outcome => outcome == vector.Expect)) passed++;
            else faults.Add($"{vector.Name}: expected {vector.Expect}, was {string.Join(" from a file, from a wire ", outcomes)}");
        }

        Console.WriteLine($"age test kit: {passed} passed, {skipped.Count} skipped");
        foreach (var line in skipped) Console.WriteLine($"  skipped {line}");
        faults.ShouldBeEmpty();
        passed.ShouldBeGreaterThan(30);
    }

    private static string Outcome(Vector vector, Stream file)
    {
        using var identity = vector.Identity is { } text ? X25519Identity.Parse(text) : X25519Identity.Generate();
        AgeReader reader;
        try
        {
            reader = AgeReader.Open(file, identity);
        }
        catch (NoMatchingIdentityException)
        {
            return "no match";
        }
        catch (AgeFormatException e)
        {
            return e.Message.StartsWith("the MAC of an age header is wrong", StringComparison.Ordinal) ? "HMAC failure" : "header failure";
        }

        using (reader)
        {
            var (read, fault) = Sealed.ReadUntilFault(reader);
            if (vector.PayloadSha256 is { } expected && Convert.ToHexStringLower(SHA256.HashData(read)) != expected) return "another payload";
            return fault switch { null => "success", PayloadAuthenticationException => "payload failure", _ => fault.ToString() };
        }
    }

    private sealed record Vector(string Name, string Expect, string? Identity, string? PayloadSha256, string? SkipReason, byte[] File)
    {
        public static Vector Read(string path)
        {
            var bytes = System.IO.File.ReadAllBytes(path);
            var end = bytes.AsSpan().IndexOf("\n\n"u8);
            var fields = Encoding.UTF8.GetString(bytes, 0, end).Split('\n')
                .Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1]);
            var file = bytes[(end + 2)..];
            if (fields["compressed"].FirstOrDefault() == "zlib") file = Inflate(file);
            var identity = fields["identity"].SingleOrDefault();
            var skip = fields["armored"].Any() ? "armor is not read"
                : identity is null && fields["passphrase"].Count() == 1 ? "passphrases are not read; what scrypt stanzas mean for a header is checked by the others"
                : identity?.StartsWith("AGE-SECRET-KEY-1", StringComparison.Ordinal) == false ? $"identities {identity[..identity.LastIndexOf('1')]} are not read"
                : null;
            return new Vector(Path.GetFileName(path), fields["expect"].Single(), identity, fields["payload"].SingleOrDefault(), skip, file);
        }

        private static byte[] Inflate(byte[] compressed)
        {
            using var stream = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
            return Sealed.ReadAll(stream);
        }
    }
}
