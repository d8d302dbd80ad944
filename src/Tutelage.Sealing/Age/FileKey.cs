using System.Security.Cryptography;
using Tutelage.Sealing.Memory;

namespace Tutelage.Sealing;

/// <summary>The 16 bytes that open one age file. In locked memory and zeroed on dispose; the owner MUST dispose it.</summary>
public sealed class FileKey : IDisposable
{
    /// <summary>age v1: a file key has 128 bits.</summary>
    public const int SizeBytes = 16;

    private readonly LockedBytes _bytes = new(SizeBytes);

    private FileKey()
    {
    }

    /// <summary>The key itself, valid until this is disposed. Copies made of it are the caller's to zero.</summary>
    /// <exception cref="ObjectDisposedException">The key is gone.</exception>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    public static FileKey Generate()
    {
        var key = new FileKey();
        RandomNumberGenerator.Fill(key._bytes.Span);
        return key;
    }

    /// <summary>A copy of <paramref name="bytes"/>, which the caller should zero.</summary>
    /// <exception cref="ArgumentException">Not exactly 16 bytes.</exception>
    public static FileKey From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
            throw new ArgumentException($"a file key has {SizeBytes} bytes, not {bytes.Length}", nameof(bytes));
        var key = new FileKey();
        bytes.CopyTo(key._bytes.Span);
        return key;
    }

    public void Dispose() => _bytes.Dispose();
}
