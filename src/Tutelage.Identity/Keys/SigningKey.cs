namespace Tutelage.Identity;

/// <summary>A person's or device's private ECDSA P-256 key.</summary>
public sealed class SigningKey : IDisposable
{
    public PublicKey Public => throw new NotImplementedException();
    public static SigningKey Generate() => throw new NotImplementedException();

    /// <summary>Reads a key file that only its owner can read.</summary>
    /// <exception cref="KeyFileException">Missing, not a key, or readable by others.</exception>
    public static SigningKey Load(string path) => throw new NotImplementedException();

    /// <summary>Writes a new file with mode 0600; an existing file is never replaced.</summary>
    public void Save(string path) => throw new NotImplementedException();

    /// <summary>64 bytes, P1363 form, over SHA-256.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>A key file that cannot be used; the message says what to do.</summary>
public sealed class KeyFileException(string message, Exception? inner = null) : Exception(message, inner);
