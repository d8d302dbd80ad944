namespace Tutelage.Cli.Tests.Support;

/// <summary>A running programme and one person enrolled in it, shared by the tests of a class.</summary>
public sealed class EnrolledHome : IAsyncLifetime
{
    private RunningProgramme? _programme;

    internal CommandLine Line { get; } = new();

    internal string Person => Path.Combine(Line.Home, "people", "me");

    public async Task InitializeAsync()
    {
        _programme = await RunningProgramme.StartAsync(Line);
        await Line.DoAsync("key", "new", "anna", "--role", "steward");
        var file = Path.Combine(Line.Root, "manifest.yaml");
        await File.WriteAllTextAsync(file, "tutelage-manifest: 1\nprogramme: Invented notes\nversion: 1\ncapture:\n  - app: mousepad\n    classes: [input, text, elements, frames]\n");
        await Line.DoAsync("manifest", "publish", file, "--as", "anna", "--yes");
        await Line.DoAsync("enrol", "--yes");
    }

    public async Task DisposeAsync()
    {
        if (_programme is not null) await _programme.DisposeAsync();
        Line.Dispose();
    }

    internal void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFiles(from)) File.Copy(path, Path.Combine(to, Path.GetFileName(path)));
        Directory.SetLastWriteTimeUtc(to, Directory.GetLastWriteTimeUtc(from));
    }
}
