using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Consent;

/// <summary>What a person agreed to and what the programme gave them for it, as written into their own folder by <c>tutelage enrol</c>.</summary>
/// <remarks>Files: <c>enrolment.json</c> (below), <c>manifest.json</c> (canonical bytes), <c>device.key</c> and <c>person.key</c> (mode 0600).</remarks>
/// <param name="Tag">The person's pseudonym.</param>
/// <param name="ManifestSignature">A steward's statement of kind <c>manifest</c> over the manifest's digest.</param>
/// <param name="ManifestSigner">Public key of that steward, vouched for by the vault at enrolment.</param>
/// <param name="Certificate">The vault's statement that this device speaks for the tag under the manifest of the receipt.</param>
/// <param name="Recipients">The person's vault recipient per class.</param>
public sealed record EnrolmentFile(
    int Version, string Tag, Uri Vault, Uri Server, Uri Auditor, string ManifestSignature, string ManifestSigner, string VaultKey, string Certificate,
    IReadOnlyDictionary<string, string> Recipients, string OuterRecipient)
{
    /// <summary>Certificates under manifests agreed to before, by digest: what was recorded under one of them and still waits is sent under it.</summary>
    public IReadOnlyDictionary<string, string>? Earlier { get; init; }
}

/// <summary>A checked enrolment: the manifest is signed by a steward, and the vault certified that this person agreed to it.</summary>
public sealed class Enrolment : IDisposable
{
    private const string NextManifest = "manifest.next.json";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private Enrolment(EnrolmentFile file, CaptureManifest manifest, SigningKey device) => (File, Manifest, Device) = (file, manifest, device);

    public EnrolmentFile File { get; }

    public CaptureManifest Manifest { get; }

    public SigningKey Device { get; }

    /// <summary>The certificate for what was recorded under a manifest; null if this person never agreed to that one.</summary>
    public string? CertificateFor(string manifest) => manifest == Manifest.Digest ? File.Certificate : File.Earlier?.GetValueOrDefault(manifest);

    /// <exception cref="EnrolmentException">Something is missing, altered or unsigned; every fault is named.</exception>
    public static Enrolment Load(string folder)
    {
        var path = Path.Combine(folder, "enrolment.json");
        if (!System.IO.File.Exists(path)) throw new EnrolmentException([$"there is no enrolment in {folder}: run `tutelage enrol --server URL` first"]);
        EnrolmentFile file;
        try
        {
            file = JsonSerializer.Deserialize<EnrolmentFile>(System.IO.File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException broken)
        {
            throw new EnrolmentException([$"{path} is not an enrolment ({broken.Message}): enrol again"]);
        }

        var faults = new List<string>();
        var next = ReadManifest(Path.Combine(folder, NextManifest), []);
        var manifest = next is not null && next.Digest == AgreedTo(file) ? next : ReadManifest(Path.Combine(folder, "manifest.json"), faults);
        if (manifest is not null) CheckSignature(file, manifest, faults);
        if (manifest is not null && faults.Count == 0) CheckAgreement(file, manifest, faults);
        SigningKey? device = null;
        try
        {
            device = SigningKey.Load(Path.Combine(folder, "device.key"));
        }
        catch (KeyFileException unusable)
        {
            faults.Add(unusable.Message);
        }
        if (manifest is not null && device is not null && faults.Count == 0) return new(file, manifest, device);
        device?.Dispose();
        throw new EnrolmentException(faults);
    }

    private static CaptureManifest? ReadManifest(string path, List<string> faults)
    {
        if (!System.IO.File.Exists(path))
        {
            faults.Add($"{path} is missing: enrol again");
            return null;
        }
        var reading = ManifestBytes.Decode(System.IO.File.ReadAllBytes(path));
        faults.AddRange(reading.Faults.Select(fault => $"manifest.json: {fault}"));
        return reading.Manifest;
    }

    private static void CheckSignature(EnrolmentFile file, CaptureManifest manifest, List<string> faults)
    {
        if (file.ManifestSignature is null || file.ManifestSigner is null)
        {
            faults.Add("manifest.json: nobody signed it; enrol again");
            return;
        }
        try
        {
            var signature = SignedStatement.Parse(file.ManifestSignature);
            if (!signature.Verify(PublicKey.Parse(file.ManifestSigner), ManifestStatement.Kind)) faults.Add("manifest.json: its signature is not the steward's");
            else if (signature.Read<ManifestStatement>().Sha256 != manifest.Digest) faults.Add("manifest.json: it is not the manifest that was signed and agreed to");
        }
        catch (FormatException unreadable)
        {
            faults.Add($"manifest.json: its signature cannot be read ({unreadable.Message})");
        }
    }

    /// <summary>The certificate names the manifest of the receipt, so one that was exchanged later was not agreed to. Server, vault and auditor check the same.</summary>
    private static void CheckAgreement(EnrolmentFile file, CaptureManifest manifest, List<string> faults)
    {
        try
        {
            var certificate = SignedStatement.Parse(file.Certificate ?? "");
            if (!certificate.Verify(PublicKey.Parse(file.VaultKey ?? ""), "device-certificate")) faults.Add("enrolment.json: its certificate is not this vault's; enrol again");
            else if (certificate.Read<DeviceCertificate>().Manifest != manifest.Digest) faults.Add("manifest.json: it is not the manifest that you agreed to; enrol again to agree to this one");
        }
        catch (FormatException unreadable)
        {
            faults.Add($"enrolment.json: its certificate cannot be read ({unreadable.Message}); enrol again");
        }
    }

    private static string? AgreedTo(EnrolmentFile file)
    {
        try
        {
            return SignedStatement.Parse(file.Certificate ?? "").Read<DeviceCertificate>().Manifest;
        }
        catch (FormatException)
        {
            return null; // told by CheckAgreement
        }
    }

    /// <summary>The payload as the vault signs it; a statement's members are exactly those of its kind.</summary>
    private sealed record DeviceCertificate(string? Tag, string? DeviceKey, string? Manifest);

    public static void Save(string folder, EnrolmentFile file, CaptureManifest manifest)
    {
        Spool.DurableFile.Write(Path.Combine(folder, NextManifest), ManifestBytes.Encode(manifest));
        // If we crash here what was agreed to before stands.
        Spool.DurableFile.Write(Path.Combine(folder, "enrolment.json"), JsonSerializer.SerializeToUtf8Bytes(file, Json));
        // If we crash here the certificate names the next manifest, and loading takes that one.
        System.IO.File.Move(Path.Combine(folder, NextManifest), Path.Combine(folder, "manifest.json"), overwrite: true);
    }

    public void Dispose() => Device.Dispose();
}

/// <summary>What a steward signs to put a manifest into force.</summary>
public sealed record ManifestStatement(string Sha256)
{
    public const string Kind = "manifest";
}

/// <summary>The recorder does not start; the message lists every fault.</summary>
public sealed class EnrolmentException(IReadOnlyList<string> faults) : Exception(string.Join("; ", faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
