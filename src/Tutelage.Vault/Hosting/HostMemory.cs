using System.Globalization;
using System.Runtime.InteropServices;
using Tutelage.Sealing.Memory;

namespace Tutelage.Hosting;

/// <summary>What a host cannot protect here, for its status.</summary>
/// <param name="Code">Stable name.</param>
/// <param name="Words">What it means and what can be done.</param>
internal sealed record Unprotected(string Code, string Words);

/// <summary>Keeps the whole process out of swap where the system allows it: the cipher library's working copies of keys lie outside our locked pages.</summary>
internal static partial class HostMemory
{
    private const int Current = 1, Future = 2, OnFault = 4; // MCL_* of asm-generic/mman.h
    private const int LockMemoryCapability = 14; // CAP_IPC_LOCK

    private static bool _isWholeLocked; // set once at start, before anything else runs

    /// <summary>Locks every page as it comes into use. Only for a process without a limit: with one, a later allocation would fail.</summary>
    public static void Lock()
    {
        if (OperatingSystem.IsLinux() && HasNoLimit()) _isWholeLocked = LockAll(Current | Future | OnFault) == 0;
    }

    public static IReadOnlyList<Unprotected> Unprotected()
    {
        var list = new List<Unprotected>();
        var report = LockedMemory.Report;
        if (report.RefusedBytes > 0)
            list.Add(new("keys-not-locked", string.Create(CultureInfo.InvariantCulture, $"{report.RefusedBytes} of {report.RefusedBytes + report.LockedBytes} bytes of keys lie in memory that the system would not lock; raise 'ulimit -l' (LimitMEMLOCK)")));
        if (!_isWholeLocked)
            list.Add(new("working-copies-not-locked", "the cipher library's working copies of keys lie in memory that is not locked; give the process CAP_IPC_LOCK to lock all of it"));
        if (SwapIsOn() is not false && (!_isWholeLocked || report.RefusedBytes > 0)) list.Add(new("swap-on", "this machine swaps, and what is not locked can be written to its disk; switch swap off or encrypt it"));
        if (!FileOwner.IsKnown) list.Add(new("owners-not-checked", "on this system the owners of key files and their folders are not checked; check them by hand"));
        return list;
    }

    /// <summary>Null where nobody can tell.</summary>
    private static bool? SwapIsOn() => File.Exists("/proc/swaps") ? File.ReadLines("/proc/swaps").Skip(1).Any(line => line.Length > 0) : null;

    private static bool HasNoLimit() =>
        File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var capabilities) && (capabilities >> LockMemoryCapability & 1) == 1;

    [LibraryImport("libc", EntryPoint = "mlockall", SetLastError = true)]
    private static partial int LockAll(int flags);
}
