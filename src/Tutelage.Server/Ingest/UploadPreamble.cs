using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Requests;
using Tutelage.Server.Store;

namespace Tutelage.Server.Ingest;

/// <summary>The three lines before the files: who says what about which bytes.</summary>
internal sealed record UploadPreamble(byte[] Header, byte[] Signature, byte[] Certificate)
{
    public const string CertificateKind = "device-certificate";

    private const int SignatureLineBytes = 88; // base64 of 64 bytes
    private const int CertificateLineBytes = 16 * 1024;
    private const long FileBytes = 1L << 30;
    private const long ObjectBytes = 2L << 30;

    /// <summary>Null if the body does not begin with three lines within their limits.</summary>
    public static async Task<UploadPreamble?> ReadAsync(UploadBody body) =>
        await body.ReadLineAsync(HeaderBytes.LongestHeader) is { } header
        && await body.ReadLineAsync(SignatureLineBytes) is { } signature
        && await body.ReadLineAsync(CertificateLineBytes) is { } certificate
            ? new UploadPreamble(header, signature, certificate)
            : null;

    /// <summary>The header if the vault answers for its signer and the signature holds. The same check serves uploads and healing.</summary>
    public (SignedHeader? Signed, Refusal? Refusal) Check(Trust trust)
    {
        if (!HeaderBytes.TryDecode(Header, out var header, out var fault)) return (null, Refusal.BadHeader(fault));
        if (ObjectId.Read(header.ObjectId) is not { } id) return (null, Refusal.BadHeader("id must be 32 lower-case hex digits"));
        if (Oversized(header) is { } oversized) return (null, oversized);
        if (MisplacedClass(header) is { } misplaced) return (null, misplaced);
        var (signer, refusal) = header.Kind == ObjectKind.Segment ? DeviceKey(trust, header) : (trust.Vault, null);
        if (signer is null) return (null, refusal);
        if (signer.Id != header.Device) return (null, new(403, "bad-object-signature", $"object {header.ObjectId} names a device that is not the one of its certificate"));
        var signature = new byte[66]; // what 88 letters of base64 can hold
        if (Base64.DecodeFromUtf8(Signature, signature, out _, out var written) != OperationStatus.Done || written != 64 || !signer.Verify(Header, signature.AsSpan(0, 64)))
            return (null, new(403, "bad-object-signature", $"object {header.ObjectId}: the header's signature does not hold"));
        return (new SignedHeader(header, id, signer), null);
    }

    private static Refusal? Oversized(ObjectHeader header)
    {
        foreach (var file in header.Files)
        {
            if (file.SizeBytes == 0) return Refusal.BadHeader($"object {header.ObjectId} file {Spelling.Of(file.Class)} has no bytes; a sealed file always has some");
            if (file.SizeBytes > FileBytes) return new(413, "too-large", $"object {header.ObjectId} file {Spelling.Of(file.Class)} is over {FileBytes} bytes");
        }
        return header.Files.Sum(file => file.SizeBytes) > ObjectBytes ? new(413, "too-large", $"object {header.ObjectId} is over {ObjectBytes} bytes") : null;
    }

    private static Refusal? MisplacedClass(ObjectHeader header) =>
        header.Files.Any(file => (file.Class is DataClass.Derived or DataClass.Model) == (header.Kind == ObjectKind.Segment))
            ? Refusal.BadHeader($"object {header.ObjectId} of kind {Spelling.Of(header.Kind)} names a class that this kind does not have")
            : null;

    private (PublicKey? Key, Refusal? Refusal) DeviceKey(Trust trust, ObjectHeader header)
    {
        var unknown = new Refusal(403, "unknown-device", $"object {header.ObjectId}: the certificate is not one of this server's vault for this device and tag; enrol the device");
        try
        {
            var certificate = SignedStatement.Parse(Encoding.UTF8.GetString(Certificate));
            if (!certificate.Verify(trust.Vault, CertificateKind)) return (null, unknown);
            using var payload = JsonDocument.Parse(certificate.Payload, new JsonDocumentOptions { MaxDepth = 8 });
            if (payload.RootElement.GetProperty("manifest").GetString() != header.Manifest)
                return (null, new(403, "other-manifest", $"object {header.ObjectId} was recorded under a manifest that its certificate does not name; enrol again to agree to another one"));
            return payload.RootElement.GetProperty("tag").GetString() == header.Tag ? (PublicKey.Parse(payload.RootElement.GetProperty("device_key").GetString() ?? ""), null) : (null, unknown);
        }
        catch (Exception fault) when (fault is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (null, unknown);
        }
    }
}

/// <summary>A header for which the vault and a signature answer; only <see cref="UploadPreamble.Check"/> makes one.</summary>
internal sealed record SignedHeader(ObjectHeader Header, ObjectId Id, PublicKey Signer);
