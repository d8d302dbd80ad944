namespace Tutelage.Sealing.Tests;

/// <summary>Bytes to seal, and the assertions that all tests here are made of.</summary>
internal static class Sealed
{
    public const int Chunk = PayloadChunks.PlainSize;

    /// <summary>Sizes around every boundary of the chunks.</summary>
    public static readonly int[] InterestingSizes = [0, 1, 15, 16, 17, 1000, Chunk - 1, Chunk, Chunk + 1, 2 * Chunk - 1, 2 * Chunk, 2 * Chunk + 1, 5 * Chunk + 77];

    /// <summary>A byte that depends on its offset only, so that any prefix can be checked; its period (251) is no divisor of a chunk.</summary>
    public static byte At(long offset) => (byte)(offset % 251 ^ offset / 65521);

    public static byte[] Pattern(int size, long offset = 0)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++) bytes[i] = At(offset + i);
        return bytes;
    }

    public static byte[] ToFile(ReadOnlySpan<byte> plaintext, params AgeRecipient[] recipients)
    {
        using var file = new MemoryStream();
        using var writer = new AgeWriter(file, recipients);
        writer.Write(plaintext);
        writer.Complete();
        return file.ToArray();
    }

    public static byte[] Open(byte[] file, AgeIdentity identity)
    {
        using var reader = AgeReader.Open(new MemoryStream(file), identity);
        return ReadAll(reader);
    }

    public static byte[] ReadAll(Stream stream)
    {
        using var result = new MemoryStream();
        stream.CopyTo(result);
        return result.ToArray();
    }

    /// <summary>What could be read, and what stopped it.</summary>
    public static (byte[] Read, Exception? Fault) ReadUntilFault(Stream stream)
    {
        using var result = new MemoryStream();
        var buffer = new byte[10_000];
        try
        {
            int count;
            while ((count = stream.Read(buffer)) > 0) result.Write(buffer, 0, count);
            return (result.ToArray(), null);
        }
        catch (Exception e)
        {
            return (result.ToArray(), e);
        }
    }

    public static void AssertPattern(ReadOnlySpan<byte> read, long expectedLength)
    {
        ((long)read.Length).ShouldBe(expectedLength);
        for (var i = 0; i < read.Length; i++)
            if (read[i] != At(i)) read[i].ShouldBe(At(i), $"at {i}");
    }

    /// <summary>The next bytes of <paramref name="stream"/> are the pattern's from <paramref name="offset"/> on.</summary>
    public static void AssertPatternAt(Stream stream, long offset, int count)
    {
        var read = new byte[count];
        stream.ReadExactly(read);
        read.AsSpan().SequenceEqual(Pattern(count, offset)).ShouldBeTrue($"{count} bytes at {offset}");
    }

    /// <summary>The only exceptions that outside bytes may cause.</summary>
    public static bool IsNamed(Exception e) => e is AgeFormatException or NoMatchingIdentityException or PayloadAuthenticationException;
}

/// <summary>Bytes as they come over a wire: no seeking, and seldom as many as asked for.</summary>
internal sealed class OnceStream(byte[] bytes) : Stream
{
    private readonly Random _random = new(bytes.Length);
    private int _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        count = Math.Min(count <= 1 ? count : _random.Next(1, count + 1), bytes.Length - _position);
        bytes.AsSpan(_position, count).CopyTo(buffer.AsSpan(offset));
        _position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Vault and auditor, and both keys of a file.</summary>
internal sealed class Custody : IDisposable
{
    public TagIdentity Vault { get; } = TagIdentity.Generate();
    public TagIdentity Auditor { get; } = TagIdentity.Generate();

    /// <summary>Of what was sealed last.</summary>
    public SealedFile? Last { get; private set; }

    public byte[] Seal(byte[] plaintext)
    {
        using var file = new MemoryStream();
        Last = CustodySeal.Seal(new MemoryStream(plaintext), file, Vault.Recipient, Auditor.Recipient);
        return file.ToArray();
    }

    /// <summary>With the keys of what was sealed last, each from its header alone, as vault and auditor do it.</summary>
    public Stream Open(byte[] file) => Open(new MemoryStream(file));

    public Stream Open(Stream file)
    {
        using var outer = AgeHeader.Parse(Last!.OuterHeader).Unwrap(Auditor);
        using var inner = AgeHeader.Parse(Last!.InnerHeader).Unwrap(Vault);
        return CustodySeal.Open(file, outer, inner);
    }

    public void Dispose()
    {
        Vault.Dispose();
        Auditor.Dispose();
    }
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tutelage-sealing-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
