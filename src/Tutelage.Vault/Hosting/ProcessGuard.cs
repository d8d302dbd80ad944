using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Hosting;

/// <summary>Keeps other programs of the same user out of this process's memory, and says who owns it.</summary>
internal static partial class ProcessGuard
{
    private const int SetDumpable = 4; // PR_SET_DUMPABLE of linux/prctl.h
    private const string MachineId = "/etc/machine-id";

    /// <summary>Forbids core dumps and ptrace by equals; a fault if the runtime's diagnostics socket is open.</summary>
    /// <param name="rehearsal">Then an open socket is tolerated: one owner can read everything anyway.</param>
    public static void Close(bool rehearsal, List<string> faults)
    {
        if (OperatingSystem.IsLinux() && Prctl(SetDumpable, 0, 0, 0, 0) != 0) faults.Add($"prctl(PR_SET_DUMPABLE, 0) failed with errno {Marshal.GetLastPInvokeError()}: memory could be dumped");
        if (!rehearsal && Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") != "0")
            faults.Add("DOTNET_EnableDiagnostics: must be 0 in the environment, or anybody of this user can take a heap dump with the keys in it (or say --rehearsal)");
    }

    /// <summary>The same text for two processes of one user on one machine; says nothing else about either.</summary>
    public static string Owner()
    {
        var machine = File.Exists(MachineId) ? File.ReadAllText(MachineId).Trim() : Environment.MachineName;
        var user = OperatingSystem.IsWindows() ? Environment.UserName : GetEffectiveUser().ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"tutelage/owner\n{machine}\n{user}")).AsSpan(0, 16));
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
