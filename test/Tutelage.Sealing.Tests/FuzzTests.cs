using System.Text;

namespace Tutelage.Sealing.Tests;

/// <summary>Outside bytes end in a named exception or in a sound result, and never take memory in proportion to what they claim.</summary>
public sealed class FuzzTests
{
    private const int Cases = 10_000;
    private const int Seed = 20261;

    [Fact]
    public void Mutated_headers_are_read_or_refused_by_name()
    {
        using var tag = TagIdentity.Generate();
        using var x25519 = X25519Identity.Generate();
        var header = AgeHeader.Read(new MemoryStream(Sealed.ToFile([], x25519.Recipient, tag.Recipient))).Bytes.ToArray();
        AssertNamed(header, bytes =>
        {
            using var key = AgeHeader.Parse(bytes).Unwrap(tag);
            bytes.ShouldBe(header); // the MAC covers every byte, so only the original unwraps
        });
    }

    [Fact]
    public void Mutated_files_give_their_plaintext_or_a_beginning_of_it()
    {
        using var identity = X25519Identity.Generate();
        var plaintext = Sealed.Pattern(Sealed.Chunk + 300);
        var file = Sealed.ToFile(plaintext, identity.Recipient);
        var payload = AgeHeader.Read(new MemoryStream(file)).Bytes.Length;
        AssertNamed(file[payload..], bytes =>
        {
            using var reader = AgeReader.Open(new MemoryStream([.. file[..payload], .. bytes]), identity);
            var (read, fault) = Sealed.ReadUntilFault(reader);
            plaintext.AsSpan().StartsWith(read).ShouldBeTrue();
            if (fault is not null) throw fault;
            read.Length.ShouldBe(plaintext.Length);
        }, Cases / 10);
    }

    [Fact]
    public void Mutated_key_texts_are_read_or_refused_by_name()
    {
        using var tag = TagIdentity.Generate();
        AssertNamed(Encoding.Latin1.GetBytes(tag.Recipient.Text), bytes => AgeRecipient.Parse(Encoding.Latin1.GetString(bytes)));
        using var x25519 = X25519Identity.Generate();
        AssertNamed(Encoding.Latin1.GetBytes(x25519.ExportText()), bytes => X25519Identity.Parse(Encoding.Latin1.GetString(bytes)));
    }

    [Theory]
    [InlineData("age-encryption.org/v1\n", "-> grease\nAAAA\n")]
    [InlineData("age-encryption.org/v1\n-> ", "a")]
    [InlineData("age-encryption.org/v1\n-> a\n", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("", "\0")]
    public void A_header_without_end_is_refused_after_64_KiB(string start, string endless)
    {
        using var stream = new EndlessStream(Encoding.ASCII.GetBytes(start), Encoding.ASCII.GetBytes(endless));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<AgeFormatException>(() => AgeHeader.Read(stream));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 << 20);
        stream.Position.ShouldBeLessThanOrEqualTo(AgeHeader.MaxSizeBytes + 1);
    }

    private static void AssertNamed(byte[] original, Action<byte[]> read, int cases = Cases)
    {
        var random = new Random(Seed);
        for (var i = 0; i < cases; i++)
        {
            var bytes = Mutate(original, random);
            try
            {
                read(bytes);
            }
            catch (Exception e) when (Sealed.IsNamed(e))
            {
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {Seed}, case {i}: {Convert.ToHexString(bytes.AsSpan(0, Math.Min(400, bytes.Length)))}", e);
            }
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.Insert(at, "\n -=A\r"u8[random.Next(6)]); break;
            }
        }
        return [.. bytes];
    }

    private sealed class EndlessStream(byte[] start, byte[] endless) : MemoryStream
    {
        private int _position;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            for (var i = 0; i < buffer.Length; i++, _position++)
                buffer[i] = _position < start.Length ? start[_position] : endless[(_position - start.Length) % endless.Length];
            return buffer.Length;
        }
    }
}
