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

    /// <summary>The only exceptions that outside bytes may cause.</summary>
    public static bool IsNamed(Exception e) => e is AgeFormatException or NoMatchingIdentityException or PayloadAuthenticationException;
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tutelage-sealing-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
