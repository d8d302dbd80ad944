using System.Security.Cryptography;

namespace Tutelage.Rules.Objects;

/// <summary>What sort of sealed object it is.</summary>
public enum ObjectKind
{
    /// <summary>About a minute of one session, one file a class.</summary>
    Segment,

    /// <summary>One person's part of one data set.</summary>
    Shard,

    /// <summary>Leaves our control: sealed to its holder.</summary>
    Export,
}

/// <summary>All that stands outside the seal of a segment, shard or export; signed by the device or, for what jobs make, by the vault.</summary>
/// <remarks>
/// No time, no order, no reason of a gap: working hours and breaks are nobody's business. Normative layout: docs/formats/object-header.md.
/// If two headers could have the same bytes and other meanings, or the same meaning and other bytes, a signature would cover something that nobody
/// wrote; <see cref="HeaderBytes.TryDecode"/> therefore accepts canonical bytes only.
/// </remarks>
/// <param name="ObjectId">32 hex digits, random.</param>
/// <param name="Tag">The person's pseudonym, 32 hex digits; for exports the holder's key id.</param>
/// <param name="Epoch">The count of halts that the recorder's lease named.</param>
/// <param name="Redactor">Name and version of the rules that redacted it, <c>a-z0-9.-</c>.</param>
/// <param name="Manifest">SHA-256 (hex) of the manifest it was captured under; empty for what jobs make.</param>
/// <param name="Device">Id of the key that signs.</param>
public sealed record ObjectHeader(
    string ObjectId, ObjectKind Kind, string Tag, long Epoch, string Redactor, string Manifest, string Device, IReadOnlyList<SealedFileHeader> Files)
{
    /// <summary>SHA-256 of the canonical bytes: the leaf that key releases and lineage name.</summary>
    public byte[] Digest() => SHA256.HashData(HeaderBytes.Encode(this));
}

/// <summary>One sealed file.</summary>
/// <param name="SizeBytes">Padded, so that it tells little.</param>
/// <param name="Sha256">Of the whole sealed file, 32 bytes.</param>
/// <param name="OuterHeader">Its age header, from which the auditor takes the outer file key; empty for exports' inner part.</param>
/// <param name="InnerHeader">The inner file's age header, from which the vault takes the inner file key.</param>
public sealed record SealedFileHeader(DataClass Class, long SizeBytes, ReadOnlyMemory<byte> Sha256, ReadOnlyMemory<byte> OuterHeader, ReadOnlyMemory<byte> InnerHeader);
