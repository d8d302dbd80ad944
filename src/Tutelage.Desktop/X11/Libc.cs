using System.Runtime.InteropServices;

namespace Tutelage.Desktop.X11;

/// <summary>Waiting on file descriptors, shared memory and clocks of the C library.</summary>
internal static unsafe partial class Libc
{
    private const string C = "libc";

    public const short PollIn = 1, PollError = 8, PollHangUp = 16;
    public const int Interrupted = 4;
    public const int ClockMonotonic = 1, ClockBoot = 7;
    public const int IpcPrivate = 0, IpcCreate = 0x200, IpcRemove = 0;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events, Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport(C, EntryPoint = "poll", SetLastError = true)] public static partial int Poll(PollFd* fds, nuint count, int timeoutMs);
    [LibraryImport(C, EntryPoint = "eventfd", SetLastError = true)] public static partial int EventFd(uint initial, int flags);
    [LibraryImport(C, EntryPoint = "read", SetLastError = true)] public static partial nint Read(int fd, void* buffer, nuint count);
    [LibraryImport(C, EntryPoint = "write", SetLastError = true)] public static partial nint Write(int fd, void* buffer, nuint count);
    [LibraryImport(C, EntryPoint = "close")] public static partial int Close(int fd);
    [LibraryImport(C, EntryPoint = "getuid")] public static partial uint GetUid();
    [LibraryImport(C, EntryPoint = "clock_gettime")] public static partial int ClockGetTime(int clock, TimeSpec* time);
    [LibraryImport(C, EntryPoint = "shmget", SetLastError = true)] public static partial int ShmGet(int key, nuint sizeBytes, int flags);
    [LibraryImport(C, EntryPoint = "shmat", SetLastError = true)] public static partial nint ShmAttach(int id, nint address, int flags);
    [LibraryImport(C, EntryPoint = "shmdt")] public static partial int ShmDetach(nint address);
    [LibraryImport(C, EntryPoint = "shmctl")] public static partial int ShmControl(int id, int command, nint buffer);

    public static long Nanoseconds(int clock)
    {
        TimeSpec time;
        _ = ClockGetTime(clock, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }
}
