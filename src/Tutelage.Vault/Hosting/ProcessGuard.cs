using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Hosting;

/// <summary>Keeps other programs of the same user out of this process's memory, and says who owns it.</summary>
internal static partial class ProcessGuard
{
    private const int GetDumpable = 3; // PR_GET_DUMPABLE of linux/prctl.h
    private const int SetDumpable = 4; // PR_SET_DUMPABLE
    private const int CoreLimit = 4; // RLIMIT_CORE of asm-generic/resource.h
    private const string MachineId = "/etc/machine-id";

    /// <summary>What the runtime reads from its environment and what each opens.</summary>
    private static readonly (string Name, string Opens)[] Openings =
    [
        ("DbgEnableMiniDump", "writes the memory to a file when the process fails"),
        ("EnableEventPipe", "writes a trace of the process to a file"),
        ("StartupHooks", "runs other programs' code inside this process"),
        ("STARTUP_HOOKS", "runs other programs' code inside this process"),
    ];

    /// <summary>Forbids core files and ptrace by equals, and reads back that they are forbidden; every doubt is a fault.</summary>
    public static void Close(List<string> faults)
    {
        if (OperatingSystem.IsLinux()) CloseLinux(faults);
        var diagnostics = Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics");
        if (diagnostics != "0")
            faults.Add($"DOTNET_EnableDiagnostics: is {(diagnostics is null ? "not set" : $"'{diagnostics}'")}, so anybody of this user can take a heap dump with the keys in it; set it to 0 before starting, or start through ./tutelage");
        foreach (var prefix in (string[])["DOTNET_", "COMPlus_"])
        {
            foreach (var (name, opens) in Openings)
                if (Environment.GetEnvironmentVariable(prefix + name) is { Length: > 0 } value && value != "0") faults.Add($"{prefix}{name}: is '{value}', which {opens}; unset it");
        }

        foreach (var name in (string[])["CORECLR_ENABLE_PROFILING", "COR_ENABLE_PROFILING"])
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && value != "0") faults.Add($"{name}: is '{value}', which loads a profiler into this process; unset it");
    }

    /// <summary>The same text for two processes of one user on one machine; says nothing else about either.</summary>
    public static string Owner()
    {
        var machine = File.Exists(MachineId) ? File.ReadAllText(MachineId).Trim() : Environment.MachineName;
        var user = OperatingSystem.IsWindows() ? Environment.UserName : GetEffectiveUser().ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"tutelage/owner\n{machine}\n{user}")).AsSpan(0, 16));
    }

    private static void CloseLinux(List<string> faults)
    {
        _ = Prctl(SetDumpable, 0, 0, 0, 0);
        if (Prctl(GetDumpable, 0, 0, 0, 0) is not 0 and var dumpable)
            faults.Add($"PR_SET_DUMPABLE: is {dumpable} and could not be set to 0, so the memory could be dumped; do not start this through a debugger, or allow prctl in the sandbox");
        var none = default(Limit);
        _ = SetLimit(CoreLimit, in none);
        if (GetLimit(CoreLimit, out var core) != 0 || core.Soft != 0 || core.Hard != 0)
            faults.Add($"core limit: is {core.Soft} (hard {core.Hard}) and could not be set to 0, so a crash could write keys to a file; start with 'ulimit -c 0' (LimitCORE=0 in a unit)");
        if (File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("TracerPid:", StringComparison.Ordinal)) is { } tracer && tracer["TracerPid:".Length..].Trim() is not "0" and var pid)
            faults.Add($"TracerPid: process {pid} traces this one and can read its keys; start it without a debugger or tracer");
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);
}
