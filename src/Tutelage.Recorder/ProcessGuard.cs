using System.Runtime.InteropServices;

namespace Tutelage.Recorder;

/// <summary>Keeps other processes of the same user out of this one's memory.</summary>
internal static partial class ProcessGuard
{
    private const int SetDumpable = 4;

    /// <summary>Every doubt, in words; empty if the process may hold captured content.</summary>
    /// <remarks>The runtime's diagnostics socket lets anyone with the same user id take a heap dump; PR_SET_DUMPABLE 0 stops ptrace and core files.</remarks>
    public static IReadOnlyList<string> Close()
    {
        var doubts = new List<string>();
        if (Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") != "0")
            doubts.Add("DOTNET_EnableDiagnostics is not 0: another program of yours could read the recorder's memory (set it, or start it through ./tutelage)");
        if (OperatingSystem.IsLinux() && ProcessControl(SetDumpable, 0, 0, 0, 0) != 0) doubts.Add("PR_SET_DUMPABLE could not be cleared");
        return doubts;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);
}
