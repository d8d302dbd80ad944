using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Ledger;

/// <summary>What a key of a signed note may sign; the byte is part of the key id and of the written form.</summary>
public enum NoteKeyKind : byte
{
    /// <summary>Ed25519 over the note text: logs.</summary>
    Ed25519 = 1,

    /// <summary>Ed25519 over <c>cosignature/v1</c>, a time and the note text: witnesses.</summary>
    Cosignature = 4,
}

/// <summary>Name, kind and public key of somebody who signs notes; written <c>name+hex(id)+base64(kind || key)</c>.</summary>
/// <remarks>Source: c2sp.org/signed-note, c2sp.org/tlog-cosignature. Immutable.</remarks>
public sealed record VerifierKey
{
    private readonly byte[] _publicKey;

    internal VerifierKey(string name, NoteKeyKind kind, ReadOnlySpan<byte> publicKey)
    {
        if (!IsName(name)) throw new FormatException($"'{name}' cannot name a key: it must be non-empty, without spaces and without '+'");
        Name = name;
        Kind = kind;
        _publicKey = publicKey.ToArray();
        KeyId = IdOf(name, kind, publicKey);
    }

    public string Name { get; }

    public NoteKeyKind Kind { get; }

    /// <summary>First four bytes of SHA-256(name || 0A || kind || key), big-endian.</summary>
    public uint KeyId { get; }

    public string Text => $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Kind, .. _publicKey])}";

    /// <exception cref="FormatException">The text is no verifier key, or its id does not fit its key.</exception>
    public static VerifierKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException($"'{text}' is no verifier key (name+hex id+base64 key)");

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out VerifierKey? key)
    {
        key = null;
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !IsName(parts[0]) || parts[1].Length != 8) return false;
        if (!uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)) return false;
        var bytes = new byte[1 + Ed25519.KeySizeBytes + 2];
        if (!Convert.TryFromBase64String(parts[2], bytes, out var written) || written != 1 + Ed25519.KeySizeBytes) return false;
        var kind = (NoteKeyKind)bytes[0];
        if (kind is not (NoteKeyKind.Ed25519 or NoteKeyKind.Cosignature)) return false;
        var read = new VerifierKey(parts[0], kind, bytes.AsSpan(1, Ed25519.KeySizeBytes));
        if (read.KeyId != id) return false;
        key = read;
        return true;
    }

    public bool Equals(VerifierKey? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => (int)KeyId;

    public override string ToString() => Text;

    /// <summary>Whether both wrap one public key, under whatever names.</summary>
    internal bool HasSameKeyAs(VerifierKey other) => _publicKey.AsSpan().SequenceEqual(other._publicKey);

    internal bool Claims(NoteSignature signature) => signature.KeyId == KeyId && signature.Name == Name;

    /// <summary>Checks one signature of this key; a cosignature's own time comes out, 0 for a log's signature.</summary>
    internal bool Verify(string text, NoteSignature signature, out long unixSeconds)
    {
        unixSeconds = 0;
        var bytes = signature.Bytes.Span;
        if (Kind == NoteKeyKind.Ed25519) return Ed25519.Verify(_publicKey, Encoding.UTF8.GetBytes(text), bytes);
        if (bytes.Length != 8 + Ed25519.SignatureSizeBytes) return false;
        var seconds = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        if (seconds > long.MaxValue) return false;
        unixSeconds = (long)seconds;
        return Ed25519.Verify(_publicKey, CosignedMessage(text, unixSeconds), bytes[8..]);
    }

    internal static byte[] CosignedMessage(string text, long unixSeconds) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {unixSeconds}\n{text}"));

    internal static bool IsName(string name) => name.Length is > 0 and <= 255 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static uint IdOf(string name, NoteKeyKind kind, ReadOnlySpan<byte> publicKey)
    {
        byte[] input = [.. Encoding.UTF8.GetBytes(name), 0x0A, (byte)kind, .. publicKey];
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(input));
    }
}
