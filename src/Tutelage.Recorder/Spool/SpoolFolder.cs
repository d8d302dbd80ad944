using System.Security.Cryptography;
using Tutelage.Recording;
using Tutelage.Recording.Segments;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>Segments on this machine: <c>open/</c> being written, <c>held/</c> waiting to be sent, <c>damaged/</c> set aside. Each is a folder of one spool file a class.</summary>
/// <remarks>Layout: docs/formats/spool.md. A segment moves from open to held by one rename, so it is never in neither.</remarks>
public sealed class SpoolFolder
{
    internal const string DayFile = "day", EpochFile = "epoch";

    private const string Discarded = ".discarded";

    private readonly DayKeys _days;

    public SpoolFolder(string root, TimeProvider time)
    {
        Root = root;
        _days = new(Path.Combine(root, "keys"), time);
        foreach (var folder in new[] { root, OpenRoot, HeldRoot })
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Root { get; }

    internal string OpenRoot => Path.Combine(Root, "open");

    internal string HeldRoot => Path.Combine(Root, "held");

    internal string DamagedRoot => Path.Combine(Root, "damaged");

    internal DayKeys Days => _days;

    /// <summary>Ids of what waits, oldest first.</summary>
    public IReadOnlyList<string> Held() => Ids(HeldRoot);

    /// <summary>Ids of what a recorder is writing, or was when it died.</summary>
    public IReadOnlyList<string> Unfinished() => Ids(OpenRoot);

    /// <summary>Ids of what a recorder left behind and nobody can read whole.</summary>
    public IReadOnlyList<string> Damaged() => Directory.Exists(DamagedRoot) ? Ids(DamagedRoot) : [];

    /// <summary>True if it waits here.</summary>
    public bool IsHeld(string id) => Directory.Exists(Path.Combine(HeldRoot, Known(id)));

    /// <summary>When a held segment was finished, in UTC.</summary>
    public DateTime HeldSince(string id) => Directory.GetLastWriteTimeUtc(Path.Combine(HeldRoot, Known(id)));

    /// <summary>The epoch of the lease that a held segment was recorded under; null if it was recorded without one.</summary>
    public long? EpochOf(string id) => EpochIn(Path.Combine(HeldRoot, Known(id)));

    internal static long? EpochIn(string folder)
    {
        var path = Path.Combine(folder, EpochFile);
        return File.Exists(path) && long.TryParse(File.ReadAllText(path), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var epoch) ? epoch : null;
    }

    /// <summary>A held segment, opened with its day's key for its owner.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no held segment of this id.</exception>
    /// <exception cref="DayKeyMissingException">Its key was destroyed.</exception>
    /// <exception cref="SegmentDamagedException">A file of it is missing, or was altered or cut so that it cannot even be begun. What is damaged further on shows while reading.</exception>
    public OpenedSegment Open(string id)
    {
        var opened = OpenIn(Path.Combine(HeldRoot, Known(id)), whole: true);
        if (opened.Files.ContainsKey(ContentClass.Input)) return opened;
        opened.Dispose();
        throw new SegmentDamagedException(id, "input.age is missing");
    }

    /// <param name="whole">A file that broke off is damage; otherwise it is what a crash leaves.</param>
    internal OpenedSegment OpenIn(string folder, bool whole)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"no segment {Path.GetFileName(folder)} waits here; `tutelage review` lists those that do");
        var id = Path.GetFileName(folder);
        if (!File.Exists(Path.Combine(folder, DayFile))) throw new SegmentDamagedException(id, $"{DayFile} is missing: nothing says which day's key it is sealed to");
        var (at, identity, files) = (DayFile, default(TagIdentity), new Dictionary<ContentClass, Stream>());
        try
        {
            identity = _days.Open(File.ReadAllText(Path.Combine(folder, DayFile)));
            foreach (var kept in Enum.GetValues<ContentClass>())
            {
                var path = FileOf(folder, kept);
                at = Path.GetFileName(path);
                if (!File.Exists(path) && !File.Exists(path + ".tail")) continue;
                var file = SpoolFileReader.Open(path, identity);
                files[kept] = whole ? new WholeFile(id, at, file) : file;
            }
            return new(id, files, identity);
        }
        catch (Exception fault)
        {
            foreach (var file in files.Values) file.Dispose();
            identity?.Dispose();
            if (!SegmentDamagedException.Explains(fault)) throw;
            throw new SegmentDamagedException(id, $"{at}: {fault.Message}", fault);
        }
    }

    /// <summary>Removes a held segment for good.</summary>
    public void Discard(string id)
    {
        var folder = Path.Combine(HeldRoot, Known(id));
        if (Directory.Exists(folder)) Directory.Move(folder, folder + Discarded);
        // If we crash here it waits no more, and whoever discards, recovers or sends next removes the rest. Removed file by file it might be found in half.
        FinishDiscarding();
        DestroyUnneededKeys();
    }

    /// <summary>Removes what was discarded and, because of a crash, is not gone yet.</summary>
    internal void FinishDiscarding()
    {
        foreach (var rest in Directory.EnumerateDirectories(HeldRoot, "*" + Discarded)) Directory.Delete(rest, recursive: true);
    }

    internal string UploadOf(string id) => Path.Combine(HeldRoot, Known(id), "upload");

    /// <summary>Destroys the keys of days under which nothing waits any more.</summary>
    /// <param name="ended">The recorder has ended: today's key goes, too, if nothing waits under it.</param>
    public void DestroyUnneededKeys(bool ended = false) =>
        _days.DestroyAllBut(new[] { OpenRoot, HeldRoot, DamagedRoot }.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(folder => Path.Combine(folder, DayFile))
            .Where(File.Exists).Select(File.ReadAllText).ToHashSet(StringComparer.Ordinal), ended);

    /// <summary>Sealed bytes of one class of a held segment.</summary>
    internal long SizeOf(string id, ContentClass kept) => new FileInfo(FileOf(Path.Combine(HeldRoot, Known(id)), kept)) is { Exists: true } file ? file.Length : 0;

    internal static string FileOf(string folder, ContentClass kept) => Path.Combine(folder, kept.ToString().ToLowerInvariant() + ".age");

    internal static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static List<string> Ids(string folder) =>
        new DirectoryInfo(folder).EnumerateDirectories().Where(segment => IsId(segment.Name)).OrderBy(segment => segment.CreationTimeUtc).ThenBy(segment => segment.Name, StringComparer.Ordinal).Select(segment => segment.Name).ToList();

    private static bool IsId(string name) => name.Length == 32 && name.All(char.IsAsciiHexDigitLower);

    private static string Known(string id) =>
        IsId(id) ? id : throw new DirectoryNotFoundException($"'{id}' is not a segment id (32 hex digits); `tutelage review` lists them");
}

/// <summary>A held segment's plaintext streams. Dispose closes them and forgets the key.</summary>
public sealed class OpenedSegment(string id, IReadOnlyDictionary<ContentClass, Stream> files, TagIdentity identity) : IDisposable
{
    public string Id { get; } = id;
    public IReadOnlyDictionary<ContentClass, Stream> Files { get; } = files;

    /// <summary>Reads it once, every file to its end; damage anywhere is told with the names of segment and file.</summary>
    /// <exception cref="SegmentDamagedException">It was altered or cut, or a file of it is missing.</exception>
    public T Read<T>(Func<SegmentReader, T> read)
    {
        try
        {
            var reader = SegmentReader.Open(Files);
            if (reader.Health is null) throw new SegmentDamagedException(Id, "input.age: it has no end");
            if (reader.Health.Frames > 0 && reader.MissingClasses.Contains(ContentClass.Frames)) throw new SegmentDamagedException(Id, "frames.age is missing");
            var result = read(reader);
            // What was not asked for is checked all the same: its seal holds to the last byte.
            foreach (var file in Files.Values) file.CopyTo(Stream.Null);
            return result;
        }
        catch (Exception damaged) when (SegmentDamagedException.Explains(damaged))
        {
            throw new SegmentDamagedException(Id, damaged.Message, damaged);
        }
    }

    public void Dispose()
    {
        foreach (var file in Files.Values) file.Dispose();
        identity.Dispose();
    }
}

/// <summary>A segment on this machine was altered or cut; its id says which.</summary>
public sealed class SegmentDamagedException(string id, string why, Exception? inner = null)
    : Exception($"segment {id} is damaged: {why}; look at what touched the spool folder, or discard it", inner)
{
    public string Id { get; } = id;

    /// <summary>True for what the readers of sealed files and of segments say about damage.</summary>
    internal static bool Explains(Exception fault) =>
        fault is RecordingFormatException or AgeFormatException or PayloadAuthenticationException or NoMatchingIdentityException or EndOfStreamException or InvalidDataException or FileNotFoundException;
}
