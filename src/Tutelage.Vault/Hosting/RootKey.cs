using System.Security.Cryptography;
using Tutelage.Sealing.Memory;

namespace Tutelage.Hosting;

/// <summary>The key under which a host keeps all its other secrets: 32 random bytes in a file that only its owner reads.</summary>
internal static class RootKey
{
    public const string FileName = "root.key";

    /// <exception cref="IOException">The file exists already: a root key is never replaced.</exception>
    public static void Create(string path)
    {
        using var key = new LockedBytes(WrappingKey.SizeBytes);
        RandomNumberGenerator.Fill(key.Span);
        PrivateFile.Create(path, key.Span);
    }

    /// <summary>Loads the key, or adds to <paramref name="faults"/> why it cannot.</summary>
    public static WrappingKey? Load(string path, List<string> faults)
    {
        if (PrivateFile.ReadSecret(path, faults) is not { } key) return null;
        if (key.Length == WrappingKey.SizeBytes) return new WrappingKey(key);
        faults.Add($"{path}: a root key has {WrappingKey.SizeBytes} bytes, this file {key.Length}; restore it");
        key.Dispose();
        return null;
    }
}
