using System.Text;
using Tutelage.Auditor.Keys;
using Tutelage.Cli.Demo.Searching;
using Tutelage.Recording;
using Tutelage.Recording.Mcap;
using Tutelage.Recording.Segments;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;
using Tutelage.Vault.Keys;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Attack.Tests.Support;

/// <summary>One sealed file of a stolen store.</summary>
internal sealed record LootedFile(ObjectHeader Object, SealedFileHeader File, string Path)
{
    public Stream Open() => System.IO.File.OpenRead(Path);
}

/// <summary>What a thief makes of copied folders: the stores' files, and the keys that a custodian's own code gets out of that custodian's folder.</summary>
internal static class Loot
{
    /// <summary>Redactor of objects that attackers with a device's key stored: noise under real signatures.</summary>
    public const string ForgedBy = "attack-1";

    /// <param name="tags">Whose: other tests let other people record.</param>
    public static IReadOnlyList<LootedFile> Files(string copy, IReadOnlyList<string> tags)
    {
        var files = new List<LootedFile>();
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(copy, "server", "objects")).SelectMany(Directory.EnumerateDirectories))
        {
            HeaderBytes.TryDecode(File.ReadAllBytes(Path.Combine(folder, "header")), out var header, out var fault).ShouldBeTrue(fault);
            if (header!.Redactor != ForgedBy && (header.Kind == ObjectKind.Export || tags.Contains(header.Tag))) files.AddRange(header.Files.Select(file => new LootedFile(header, file, Path.Combine(folder, Spelling.Of(file.Class)))));
        }
        return files;
    }

    /// <summary>Every person key that the vault's folder gives, by tag and class.</summary>
    public static IReadOnlyDictionary<(string Tag, DataClass Class), TagIdentity> VaultIdentities(string folder, IEnumerable<string> tags)
    {
        var faults = new List<string>();
        using var keys = VaultKeys.Load(folder, faults);
        using var store = VaultStore.Open(folder, faults);
        faults.ShouldBeEmpty();
        using var keyStore = KeyStore.Open(folder, keys!.Root, store!, TimeProvider.System, faults);
        faults.ShouldBeEmpty();
        var registry = new Registry(store!, keyStore!);
        var found = new Dictionary<(string, DataClass), TagIdentity>();
        foreach (var tag in tags)
            foreach (var kept in Enum.GetValues<DataClass>())
                if (registry.OpenKey(tag, kept) is { } identity) found.Add((tag, kept), identity);
        return found;
    }

    public static AuditorKeys AuditorKeysIn(string folder)
    {
        var faults = new List<string>();
        var keys = AuditorKeys.Load(folder, TimeProvider.System, faults);
        faults.ShouldBeEmpty();
        return keys!;
    }

    /// <summary>All bytes, or null if these keys do not open it.</summary>
    public static byte[]? Try(Func<Stream?> open)
    {
        try
        {
            using var opened = open();
            if (opened is null) return null;
            using var plain = new MemoryStream();
            opened.CopyTo(plain);
            return plain.ToArray();
        }
        catch (Exception closed) when (closed is AgeFormatException or NoMatchingIdentityException or PayloadAuthenticationException or InvalidDataException or EndOfStreamException)
        {
            return null;
        }
    }

    public static byte[]? OpenWithBoth(LootedFile file, AuditorKeys auditor, IReadOnlyDictionary<(string Tag, DataClass Class), TagIdentity> vault) => Try(() =>
    {
        if (file.Object.Kind == ObjectKind.Export) return null;
        using var outer = auditor.Unwrap(file.File.OuterHeader.Span);
        using var inner = AgeHeader.Parse(file.File.InnerHeader.Span).Unwrap(vault[(file.Object.Tag, file.File.Class)]);
        using var stream = file.Open();
        using var plain = CustodySeal.Open(stream, outer!, inner);
        var copy = new MemoryStream();
        plain.CopyTo(copy);
        copy.Position = 0;
        return copy;
    });

    /// <summary>Which markers lie in an unsealed file of a segment: in its bytes, its records, its keys in their order, its pictures.</summary>
    public static IReadOnlySet<string> MarkersIn(IReadOnlyDictionary<ContentClass, byte[]> files)
    {
        var hits = new HashSet<string>(StringComparer.Ordinal);
        foreach (var bytes in files.Values)
        {
            hits.UnionWith(Markers.Search.InBytes("", bytes).Select(hit => hit.PlantId));
            using var reader = new McapReader(new MemoryStream(bytes));
            while (reader.TryReadMessage(out var message)) hits.UnionWith(Markers.Search.InBytes("", message.Data.ToArray()).Select(hit => hit.PlantId));
        }
        var segment = SegmentReader.Open(files.ToDictionary(file => file.Key, file => (Stream)new MemoryStream(file.Value)));
        hits.UnionWith(Markers.Search.InBytes("", Encoding.UTF8.GetBytes(SegmentSearch.TypedKeys(segment.Input))).Select(hit => hit.PlantId));
        foreach (var (_, image) in segment.Frames)
            using (image) hits.UnionWith(Markers.Search.InBytes("", Markers.Colours(image)).Select(hit => hit.PlantId));
        return hits;
    }

    /// <summary>Pieces of unsealed files that look like nothing else: a leak in some form that no marker foresees has them in it.</summary>
    public static IEnumerable<(string Id, byte[] Bytes)> Pieces(string id, byte[] plain)
    {
        const int length = 24, distinct = 20;
        for (var at = 0; at + length <= plain.Length; at += 512)
        {
            var piece = plain.AsSpan(at, length).ToArray();
            if (piece.Distinct().Count() >= distinct && piece.Count(letter => letter is < 32 or > 126) >= length / 2) yield return ($"{id} at {at}", piece);
        }
    }
}
