using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Attack.Tests.Support;

/// <summary>One of our programs as a real process under an attacker's eyes: everything it says is kept, core files are allowed, its temp and working folders are known.</summary>
internal sealed class WatchedHost : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new(); // guarded by itself
    private readonly List<Task> _reading = [];

    private WatchedHost(string name, Process process, string folder) => (Name, _process, Folder) = (name, process, folder);

    public string Name { get; }

    public int Id => _process.Id;

    public Uri Address { get; private set; } = new("http://127.0.0.1:9/");

    /// <summary>Holds <c>tmp</c>, <c>cwd</c> (where a core file would appear) and <c>routes</c>.</summary>
    public string Folder { get; }

    /// <summary>Method and pattern of each endpoint, as the running host listed them.</summary>
    public IReadOnlyList<string> Routes => File.ReadAllLines(Path.Combine(Folder, "routes"));

    public string Said
    {
        get { lock (_said) return _said.ToString(); }
    }

    public static string PathOf(string assembly)
    {
        var pivot = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(SharedFolder.Repository, "artifacts", "bin", "Tutelage.Cli", pivot, assembly + ".dll");
    }

    /// <summary>Starts it without waiting for anything.</summary>
    public static WatchedHost Launch(string assembly, string folder, params string[] arguments)
    {
        foreach (var inner in new[] { "tmp", "cwd" }) Directory.CreateDirectory(Path.Combine(folder, inner));
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = Path.Combine(folder, "cwd") };
        foreach (var word in new[] { "-c", "ulimit -c unlimited; exec \"$0\" \"$@\"", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", PathOf(assembly) }) start.ArgumentList.Add(word);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["TMPDIR"] = Path.Combine(folder, "tmp");
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        start.Environment[StartupHook.RoutesFile] = Path.Combine(folder, "routes");
        var host = new WatchedHost(assembly, Process.Start(start)!, folder);
        host._reading.Add(host.KeepAsync(host._process.StandardError));
        return host;
    }

    /// <summary>Starts it and waits for the line with its address.</summary>
    public static async Task<WatchedHost> StartAsync(string assembly, string folder, params string[] arguments)
    {
        var host = Launch(assembly, folder, arguments);
        if (await host._process.StandardOutput.ReadLineAsync() is not { } line)
        {
            await host._reading[0];
            throw new InvalidOperationException($"{assembly} did not start: {host.Said}");
        }
        host.Keep(line);
        host.Address = new Uri(JsonDocument.Parse(line).RootElement.GetProperty("address").GetString()!.TrimEnd('/') + "/");
        host._reading.Add(host.KeepAsync(host._process.StandardOutput));
        return host;
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static async Task<string> RunAsync(string assembly, string folder, params string[] arguments)
    {
        using var host = Launch(assembly, folder, arguments);
        var output = await host._process.StandardOutput.ReadToEndAsync();
        await host._process.WaitForExitAsync();
        return host._process.ExitCode == 0 ? output : throw new InvalidOperationException($"{assembly} failed with {host._process.ExitCode}: {host.Said}");
    }

    public Stream FirstOutput => _process.StandardOutput.BaseStream;

    public async Task<int> EndAsync(string signal)
    {
        using (var kill = Process.Start("/bin/kill", [signal, Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>What the system shows of this process and of its children to anybody of the same user.</summary>
    public IEnumerable<(string Place, byte[] Bytes)> Shown()
    {
        var children = Directory.EnumerateDirectories($"/proc/{Id}/task").SelectMany(task => Read(Path.Combine(task, "children")) is { } list ? Encoding.ASCII.GetString(list).Split(' ', StringSplitOptions.RemoveEmptyEntries) : []);
        foreach (var pid in children.Prepend(Id.ToString(CultureInfo.InvariantCulture)))
            foreach (var name in new[] { "environ", "cmdline", "comm", "status" })
                if (Read($"/proc/{pid}/{name}") is { } bytes) yield return ($"/proc/{Name}/{name}", bytes);

        static byte[]? Read(string path)
        {
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task KeepAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line) Keep(line);
    }

    private void Keep(string line)
    {
        lock (_said) _said.AppendLine(line);
    }
}
