using System.Security.Cryptography;
using Tutelage.Recording;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>Segments on this machine: <c>open/</c> being written, <c>held/</c> waiting to be sent. Each is a folder of one spool file a class.</summary>
/// <remarks>Layout: docs/formats/spool.md. A segment moves from open to held by one rename, so it is never in neither.</remarks>
public sealed class SpoolFolder
{
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

    internal DayKeys Days => _days;

    /// <summary>Ids of what waits, oldest first.</summary>
    public IReadOnlyList<string> Held() => Ids(HeldRoot);

    /// <summary>Ids of what a recorder is writing, or was when it died.</summary>
    public IReadOnlyList<string> Unfinished() => Ids(OpenRoot);

    /// <summary>A held segment, opened with its day's key for its owner.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no held segment of this id.</exception>
    /// <exception cref="DayKeyMissingException">Its key was destroyed.</exception>
    public OpenedSegment Open(string id)
    {
        var folder = Path.Combine(HeldRoot, Known(id));
        return OpenIn(folder);
    }

    internal OpenedSegment OpenIn(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"no segment {Path.GetFileName(folder)} waits here; `tutelage review` lists those that do");
        var identity = _days.Open(File.ReadAllText(Path.Combine(folder, "day")));
        var files = new Dictionary<ContentClass, Stream>();
        foreach (var kept in Enum.GetValues<ContentClass>())
        {
            var path = FileOf(folder, kept);
            if (File.Exists(path) || File.Exists(path + ".tail")) files[kept] = SpoolFileReader.Open(path, identity);
        }
        return new(Path.GetFileName(folder), files, identity);
    }

    /// <summary>Removes a held segment for good.</summary>
    public void Discard(string id)
    {
        var folder = Path.Combine(HeldRoot, Known(id));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        DestroyUnneededKeys();
    }

    /// <summary>Destroys the keys of days under which nothing waits any more.</summary>
    public void DestroyUnneededKeys() =>
        _days.DestroyAllBut(new[] { OpenRoot, HeldRoot }.SelectMany(Directory.EnumerateDirectories).Select(folder => Path.Combine(folder, "day"))
            .Where(File.Exists).Select(File.ReadAllText).ToHashSet(StringComparer.Ordinal));

    internal static string FileOf(string folder, ContentClass kept) => Path.Combine(folder, kept.ToString().ToLowerInvariant() + ".age");

    internal static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static List<string> Ids(string folder) =>
        new DirectoryInfo(folder).EnumerateDirectories().Where(segment => segment.Name.Length == 32).OrderBy(segment => segment.CreationTimeUtc).ThenBy(segment => segment.Name, StringComparer.Ordinal).Select(segment => segment.Name).ToList();

    private static string Known(string id) =>
        id.Length == 32 && id.All(char.IsAsciiHexDigitLower) ? id : throw new DirectoryNotFoundException($"'{id}' is not a segment id (32 hex digits); `tutelage review` lists them");
}

/// <summary>A held segment's plaintext streams. Dispose closes them and forgets the key.</summary>
public sealed class OpenedSegment(string id, IReadOnlyDictionary<ContentClass, Stream> files, TagIdentity identity) : IDisposable
{
    public string Id { get; } = id;
    public IReadOnlyDictionary<ContentClass, Stream> Files { get; } = files;

    public void Dispose()
    {
        foreach (var file in Files.Values) file.Dispose();
        identity.Dispose();
    }
}
