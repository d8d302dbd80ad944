using System.Security.Cryptography;
using System.Text;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Rules.Objects;

namespace Tutelage.Hosting;

/// <summary>One object of a key release as it travels: the three parts that the server stores beside it, and the classes asked for.</summary>
/// <param name="Header">Canonical header bytes.</param>
/// <param name="Signature">64 bytes over the header by the key it names.</param>
/// <param name="Certificate">The device's certificate as JSON; null where the vault signed.</param>
internal sealed record ReleasedObjectRequest(byte[]? Header, byte[]? Signature, string? Certificate, IReadOnlyList<string>? Classes);

/// <summary>An object whose header is signed by a device that the vault certified for that person, or by the vault itself.</summary>
internal sealed record ReleasedObject(ObjectHeader Header, IReadOnlyList<DataClass> Classes)
{
    public const string CertificateKind = "device-certificate";

    /// <summary>What the release entry's root covers: SHA-256("tutelage/release-object/v1\n" || header digest || classes in order, joined by commas).</summary>
    public byte[] Leaf() =>
        SHA256.HashData([.. "tutelage/release-object/v1\n"u8, .. Header.Digest(), .. Encoding.ASCII.GetBytes(string.Join(',', Classes.Order().Select(Spelling.Of)))]);

    /// <summary>Tags of the persons whose objects these are, each once: exactly who the release's entry is about.</summary>
    public static IReadOnlyList<string> Persons(IEnumerable<ReleasedObject> objects) => [.. objects.Select(o => o.Header.Tag).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public static MerkleHash Root(IEnumerable<ReleasedObject> objects) => MerkleTree.RootOfSet(objects.Select(o => (ReadOnlyMemory<byte>)o.Leaf()));

    /// <summary>Checks canonical form, signature and certificate.</summary>
    /// <param name="hasAgreed">Says by what this host itself knows whether a tag's person lets a device record them under a manifest.</param>
    public static ReleasedObject? Check(ReleasedObjectRequest? request, PublicKey vault, Func<string, PublicKey, string, bool> hasAgreed, out string fault)
    {
        fault = "header, signature or classes are missing";
        if (request is not { Header: not null, Signature: not null, Classes.Count: > 0 }) return null;
        if (!HeaderBytes.TryDecode(request.Header, out var header, out var headerFault))
        {
            fault = headerFault;
            return null;
        }

        if (Signer(request.Certificate, header, vault, hasAgreed, out fault) is not { } signer) return null;
        if (!signer.Verify(request.Header, request.Signature))
        {
            fault = $"object {header.ObjectId}: its header is not signed by the device it names";
            return null;
        }

        var classes = new List<DataClass>();
        foreach (var name in request.Classes)
        {
            if (Spelling.TryRead<DataClass>(name, out var read) && !classes.Contains(read.Value) && header.Files.Any(f => f.Class == read)) classes.Add(read.Value);
            else
            {
                fault = $"object {header.ObjectId}: it has no class '{name}', or it is named twice";
                return null;
            }
        }

        return new ReleasedObject(header, classes);
    }

    private static PublicKey? Signer(string? certificate, ObjectHeader header, PublicKey vault, Func<string, PublicKey, string, bool> hasAgreed, out string fault)
    {
        fault = "";
        if (string.IsNullOrEmpty(certificate))
        {
            if (header.Device == vault.Id && header.Kind != ObjectKind.Segment) return vault;
            fault = $"object {header.ObjectId}: a segment without a device certificate, or not of the vault's key";
            return null;
        }

        if (ReadCertificates.Of(vault).Find(certificate) is var (tag, device, manifest))
        {
            if (manifest != header.Manifest)
            {
                fault = $"object {header.ObjectId}: it was recorded under a manifest that this person did not agree to";
                return null;
            }

            if (tag == header.Tag && device.Id == header.Device && header.Kind == ObjectKind.Segment && hasAgreed(header.Tag, device, header.Manifest)) return device;
        }

        fault = $"object {header.ObjectId}: its certificate is not the vault's for this person's device";
        return null;
    }
}

/// <summary>Payload of a statement of kind <c>device-certificate</c>: this device records for this tag under this manifest, and under no other.</summary>
/// <param name="Manifest">SHA-256 (hex) that the person's receipt names.</param>
internal sealed record DeviceCertificate(string? Tag, string? DeviceKey, string? Manifest);
