using System.Security.Cryptography;

namespace Tutelage.Identity;

/// <summary>A person's or device's private ECDSA P-256 key. Thread-safe.</summary>
public sealed class SigningKey : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A PKCS#8 P-256 key in PEM has 241 bytes; bounds what is read of a wrong file.</summary>
    private const int MaxFileSize = 4096;

    private readonly ECDsa _key; // used under its own lock: the base library promises no thread-safety

    private SigningKey(ECDsa key)
    {
        _key = key;
        Public = PublicKey.Of(key);
    }

    public PublicKey Public { get; }

    public static SigningKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a PEM PKCS#8 file that only its owner can read (mode 0600 or stricter; not checked on Windows).</summary>
    /// <exception cref="KeyFileException">Missing, no P-256 key, or open to others; the message says what to do.</exception>
    public static SigningKey Load(string path)
    {
        if (!File.Exists(path)) throw new KeyFileException($"key file {path} does not exist; make one with 'tutelage key new' or name another");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) is var open and not UnixFileMode.None)
            throw new KeyFileException($"key file {path} is open to others ({open}); run chmod 600 {path}, and make a new key if others may have read it");
        var key = ECDsa.Create();
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxFileSize) throw new KeyFileException($"key file {path} has {file.Length} bytes and is no key");
            using var reader = new StreamReader(file);
            key.ImportFromPem(reader.ReadToEnd());
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
                throw new KeyFileException($"key file {path} holds a key of another curve; only P-256 is used");
            CryptographicOperations.ZeroMemory(key.ExportECPrivateKey()); // fails for a file with the public half only
            return new SigningKey(key);
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new KeyFileException($"key file {path} cannot be used: {e.Message}", e);
        }
        catch (KeyFileException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Writes a new file with mode 0600; an existing file is never replaced.</summary>
    /// <exception cref="KeyFileException">The file exists or cannot be written.</exception>
    public void Save(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        try
        {
            using var file = new FileStream(path, options);
            lock (_key) file.Write(System.Text.Encoding.ASCII.GetBytes(_key.ExportPkcs8PrivateKeyPem() + "\n"));
            // If we crash here, a cut-off file stands that Load refuses, or none; the key was not used for anything yet.
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"key file {path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>64 bytes, P1363 form, over SHA-256 of the message.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        lock (_key)
            return _key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>A key file that cannot be used; the message says what to do.</summary>
public sealed class KeyFileException(string message, Exception? inner = null) : Exception(message, inner);
