using Tutelage.Cli.Programme;
using Tutelage.Cli.Verbs;

namespace Tutelage.Cli;

/// <summary>Where one user's keys, enrolments and programme lie: <c>--home</c>, else <c>TUTELAGE_HOME</c>, else <c>~/.tutelage</c>.</summary>
/// <remarks><c>keys/</c> people who run the programme; <c>people/NAME/</c> participants; <c>programme/</c> data of <c>tutelage up</c>.</remarks>
internal sealed class Home
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Holds the folder of a programme that was started with <c>--data</c>.</summary>
    private const string Pointer = "programme.path";

    /// <summary>Names are short so that the control socket's path stays below the 108 bytes of a Unix address.</summary>
    private const int LongestName = 32;

    private Home(string root) => Root = root;

    public string Root { get; }

    public string Keys => Path.Combine(Root, "keys");

    public string People => Path.Combine(Root, "people");

    /// <summary>Data of the programme that was last started here.</summary>
    public string Programme => File.Exists(Path.Combine(Root, Pointer)) ? File.ReadAllText(Path.Combine(Root, Pointer)).Trim() : Path.Combine(Root, "programme");

    /// <exception cref="VerbFailedException">No place was named, and the user has no home folder: keys must not land where somebody happens to stand.</exception>
    public static Home At(string? given) => new(Path.GetFullPath(
        given is { Length: > 0 } ? given
        : Environment.GetEnvironmentVariable("TUTELAGE_HOME") is { Length: > 0 } named ? named
        : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } user ? Path.Combine(user, ".tutelage")
        : throw new VerbFailedException($"there is no home folder to keep keys in (HOME is '{Environment.GetEnvironmentVariable("HOME")}')", "name a folder with --home DIR or TUTELAGE_HOME")));

    /// <summary>For its owner alone, also if it was there.</summary>
    public static void CreatePrivate(string folder)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        if (File.GetUnixFileMode(folder) != OwnerOnly) File.SetUnixFileMode(folder, OwnerOnly);
    }

    /// <summary>A name for a key or a person: lower-case letters, digits and hyphens.</summary>
    public static string Name(string name) =>
        name.Length is > 0 and <= LongestName && name[0] != '-' && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            ? name
            : throw new VerbFailedException($"'{name}' is not a name", $"use 1 to {LongestName} of a-z, 0-9 and '-'", CliExit.Usage);

    /// <summary>Other verbs look for the programme where it was last started.</summary>
    public void Remember(string programme)
    {
        CreatePrivate(Root);
        File.WriteAllText(Path.Combine(Root, Pointer), programme + "\n");
    }

    public string FolderOf(string person) => Path.Combine(People, Name(person));

    /// <summary>Names of those who are enrolled here.</summary>
    public IReadOnlyList<string> Enrolled() => Directory.Exists(People)
        ? Directory.EnumerateDirectories(People).Where(folder => File.Exists(Path.Combine(folder, "enrolment.json"))).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal).ToList()
        : [];

    /// <summary>The folder of <paramref name="name"/>; without one, of <c>me</c> or of the only person enrolled here.</summary>
    public string Person(string? name)
    {
        if (name is not null) return FolderOf(name);
        var enrolled = Enrolled();
        if (enrolled is [var only]) return FolderOf(only);
        return enrolled.Count == 0 || enrolled.Contains("me", StringComparer.Ordinal)
            ? FolderOf("me")
            : throw new VerbFailedException($"{enrolled.Count} people are enrolled here: {string.Join(", ", enrolled)}", "say which with --as NAME", CliExit.Usage);
    }

    /// <summary>The programme's addresses and public keys: from <paramref name="server"/> if one is named, else from the programme on this machine.</summary>
    public async Task<ProgrammeCard> CardAsync(Uri? server, CancellationToken cancellationToken)
    {
        if (server is not null) return await ProgrammeCard.FetchAsync(server, cancellationToken);
        var path = Path.Combine(Programme, ProgrammeCard.FileName);
        return File.Exists(path)
            ? ProgrammeCard.Read(await File.ReadAllBytesAsync(path, cancellationToken), path)
            : throw new VerbFailedException($"there is no programme in {Programme}", "start one with `tutelage up`, or name one elsewhere with --server URL");
    }
}
