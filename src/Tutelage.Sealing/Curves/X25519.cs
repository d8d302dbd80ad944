using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>RFC 7748 over OpenSSL, because the base library has no X25519.</summary>
internal static class X25519
{
    public const int Size = 32;

    public static byte[] PublicKey(ReadOnlySpan<byte> secret)
    {
        using var key = LibCrypto.NewPrivateKey(LibCrypto.X25519, 0, secret, Size);
        var result = new byte[Size];
        nuint length = Size;
        if (key.IsInvalid || LibCrypto.GetPublicKey(key, result, ref length) != 1)
            throw new CryptographicException("OpenSSL made no X25519 public key");
        return result;
    }

    /// <summary>False if the result would be all zeros: a point of low order, which age forbids.</summary>
    public static bool TryAgree(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> peer, Span<byte> shared)
    {
        using var key = LibCrypto.NewPrivateKey(LibCrypto.X25519, 0, secret, Size);
        using var other = LibCrypto.NewPublicKey(LibCrypto.X25519, 0, peer, Size);
        if (key.IsInvalid || other.IsInvalid) throw new CryptographicException("OpenSSL took no X25519 key");
        using var context = LibCrypto.NewContext(key, 0);
        nuint length = Size;
        return !context.IsInvalid
            && LibCrypto.DeriveInit(context) == 1
            && LibCrypto.DeriveSetPeer(context, other) == 1
            && LibCrypto.Derive(context, shared, ref length) == 1
            && length == Size
            && shared.ContainsAnyExcept((byte)0);
    }
}
