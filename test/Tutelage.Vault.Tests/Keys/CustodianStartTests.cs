using System.Diagnostics;
using Tutelage.Testing;
using Tutelage.Testing.Hosts;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>Vault and auditor, as real processes, refuse what would let others at their keys, and name each fault with its value and its cure.</summary>
public sealed class CustodianStartTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tutelage-start-").FullName;

    public static TheoryData<string> Custodians => ["Tutelage.Vault", "Tutelage.Auditor"];

    [Theory]
    [MemberData(nameof(Custodians))]
    public async Task Open_modes_links_second_names_and_writable_ways_are_all_named(string project)
    {
        var folder = await InitialiseAsync(project);
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("750", 8));
        (await RefusesAsync(project, folder)).ShouldContain($"{folder}: others may open it (mode 750); chmod go-rwx");
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("700", 8));

        var root = Path.Combine(folder, "root.key");
        File.SetUnixFileMode(root, (UnixFileMode)Convert.ToInt32("640", 8));
        File.Move(Path.Combine(folder, "identity.key"), Path.Combine(_root, "elsewhere"));
        File.CreateSymbolicLink(Path.Combine(folder, "identity.key"), Path.Combine(_root, "elsewhere"));
        File.SetUnixFileMode(_root, (UnixFileMode)Convert.ToInt32("777", 8));
        var errors = await RefusesAsync(project, folder);
        errors.ShouldContain($"{root}: others may open it (mode 640); chmod go-rwx");
        errors.ShouldContain("identity.key: is a symbolic link; put the file or folder itself there");
        errors.ShouldContain($"{_root}: others may write it (mode 777)");
        File.SetUnixFileMode(_root, (UnixFileMode)Convert.ToInt32("700", 8));
        File.SetUnixFileMode(root, (UnixFileMode)Convert.ToInt32("600", 8));

        Run("ln", root, Path.Combine(_root, "second"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), folder);
        (await RefusesAsync(project, folder)).ShouldContain("root.key: has 2 names (hard links)");
        (await RefusesAsync(project, Path.Combine(_root, "link"))).ShouldContain("link: is a symbolic link");
    }

    [Theory]
    [MemberData(nameof(Custodians))]
    public async Task Files_and_ways_of_another_user_are_refused(string project)
    {
        if (Environment.UserName != "root")
        {
            Console.WriteLine("only root can give files away; not checked here");
            return;
        }

        var folder = await InitialiseAsync(project);
        Run("chown", "65534", Path.Combine(folder, "root.key"), _root);
        var errors = await RefusesAsync(project, folder);
        errors.ShouldContain("root.key: belongs to user 65534, this process to user 0; chown 0");
        errors.ShouldContain($"{_root}: belongs to user 65534, who could put another folder in its place");
    }

    [Theory]
    [MemberData(nameof(Custodians))]
    public async Task Diagnostics_dumps_hooks_and_profilers_are_refused_in_a_rehearsal_too(string project)
    {
        var folder = await InitialiseAsync(project);
        var errors = await RefusesAsync(project, folder, ("DOTNET_EnableDiagnostics", "1"), ("DOTNET_DbgEnableMiniDump", "1"), ("CORECLR_ENABLE_PROFILING", "1"), ("--rehearsal", ""));
        errors.ShouldContain("DOTNET_EnableDiagnostics: is '1', so anybody of this user can take a heap dump with the keys in it; set it to 0");
        errors.ShouldContain("DOTNET_DbgEnableMiniDump: is '1', which writes the memory to a file");
        errors.ShouldContain("CORECLR_ENABLE_PROFILING: is '1'");
        (await RefusesAsync(project, folder, ("DOTNET_EnableDiagnostics", null))).ShouldContain("DOTNET_EnableDiagnostics: is not set");
    }

    [Fact]
    public async Task A_started_custodian_can_write_no_core_file_and_says_what_it_cannot_protect()
    {
        await using var programme = await Programme.StartAsync();
        foreach (var host in (HostProcess[])[programme.Vault, programme.Auditor])
            File.ReadLines($"/proc/{host.Id}/limits").Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..6].ShouldBe(["0", "0"]);
        using var http = new HttpClient();
        var vault = await http.GetStringAsync(new Uri(programme.Vault.Address, "v1/status"));
        vault.ShouldContain("escrow-beside-keyring");
        (await http.GetStringAsync(new Uri(programme.Auditor.Address, "v1/status"))).ShouldContain("\"unprotected\":[");
    }

    public void Dispose()
    {
        File.SetUnixFileMode(_root, (UnixFileMode)Convert.ToInt32("700", 8));
        Directory.Delete(_root, recursive: true);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }

    private async Task<string> InitialiseAsync(string project)
    {
        var folder = Path.Combine(_root, "data");
        (await HostProcess.RunAsync(project, "--init", "--data", folder)).Exit.ShouldBe(0);
        return folder;
    }

    private static async Task<string> RefusesAsync(string project, string folder, params (string Name, string? Value)[] environment)
    {
        var program = Path.Combine(SharedFolder.Repository, "artifacts", "bin", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), project + ".dll");
        string[] rehearsal = environment.Any(variable => variable.Name == "--rehearsal") ? ["--rehearsal"] : [];
        string[] peers = project == "Tutelage.Vault" ? ["--auditor", "http://127.0.0.1:9", "--server", "http://127.0.0.1:9"] : [];
        var start = new ProcessStartInfo("dotnet", ["exec", program, "--data", folder, "--trust", "nowhere", .. peers, .. rehearsal]) { RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (name, value) in environment.Where(variable => variable.Name != "--rehearsal"))
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(4, errors);
        return errors;
    }
}
