using System.Diagnostics;

namespace Tutelage.Vault.Jobs;

/// <summary>What the operating system puts around a job before it runs its first instruction.</summary>
/// <remarks>
/// With bubblewrap a job sees the system's programs read-only, its own program, an empty /tmp and a /proc of itself; it has no network, no home, no capability and
/// nobody else's processes. If this were wrong, a fault in a job that holds plaintext could read or reach what its user can. The job's own system call filter
/// (Tutelage.Jobs, Confinement) stands inside it, and alone where bubblewrap is missing or the kernel refuses it: status and every release entry then say so.
/// </remarks>
internal sealed class Sandbox
{
    private const string Bubblewrap = "/usr/bin/bwrap";
    private static readonly string[] System = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];

    /// <summary>Read by the loader, the runtime and libcrypto; nothing else of /etc is there.</summary>
    private static readonly string[] Settings = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/openssl.cnf", "/etc/localtime"];

    private readonly string? _missing;

    private Sandbox(string? missing) => _missing = missing;

    public bool IsThere => _missing is null;

    /// <summary>For status, run lines and entries.</summary>
    public string Words => _missing is null ? "bubblewrap" : $"none: {_missing}";

    /// <summary>Tries it out: a kernel may refuse namespaces to this user.</summary>
    public static Sandbox Find()
    {
        if (!OperatingSystem.IsLinux()) return new Sandbox("only Linux has bubblewrap");
        if (!File.Exists(Bubblewrap)) return new Sandbox($"{Bubblewrap} is not installed");
        var start = new ProcessStartInfo(Bubblewrap, [.. Around("/"), "--", "/usr/bin/true"]) { RedirectStandardError = true };
        start.Environment.Clear();
        try
        {
            using var tried = StartingThread.Start(start);
            var said = tried.StandardError.ReadToEnd();
            tried.WaitForExit();
            return tried.ExitCode == 0 ? new Sandbox(null) : new Sandbox($"the kernel refused it ({said.Split('\n')[0].Trim()})");
        }
        catch (global::System.ComponentModel.Win32Exception broken)
        {
            return new Sandbox(broken.Message);
        }
    }

    /// <summary>The words to start a program with.</summary>
    /// <param name="program">The job program; its folder is all that a job sees outside the system.</param>
    /// <param name="command">The program, or what runs it.</param>
    public IReadOnlyList<string> Command(string program, IReadOnlyList<string> command) =>
        _missing is null ? [Bubblewrap, .. Around(Path.GetDirectoryName(Path.GetFullPath(program)) ?? "/"), "--", .. command] : command;

    private static IEnumerable<string> Around(string folder)
    {
        List<string> words = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "job"];
        foreach (var path in System.Where(Path.Exists))
            words.AddRange(new FileInfo(path).LinkTarget is { } target ? ["--symlink", target, path] : ["--ro-bind", path, path]);
        foreach (var path in Settings) words.AddRange(["--ro-bind-try", path, path]);
        words.AddRange(["--proc", "/proc", "--dev", "/dev", "--size", "1048576", "--tmpfs", "/tmp"]);
        foreach (var path in Runtimes().Append(folder).Where(path => path != "/" && !path.StartsWith("/usr/", StringComparison.Ordinal))) words.AddRange(["--ro-bind", path, path]);
        return [.. words, "--remount-ro", "/", "--chdir", "/"];
    }

    /// <summary>Folders of the .NET runtime, where it is not the system's.</summary>
    private static IEnumerable<string> Runtimes()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root && Directory.Exists(root)) yield return root;
        if (Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" && Path.GetDirectoryName(Path.GetFullPath(File.ResolveLinkTarget(host, true)?.FullName ?? host)) is { } folder) yield return folder;
    }
}
