using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Sealing;

/// <summary>An age v1 header: to whom the file key is wrapped, and a MAC that only the file key can make.</summary>
public sealed class AgeHeader
{
    /// <summary>A header to one recipient has about 250 bytes; this bounds what we read of an outside one.</summary>
    public const int MaxSizeBytes = 64 * 1024;

    private const int MacSize = 32;

    private readonly byte[] _bytes;
    private readonly int _authenticatedSize;
    private readonly byte[] _mac;

    private AgeHeader(byte[] bytes, IReadOnlyList<Stanza> stanzas, int authenticatedSize, byte[] mac) =>
        (_bytes, Stanzas, _authenticatedSize, _mac) = (bytes, stanzas, authenticatedSize, mac);

    /// <summary>The header as it stands in the file, from the version line to the line feed after the MAC.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    internal IReadOnlyList<Stanza> Stanzas { get; }

    /// <summary>Reads a header and not one byte more. Reads byte by byte: give it a buffered stream.</summary>
    /// <exception cref="AgeFormatException">Not an age header.</exception>
    public static AgeHeader Read(Stream source)
    {
        var lines = new HeaderLines();
        Span<byte> one = stackalloc byte[1];
        while (!lines.Add(source.Read(one) == 1 ? one[0] : -1))
        {
        }
        return Parse(lines.Bytes);
    }

    /// <inheritdoc cref="Read"/>
    public static async Task<AgeHeader> ReadAsync(Stream source, CancellationToken cancellationToken = default)
    {
        var lines = new HeaderLines();
        var one = new byte[1];
        while (!lines.Add(await source.ReadAsync(one, cancellationToken) == 1 ? one[0] : -1))
        {
        }
        return Parse(lines.Bytes);
    }

    /// <summary>Reads a header that is exactly <paramref name="bytes"/>.</summary>
    /// <exception cref="AgeFormatException">Not an age header, or bytes after it.</exception>
    public static AgeHeader Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSizeBytes) throw new AgeFormatException($"an age header has more than {MaxSizeBytes} bytes");
        var (stanzas, authenticatedSize, mac) = HeaderText.Parse(bytes);
        return new AgeHeader(bytes.ToArray(), stanzas, authenticatedSize, mac);
    }

    /// <summary>The file key, checked against the header's MAC. The caller disposes it.</summary>
    /// <exception cref="NoMatchingIdentityException">No stanza is for this identity.</exception>
    /// <exception cref="AgeFormatException">A stanza is not allowed, or the MAC is wrong.</exception>
    public FileKey Unwrap(AgeIdentity identity)
    {
        foreach (var stanza in Stanzas)
        {
            if (identity.TryUnwrap(stanza) is not { } key) continue;
            try
            {
                Authenticate(key);
                return key;
            }
            catch (AgeFormatException)
            {
                key.Dispose();
                throw;
            }
        }
        throw new NoMatchingIdentityException(
            $"none of the header's {Stanzas.Count} stanzas ({string.Join(", ", Stanzas.Take(4).Select(s => s.Type))}) is for this identity; give the one that it was sealed to");
    }

    /// <exception cref="AgeFormatException">The key is not this header's, or the header was altered.</exception>
    internal void Authenticate(FileKey key)
    {
        if (!CryptographicOperations.FixedTimeEquals(Mac(key, _bytes.AsSpan(0, _authenticatedSize)), _mac))
            throw new AgeFormatException("the MAC of an age header is wrong: it was altered, or the file key is another file's");
    }

    internal static AgeHeader Create(FileKey key, IReadOnlyList<AgeRecipient> recipients)
    {
        if (recipients.Count == 0) throw new ArgumentException("an age file needs a recipient", nameof(recipients));
        var text = HeaderText.Write(recipients.Select(r => r.Wrap(key)));
        var mac = Mac(key, Encoding.ASCII.GetBytes(text));
        return Parse(Encoding.ASCII.GetBytes($"{text} {CanonicalBase64.Encode(mac)}\n"));
    }

    private static byte[] Mac(FileKey key, ReadOnlySpan<byte> authenticated)
    {
        Span<byte> macKey = stackalloc byte[MacSize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, macKey, default, "header"u8);
        var mac = HMACSHA256.HashData(macKey, authenticated);
        CryptographicOperations.ZeroMemory(macKey);
        return mac;
    }
}
