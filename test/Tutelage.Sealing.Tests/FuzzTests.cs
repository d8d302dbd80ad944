using System.Buffers.Binary;
using System.Text;
using Tutelage.Testing;

namespace Tutelage.Sealing.Tests;

/// <summary>Outside bytes end in a named exception or in a sound result, and never take memory in proportion to what they claim.</summary>
public sealed class FuzzTests
{
    private const long MaxAllocation = 64 << 20; // a round
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
        }, FuzzRounds.CountOfSlow);
    }

    [Fact]
    public void Mutated_files_give_true_ranges_or_none()
    {
        using var identity = TagIdentity.Generate();
        var plaintext = Sealed.Pattern(Sealed.Chunk + 300);
        var file = Sealed.ToFile(plaintext, identity.Recipient);
        using var key = AgeHeader.Read(new MemoryStream(file)).Unwrap(identity);
        var payload = AgeHeader.Read(new MemoryStream(file)).Bytes.Length;
        var places = new Random(Seed);
        AssertNamed(file[payload..], bytes =>
        {
            using var reader = AgeReader.OpenWithFileKey(new MemoryStream([.. file[..payload], .. bytes]), key);
            reader.Position = places.Next(plaintext.Length + 100);
            var (start, range) = ((int)reader.Position, new byte[places.Next(1, 400)]);
            var read = reader.ReadAtLeast(range, range.Length, throwOnEndOfStream: false);
            read.ShouldBe(Math.Clamp(plaintext.Length - start, 0, range.Length));
            range.AsSpan(0, read).SequenceEqual(plaintext.AsSpan(Math.Min(start, plaintext.Length), read)).ShouldBeTrue();
            reader.Length.ShouldBe(plaintext.Length);
        }, FuzzRounds.CountOfSlow);
    }

    /// <summary>Worse than an altered file: whoever holds the outer key seals other bytes around the inner file.</summary>
    [Fact]
    public void Mutated_insides_of_an_outer_seal_give_what_was_sealed_or_a_beginning_of_it()
    {
        using var custody = new Custody();
        var plaintext = Sealed.Pattern(700);
        var file = custody.Seal(plaintext);
        using var outerKey = AgeHeader.Parse(custody.Last!.OuterHeader).Unwrap(custody.Auditor);
        using var innerKey = AgeHeader.Parse(custody.Last!.InnerHeader).Unwrap(custody.Vault);
        var inside = Sealed.ReadAll(AgeReader.OpenWithFileKey(new MemoryStream(file), outerKey));
        var seal = new PayloadSealer(file.AsSpan(0, custody.Last!.OuterHeader.Length), outerKey);
        AssertNamed(inside, bytes =>
        {
            using var reader = CustodySeal.Open(new MemoryStream(seal.Seal(bytes)), outerKey, innerKey);
            var (read, fault) = Sealed.ReadUntilFault(reader);
            plaintext.AsSpan().StartsWith(read).ShouldBeTrue();
            if (fault is not null) throw fault;
            bytes.ShouldBe(inside);
        });
    }

    [Fact]
    public void Mutated_spool_files_and_tails_give_a_beginning_of_what_was_written_or_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var identity = X25519Identity.Generate();
        var plaintext = Sealed.Pattern(Sealed.Chunk + 900);
        using (var writer = SpoolFileWriter.Create(folder["spool"], identity.Recipient))
        {
            writer.Write(plaintext);
            writer.FlushTail();
        }
        var (main, tail) = (File.ReadAllBytes(folder["spool"]), File.ReadAllBytes(SpoolFile.TailPath(folder["spool"])));
        void AssertPrefix()
        {
            using var reader = SpoolFileReader.Open(folder["spool"], identity);
            var (read, fault) = Sealed.ReadUntilFault(reader);
            plaintext.AsSpan().StartsWith(read).ShouldBeTrue();
            if (fault is not null) throw fault;
        }

        AssertNamed(tail, bytes =>
        {
            File.WriteAllBytes(SpoolFile.TailPath(folder["spool"]), bytes);
            AssertPrefix();
        }, FuzzRounds.CountOfSlow);
        File.WriteAllBytes(SpoolFile.TailPath(folder["spool"]), tail);
        AssertNamed(main, bytes =>
        {
            File.WriteAllBytes(folder["spool"], bytes);
            AssertPrefix();
        }, FuzzRounds.CountOfSlow);
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

    private static void AssertNamed(byte[] original, Action<byte[]> read, int? rounds = null)
    {
        var cases = rounds ?? FuzzRounds.Count;
        var random = new Random(Seed);
        for (var i = 0; i < cases; i++)
        {
            var bytes = Mutate(original, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(bytes);
            }
            catch (Exception e) when (Sealed.IsNamed(e))
            {
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"round {i} of seed {Seed}, bytes {Convert.ToHexString(bytes.AsSpan(0, Math.Min(400, bytes.Length)))}", e);
            }
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MaxAllocation);
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

    /// <summary>Makes another payload behind a header, with its own nonce.</summary>
    private sealed class PayloadSealer(ReadOnlySpan<byte> header, FileKey key)
    {
        private readonly byte[] _header = header.ToArray();
        private ulong _nonce;

        public byte[] Seal(ReadOnlySpan<byte> plaintext)
        {
            if (plaintext.Length > Sealed.Chunk) throw new ArgumentException("one chunk is enough here");
            var nonce = new byte[PayloadChunks.NonceSize];
            BinaryPrimitives.WriteUInt64BigEndian(nonce, ++_nonce);
            using var chunks = new PayloadChunks(key, nonce);
            var chunk = new byte[plaintext.Length + PayloadChunks.TagSize];
            chunks.Seal(plaintext, last: true, chunk);
            return [.. _header, .. nonce, .. chunk];
        }
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
