using System.Text;
using Tutelage.Attack.Tests.Support;
using Tutelage.Cli.Demo.Searching;
using Tutelage.Recording;
using Tutelage.Rules.Objects;

namespace Tutelage.Attack.Tests;

/// <summary>What people typed, read and saw lies nowhere but under the seals.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed class MarkerTests(AttackedProgramme programme)
{
    [Fact]
    public void Markers_lie_in_no_store_no_log_no_backup_no_temp_file_and_no_process_table()
    {
        var copy = programme.Steal("backup");
        var pieces = new NeedleIndex(Unsealed(copy).SelectMany(file => Loot.Pieces($"{file.Id} {file.Class}", file.Bytes)).Select(piece => new PlantNeedles(piece.Id,
            [("raw", piece.Bytes), ("hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(piece.Bytes))), ("base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(piece.Bytes)[..32]))], [])));

        var (searched, hits) = (0L, new List<PlantHit>());
        foreach (var (place, bytes) in Everything(copy))
        {
            searched += bytes.Length;
            hits.AddRange(Markers.Search.InBytes(place, bytes));
            hits.AddRange(pieces.In(bytes).Select(hit => new PlantHit(hit.PlantId, place, hit.Encoding)));
        }
        hits.ShouldBeEmpty();
        searched.ShouldBeGreaterThan(100_000);
        Directory.EnumerateFiles(programme.FolderOf(""), "*core*", SearchOption.AllDirectories).ShouldBeEmpty();
        programme.ShownAtWork.ShouldContain(shown => shown.Place.EndsWith("cmdline", StringComparison.Ordinal) && Encoding.UTF8.GetString(shown.Bytes).Contains("Tutelage.Jobs", StringComparison.Ordinal), "the job itself was looked at");
    }

    [Fact]
    public void The_same_search_finds_every_marker_in_the_unsealed_form()
    {
        var copy = programme.Steal("control");
        foreach (var segment in Unsealed(copy).Where(file => file.Kind == ObjectKind.Segment).GroupBy(file => file.Id))
            Loot.MarkersIn(segment.ToDictionary(file => Enum.Parse<ContentClass>(file.Class.ToString()), file => file.Bytes)).Order().ShouldBe(Markers.All.Select(marker => marker.Id).Distinct().Order());
        foreach (var shard in Unsealed(copy).Where(file => file.Kind == ObjectKind.Shard))
            Markers.Search.InBytes("", shard.Bytes).Select(hit => hit.PlantId).ShouldContain("instruction");

        // The other forms in which something could lie somewhere.
        var leak = Encoding.UTF8.GetBytes($"before {Markers.Typed} after");
        using var deflated = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(deflated, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(leak);
        foreach (var form in new[] { leak, Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(leak)), Encoding.ASCII.GetBytes(Convert.ToBase64String(leak)), Encoding.ASCII.GetBytes(Convert.ToHexString(leak).ToLowerInvariant()), deflated.ToArray() })
            Markers.Search.InBytes("", form).ShouldNotBeEmpty();
    }

    private IEnumerable<(string Id, ObjectKind Kind, Rules.DataClass Class, byte[] Bytes)> Unsealed(string copy)
    {
        using var auditor = Loot.AuditorKeysIn(Path.Combine(copy, "auditor"));
        var vault = Loot.VaultIdentities(Path.Combine(copy, "vault"), programme.Tags);
        foreach (var file in Loot.Files(copy, programme.Tags))
            if (Loot.OpenWithBoth(file, auditor, vault) is { } bytes) yield return (file.Object.ObjectId, file.Object.Kind, file.File.Class, bytes);
    }

    private IEnumerable<(string Place, byte[] Bytes)> Everything(string copy)
    {
        foreach (var root in new[] { copy, programme.FolderOf("") })
            foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)) yield return (Path.GetRelativePath(programme.Root, path), File.ReadAllBytes(path));
        foreach (var host in programme.Hosts)
        {
            yield return (host.Name + " said", Encoding.UTF8.GetBytes(host.Said));
            foreach (var shown in host.Shown()) yield return shown;
        }
        foreach (var shown in programme.ShownAtWork) yield return shown;
        foreach (var caller in programme.Callers)
            foreach (var heard in caller.Sent) yield return ($"{caller.Name} to {heard.Address.AbsolutePath}", heard.Body);
    }
}
