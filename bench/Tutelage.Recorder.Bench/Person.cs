using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Rules.Capture;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Bench;

/// <summary>A person's folder as enrolment leaves it, with no vault behind it.</summary>
internal sealed class Person : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutelage-bench-");

    public Person(Uri site)
    {
        var manifest = ManifestText.Read($"""
            tutelage-manifest: 1
            programme: Recorder bench
            version: 1
            hold-minutes: 60
            frames-per-second: 4
            capture:
              - app: chromium
                site: {site}
                title-suffix: " - Chromium"
                classes: [input, text, elements, frames]
            """).Manifest ?? throw new InvalidOperationException("the bench's manifest has faults");
        using var steward = SigningKey.Generate();
        using var device = SigningKey.Generate();
        device.Save(Path.Combine(Folder, "device.key"));
        var nowhere = new Uri("http://127.0.0.1:9/");
        Enrolment.Save(Folder, new(
            1, new('a', 32), nowhere, nowhere, nowhere, SignedStatement.Sign(steward, ManifestStatement.Kind, new ManifestStatement(manifest.Digest)).ToJson(),
            steward.Public.Text, steward.Public.Text, SignedStatement.Sign(steward, "device-certificate", new { manifest = manifest.Digest }).ToJson(), new Dictionary<string, string>(), ""), manifest);
    }

    public string Folder => _folder.FullName;

    /// <summary>Everything that waits: sizes on disk and sealed twice, and the moves in order.</summary>
    public Kept Measure()
    {
        var spool = new SpoolFolder(Path.Combine(Folder, "spool"), TimeProvider.System);
        using var vault = TagIdentity.Generate();
        using var auditor = TagIdentity.Generate();
        var kept = new Kept();
        foreach (var id in spool.Held())
        {
            using var opened = spool.Open(id);
            var plain = new Dictionary<ContentClass, Stream>();
            foreach (var (named, file) in opened.Files)
            {
                var copy = new MemoryStream();
                file.CopyTo(copy);
                copy.Position = 0;
                var seal = CustodySeal.Seal(copy, Stream.Null, vault.Recipient, auditor.Recipient);
                var onDisk = new FileInfo(Path.Combine(spool.Root, "held", id, named.ToString().ToLowerInvariant() + ".age")).Length;
                kept.OnDisk[named] = kept.OnDisk.GetValueOrDefault(named) + onDisk;
                kept.Sealed[named] = kept.Sealed.GetValueOrDefault(named) + seal.SizeBytes;
                copy.Position = 0;
                plain[named] = copy;
            }
            var segment = SegmentReader.Open(plain);
            kept.Segments++;
            kept.Events += segment.Input.Count;
            kept.Seen += segment.Health!.Seen;
            kept.Withheld += segment.Health.Withheld;
            kept.Lost += segment.Health.Lost;
            kept.Frames += segment.Health.Frames;
            kept.Moves.AddRange(segment.Input.OfType<PointerMoved>().Select(move => (segment.Opening.Number, move.Position)));
            kept.Gaps.AddRange(segment.Gaps.Select(gap => gap.Reason));
        }
        return kept;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>What a run left in the spool.</summary>
internal sealed class Kept
{
    public Dictionary<ContentClass, long> OnDisk { get; } = [];
    public Dictionary<ContentClass, long> Sealed { get; } = [];
    public List<(int Segment, ScreenPoint Position)> Moves { get; } = [];
    public List<GapReason> Gaps { get; } = [];
    public int Segments { get; set; }
    public long Events { get; set; }
    public long Seen { get; set; }
    public long Withheld { get; set; }
    public long Lost { get; set; }
    public long Frames { get; set; }
}
