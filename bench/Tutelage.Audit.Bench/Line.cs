using System.Diagnostics;
using System.Text.Json;

namespace Tutelage.Audit.Bench;

/// <summary>The real command line over a home folder of its own: starts a programme once, so that there are people, a grant and two approvals.</summary>
internal sealed class Line(string root)
{
    /// <summary>Fixed, because enrolments hold addresses.</summary>
    public const int Port = 7740;

    private static readonly string Bin = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Tutelage.Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))));

    public string Programme => Path.Combine(root, "programme");

    public string VaultDatabase => Path.Combine(Programme, "vault", "vault.db");

    public string Tag { get; private set; } = "";

    public string Grant { get; private set; } = "";

    public static string PathOf(string program) => Path.Combine(Bin, program + ".dll");

    public async Task PrepareAsync()
    {
        using var up = Start(PathOf("tutelage"), "up", "--data", Programme, "--port-base", $"{Port}", "--json");
        while (await up.StandardOutput.ReadLineAsync() is { } text && text != "}") continue;
        foreach (var steward in (string[])["anna", "ben"]) await RunAsync("key", "new", steward, "--role", "steward");
        await RunAsync("key", "new", "cleo", "--role", "researcher");
        var manifest = Path.Combine(root, "manifest.yaml");
        await File.WriteAllTextAsync(manifest, "tutelage-manifest: 1\nprogramme: Bench\nversion: 1\ncapture:\n  - app: mousepad\n    classes: [input, frames]\n");
        await RunAsync("manifest", "publish", manifest, "--as", "anna", "--yes");
        await RunAsync("enrol", "--server", $"http://127.0.0.1:{Port + 2}", "--yes");
        Tag = JsonDocument.Parse(await RunAsync("key", "list", "--json")).RootElement.EnumerateArray().Select(key => key.TryGetProperty("tag", out var tag) ? tag.GetString() : null).First(tag => tag is not null)!; // one participant is enrolled
        Grant = JsonDocument.Parse(await RunAsync("grant", "request", "--classes", "input,frames", "--tags", "me", "--as", "cleo", "--json")).RootElement.GetProperty("grant").GetString()!; // every answer has one
        foreach (var steward in (string[])["anna", "ben"]) await RunAsync("grant", "approve", Grant, "--as", steward, "--yes");
        using (var kill = Process.Start("kill", ["-TERM", $"{up.Id}"])) await kill.WaitForExitAsync();
        await up.WaitForExitAsync();
    }

    public async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Start(PathOf("tutelage"), arguments);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"tutelage {string.Join(' ', arguments)}: {output}{await errors}");
    }

    public Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TUTELAGE_HOME"] = Path.Combine(root, "home");
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
