using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Segments;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Tests.Support;

/// <summary>A person's folder with a signed manifest, as enrolment leaves it. No vault is behind it: recorders run with <c>--spool-only</c>.</summary>
internal sealed class EnrolledPerson : IDisposable
{
    private readonly DirectoryInfo _folder;

    /// <param name="folder">Empty; null takes a new one.</param>
    /// <param name="vault">Where it should be; null is a place where nobody answers.</param>
    public EnrolledPerson(string manifestYaml, string? folder = null, Uri? vault = null)
    {
        _folder = folder is null ? Directory.CreateTempSubdirectory("tutelage-person-") : new(folder);
        var reading = ManifestText.Read(manifestYaml);
        reading.Faults.ShouldBeEmpty();
        Manifest = reading.Manifest!;
        using var steward = SigningKey.Generate();
        using var device = SigningKey.Generate();
        device.Save(Path.Combine(Folder, "device.key"));
        var nowhere = new Uri("http://127.0.0.1:9/");
        Enrolment.Save(Folder, new(
            1, new('a', 32), vault ?? nowhere, nowhere, nowhere, SignedStatement.Sign(steward, ManifestStatement.Kind, new ManifestStatement(Manifest.Digest)).ToJson(),
            steward.Public.Text, steward.Public.Text, SignedStatement.Sign(steward, "device-certificate", new { tag = new string('a', 32), device_key = device.Public.Text, manifest = Manifest.Digest }).ToJson(), new Dictionary<string, string>(), ""), Manifest);
    }

    public string Folder => _folder.FullName;

    public CaptureManifest Manifest { get; }

    public SpoolFolder Spool => new(Path.Combine(Folder, "spool"), TimeProvider.System);

    /// <summary>Every held segment, oldest first, frames not decoded.</summary>
    public IReadOnlyList<SegmentReader> Held()
    {
        var spool = Spool;
        return spool.Held().Select(id =>
        {
            using var opened = spool.Open(id);
            return SegmentReader.Open(opened.Files.ToDictionary(file => file.Key, file => (Stream)Buffered(file.Value)));
        }).OrderBy(segment => segment.Opening.Number).ToList();
    }

    /// <summary>One editor is recorded, times to 10 ms.</summary>
    public const string EditorOnly = """
        tutelage-manifest: 1
        programme: Recorder tests
        version: 1
        hold-minutes: 60
        timing-quantum-ms: 10
        capture:
          - app: mousepad
            title-suffix: " - Mousepad"
            classes: [input, elements, frames]
        """;

    public static string ManifestFor(Uri site, string more = "") => $"""
        tutelage-manifest: 1
        programme: Recorder tests
        version: 1
        hold-minutes: 60
        capture:
          - app: chromium
            site: {site}
            title-suffix: " - Chromium"
            classes: [input, text, elements, frames]
            fields:
              - [ROLE Merchant]
        {more}
        """.Replace("- [ROLE Merchant]", string.Join("\n      ", new[] { "Merchant", "Paid to", "Vendor", "Amount", "Total", "Sum" }.Select(name => $"- {{role: textbox, name: {name}, text: keep}}")), StringComparison.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);

    private static MemoryStream Buffered(Stream stream)
    {
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }
}
