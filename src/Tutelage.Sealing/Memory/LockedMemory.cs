using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tutelage.Sealing.Memory;

/// <summary>Bytes of secrets that are alive now.</summary>
/// <param name="LockedBytes">In memory that is locked.</param>
/// <param name="RefusedBytes">In memory that the system would not lock (its limit: <c>ulimit -l</c>) or that it cannot lock.</param>
public readonly record struct LockedMemoryReport(long LockedBytes, long RefusedBytes);

/// <summary>Where <see cref="LockedBytes"/> live: whole pages, each locked once and cut into slots of one size. Thread-safe.</summary>
/// <remarks>
/// mlock counts in pages and does not nest: unlocking one of two secrets on a page would unlock both, and a page for each key of 16 bytes would meet the usual
/// limit of 8 MiB at 2,000 keys. So pages are shared, stay locked until the process ends, and only slots come and go. If this were wrong, keys of another
/// owner would be overwritten, or lie in swap and core files.
/// </remarks>
public static partial class LockedMemory
{
    /// <summary>A secret is a key, not a file.</summary>
    public const int MaxSizeBytes = PageSize;

    private const int PageSize = 4096; // where pages are larger, mlock rounds to them and a neighbour is locked as well
    private const int MinSlotSize = 16;
    private const int DontDump = 16; // MADV_DONTDUMP of Linux's asm-generic/mman-common.h

    private static readonly Lock Gate = new();
    private static readonly Stack<LockedSlot>[] Free = [.. Enumerable.Range(0, 1 + BitOperations.Log2(PageSize / MinSlotSize)).Select(_ => new Stack<LockedSlot>())]; // under Gate
    private static long _locked; // under Gate
    private static long _refused; // under Gate

    /// <summary>For status pages.</summary>
    public static LockedMemoryReport Report
    {
        get
        {
            lock (Gate) return new LockedMemoryReport(_locked, _refused);
        }
    }

    internal static LockedSlot Take(int length)
    {
        var kind = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, MinSlotSize)) / MinSlotSize);
        lock (Gate)
        {
            if (!Free[kind].TryPop(out var slot))
            {
                AddPage(kind);
                slot = Free[kind].Pop();
            }
            Count(slot, 1);
            return slot;
        }
    }

    internal static unsafe void Return(LockedSlot slot)
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)slot.Address, slot.Size));
        lock (Gate)
        {
            Count(slot, -1);
            Free[BitOperations.Log2((uint)(slot.Size / MinSlotSize))].Push(slot);
        }
    }

    private static unsafe void AddPage(int kind)
    {
        var page = (nint)NativeMemory.AlignedAlloc(PageSize, PageSize);
        NativeMemory.Clear((void*)page, PageSize);
        var isLocked = TryLock(page);
        var size = MinSlotSize << kind;
        for (var at = PageSize - size; at >= 0; at -= size) Free[kind].Push(new LockedSlot(page + at, size, isLocked));
    }

    private static bool TryLock(nint page)
    {
        if (OperatingSystem.IsWindows()) return false;
        if (OperatingSystem.IsLinux()) _ = Advise(page, PageSize, DontDump); // a kernel that refuses still has PR_SET_DUMPABLE against it
        return MemoryLock(page, PageSize) == 0;
    }

    private static void Count(LockedSlot slot, int sign)
    {
        if (slot.IsLocked) _locked += sign * slot.Size;
        else _refused += sign * slot.Size;
    }

    [LibraryImport("libc", EntryPoint = "mlock")]
    private static partial int MemoryLock(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}

/// <summary>A place for one secret; zero while it is free.</summary>
internal sealed record LockedSlot(nint Address, int Size, bool IsLocked);
