using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>The 16 bytes that open one age file. Pinned (the collector leaves no copies behind) and zeroed on dispose.</summary>
public sealed class FileKey : IDisposable
{
    /// <summary>age v1: a file key has 128 bits.</summary>
    public const int SizeBytes = 16;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(SizeBytes, pinned: true);
    private bool _disposed;

    private FileKey()
    {
    }

    /// <summary>The key itself, valid until this is disposed. Copies made of it are the caller's to zero.</summary>
    /// <exception cref="ObjectDisposedException">The key is gone.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    public static FileKey Generate()
    {
        var key = new FileKey();
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    /// <summary>A copy of <paramref name="bytes"/>, which the caller should zero.</summary>
    /// <exception cref="ArgumentException">Not exactly 16 bytes.</exception>
    public static FileKey From(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
            throw new ArgumentException($"a file key has {SizeBytes} bytes, not {bytes.Length}", nameof(bytes));
        var key = new FileKey();
        bytes.CopyTo(key._bytes);
        return key;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
    }
}
