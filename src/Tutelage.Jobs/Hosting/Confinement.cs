using System.Runtime.InteropServices;

namespace Tutelage.Jobs.Hosting;

/// <summary>Takes from this process what a job never needs: memory dumps, sockets, new programs, writing files.</summary>
/// <remarks>
/// <para>A job holds plaintext of several people. If this were wrong, a fault in a parser could carry that plaintext out by a socket or leave it in a file;
/// with it, the only way out of the process is the pipe.</para>
/// <para>The filter is a classic BPF program over <c>struct seccomp_data</c> (int nr at 0, u32 arch at 4, u64 args[6] from 16):
/// 1. another architecture: refuse; 2. a number in the list: refuse; 3. openat for writing: refuse; 4. allow. Refusal is EACCES, not death, so the runtime reports it.</para>
/// </remarks>
internal static class Confinement
{
    private const int PrSetDumpable = 4;
    private const int PrSetNoNewPrivs = 38;
    private const int SeccompSetModeFilter = 1;
    private const int FilterFlagTsync = 1; // every thread of the runtime, not only this one
    internal const uint Allow = 0x7fff0000;
    internal const uint RefuseAccess = 0x00050000 | 13; // SECCOMP_RET_ERRNO | EACCES
    private const uint OpenForWriting = 0x1 | 0x2 | 0x40; // O_WRONLY | O_RDWR | O_CREAT

    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort JumpIfBits = 0x45; // BPF_JMP | BPF_JSET | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K

    /// <summary>System call numbers: asm/unistd_64.h, asm-generic/unistd.h.</summary>
    internal sealed record Calls(uint Architecture, int Seccomp, uint OpenAt, uint[] Refused);

    internal static readonly Calls X64 = new(0xc000003e, 317, 257,
        [41 /* socket */, 42 /* connect */, 49 /* bind */, 2 /* open */, 85 /* creat */, 437 /* openat2 */, 59 /* execve */, 322 /* execveat */, 101 /* ptrace */, 310, 311 /* process_vm_* */]);

    internal static readonly Calls Arm64 = new(0xc00000b7, 277, 56,
        [198 /* socket */, 203 /* connect */, 200 /* bind */, 437 /* openat2 */, 221 /* execve */, 281 /* execveat */, 117 /* ptrace */, 270, 271 /* process_vm_* */]);

    /// <summary>Applies all of it, for the life of the process.</summary>
    /// <returns>True if the kernel holds the filter now.</returns>
    public static bool Apply()
    {
        if (!OperatingSystem.IsLinux()) return false;
        if (Prctl(PrSetDumpable, 0, 0, 0, 0) != 0) throw new PlatformNotSupportedException("the kernel does not let this process refuse memory dumps");
        var calls = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => X64, Architecture.Arm64 => Arm64, _ => null };
        return calls is not null && Prctl(PrSetNoNewPrivs, 1, 0, 0, 0) == 0 && Install(calls);
    }

    private static bool Install(Calls calls)
    {
        var program = Program(calls);
        var instructions = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            var filter = new SockFprog { Length = (ushort)program.Length, Filter = instructions.AddrOfPinnedObject() };
            return Syscall(calls.Seccomp, SeccompSetModeFilter, FilterFlagTsync, ref filter) == 0;
        }
        finally
        {
            instructions.Free();
        }
    }

    internal static SockFilter[] Program(Calls calls)
    {
        var n = calls.Refused.Length;
        var program = new List<SockFilter>
        {
            new(LoadWord, 0, 0, 4),
            new(JumpIfEqual, 0, (byte)(n + 5), calls.Architecture), // other architecture → refuse
            new(LoadWord, 0, 0, 0),
        };
        for (var i = 0; i < n; i++) program.Add(new(JumpIfEqual, (byte)(n - i + 3), 0, calls.Refused[i])); // → refuse
        program.Add(new(JumpIfEqual, 0, 2, calls.OpenAt)); // not openat → allow
        program.Add(new(LoadWord, 0, 0, 16 + 2 * 8)); // its flags
        program.Add(new(JumpIfBits, 1, 0, OpenForWriting)); // → refuse
        program.Add(new(Return, 0, 0, Allow));
        program.Add(new(Return, 0, 0, RefuseAccess));
        return [.. program];
    }

    /// <summary>struct sock_filter: u16 code, u8 jt, u8 jf, u32 k.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct SockFilter(ushort Code, byte IfTrue, byte IfFalse, uint K);

    /// <summary>struct sock_fprog: u16 len, pointer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SockFprog
    {
        public ushort Length;
        public nint Filter;
    }

    [DllImport("libc", EntryPoint = "prctl")]
    private static extern int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Syscall(nint number, nint operation, nint flags, ref SockFprog program);
}
