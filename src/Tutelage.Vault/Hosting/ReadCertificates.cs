using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tutelage.Identity;

namespace Tutelage.Hosting;

/// <summary>What a device certificate says, once the vault's signature on it has been checked.</summary>
internal sealed record CertifiedDevice(string? Tag, PublicKey Device, string? Manifest);

/// <summary>Device certificates whose signature by one vault key was checked before. A person's objects all carry the same one, and its signature holds for ever.</summary>
/// <remarks>Remembers by the exact text and nothing that failed. Whether a device still belongs to the person is not in a certificate and is asked anew each time. Thread-safe.</remarks>
internal sealed class ReadCertificates
{
    /// <summary>About 1 KiB each; beyond it all are forgotten, and checked again.</summary>
    private const int Kept = 4096;

    private static readonly ConditionalWeakTable<PublicKey, ReadCertificates> Known = [];

    private readonly ConcurrentDictionary<string, CertifiedDevice> _read = new(StringComparer.Ordinal);
    private readonly PublicKey _vault;

    private ReadCertificates(PublicKey vault) => _vault = vault;

    public static ReadCertificates Of(PublicKey vault) => Known.GetValue(vault, static key => new ReadCertificates(key));

    /// <summary>Null if it is no certificate, or not this vault's: which part of it is wrong helps nobody who has a right one.</summary>
    public CertifiedDevice? Find(string certificate)
    {
        if (_read.TryGetValue(certificate, out var before)) return before;
        try
        {
            var statement = SignedStatement.Parse(certificate);
            if (!statement.Verify(_vault, ReleasedObject.CertificateKind)) return null;
            var (tag, deviceKey, manifest) = statement.Read<DeviceCertificate>();
            var device = new CertifiedDevice(tag, PublicKey.Parse(deviceKey ?? ""), manifest);
            if (_read.Count >= Kept) _read.Clear();
            _read[certificate] = device;
            return device;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
