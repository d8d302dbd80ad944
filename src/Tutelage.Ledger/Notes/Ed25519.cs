using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tutelage.Ledger;

/// <summary>Ed25519 (RFC 8032) by OpenSSL 3's libcrypto; the base library has no Ed25519.</summary>
/// <remarks>Checkpoints and cosignatures of C2SP are Ed25519. A wrong return here would let anyone sign for the log, so anything but 1 is "no".</remarks>
internal static partial class Ed25519
{
    public const int KeySizeBytes = 32;
    public const int SignatureSizeBytes = 64;
    private const int EvpPkeyEd25519 = 1087; // NID_ED25519 of openssl/obj_mac.h
    private const string Crypto = "libcrypto.so.3";

    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using var key = PrivateHandle(seed);
        var result = new byte[KeySizeBytes];
        nuint size = KeySizeBytes;
        if (GetRawPublicKey(key, result, ref size) != 1 || size != KeySizeBytes) throw new CryptographicException("libcrypto gave no Ed25519 public key");
        return result;
    }

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using var key = PrivateHandle(seed);
        using var context = NewContext();
        var signature = new byte[SignatureSizeBytes];
        nuint size = SignatureSizeBytes;
        if (SignInit(context, 0, 0, 0, key) != 1 || SignOnce(context, signature, ref size, message, (nuint)message.Length) != 1 || size != SignatureSizeBytes)
            throw new CryptographicException("libcrypto refused to sign with Ed25519");
        return signature;
    }

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeySizeBytes || signature.Length != SignatureSizeBytes) return false;
        using var key = NewPublicKey(EvpPkeyEd25519, 0, publicKey, KeySizeBytes);
        if (key.IsInvalid) return false;
        using var context = NewContext();
        return VerifyInit(context, 0, 0, 0, key) == 1 && VerifyOnce(context, signature, SignatureSizeBytes, message, (nuint)message.Length) == 1;
    }

    private static KeyHandle PrivateHandle(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != KeySizeBytes) throw new CryptographicException($"an Ed25519 seed has 32 bytes, not {seed.Length}");
        var key = NewPrivateKey(EvpPkeyEd25519, 0, seed, KeySizeBytes);
        return key.IsInvalid ? throw new CryptographicException("libcrypto refused an Ed25519 seed") : key;
    }

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static partial KeyHandle NewPrivateKey(int type, nint engine, ReadOnlySpan<byte> key, nuint size);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static partial KeyHandle NewPublicKey(int type, nint engine, ReadOnlySpan<byte> key, nuint size);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    private static partial int GetRawPublicKey(KeyHandle key, Span<byte> output, ref nuint size);

    [LibraryImport(Crypto, EntryPoint = "EVP_MD_CTX_new")]
    private static partial ContextHandle NewContext();

    [LibraryImport(Crypto, EntryPoint = "EVP_DigestSignInit")]
    private static partial int SignInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Crypto, EntryPoint = "EVP_DigestSign")]
    private static partial int SignOnce(ContextHandle context, Span<byte> signature, ref nuint size, ReadOnlySpan<byte> message, nuint messageSize);

    [LibraryImport(Crypto, EntryPoint = "EVP_DigestVerifyInit")]
    private static partial int VerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Crypto, EntryPoint = "EVP_DigestVerify")]
    private static partial int VerifyOnce(ContextHandle context, ReadOnlySpan<byte> signature, nuint size, ReadOnlySpan<byte> message, nuint messageSize);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Crypto, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    private sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    private sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }
}
