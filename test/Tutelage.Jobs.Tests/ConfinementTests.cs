using Tutelage.Jobs.Hosting;

namespace Tutelage.Jobs.Tests;

/// <summary>The filter, run by an interpreter of the five instructions it uses: a jump that is off by one allows what it should refuse.</summary>
public sealed class ConfinementTests
{
    private const uint OtherArchitecture = 0x40000003; // i386: its numbers mean other calls

    [Fact]
    public void Everything_in_the_list_is_refused_and_everything_else_allowed()
    {
        foreach (var calls in (Confinement.Calls[])[Confinement.X64, Confinement.Arm64])
        {
            for (var number = 0u; number < 600; number++)
            {
                var expected = calls.Refused.Contains(number) ? Confinement.RefuseAccess : Confinement.Allow;
                Verdict(calls, calls.Architecture, number, flags: 0).ShouldBe(expected, $"call {number}");
                Verdict(calls, OtherArchitecture, number, flags: 0).ShouldBe(Confinement.RefuseAccess);
            }
        }
    }

    [Theory]
    [InlineData(0x80000u, true)] // O_RDONLY | O_CLOEXEC
    [InlineData(0x10000u, true)] // O_DIRECTORY
    [InlineData(0x1u, false)] // O_WRONLY
    [InlineData(0x2u, false)] // O_RDWR
    [InlineData(0x40u, false)] // O_CREAT
    [InlineData(0x410000u | 0x2u, false)] // O_TMPFILE
    public void Files_are_opened_for_reading_only(uint flags, bool allowed)
    {
        foreach (var calls in (Confinement.Calls[])[Confinement.X64, Confinement.Arm64])
            Verdict(calls, calls.Architecture, calls.OpenAt, flags).ShouldBe(allowed ? Confinement.Allow : Confinement.RefuseAccess);
    }

    private static uint Verdict(Confinement.Calls calls, uint architecture, uint number, uint flags)
    {
        var program = Confinement.Program(calls);
        uint loaded = 0;
        for (var at = 0; ; at++)
        {
            var instruction = program[at];
            switch (instruction.Code)
            {
                case 0x20: loaded = instruction.K switch { 0 => number, 4 => architecture, 32 => flags, _ => throw new InvalidOperationException("loads what no call has") }; break;
                case 0x15: at += loaded == instruction.K ? instruction.IfTrue : instruction.IfFalse; break;
                case 0x45: at += (loaded & instruction.K) != 0 ? instruction.IfTrue : instruction.IfFalse; break;
                case 0x06: return instruction.K;
                default: throw new InvalidOperationException("an instruction that is not used");
            }
        }
    }
}
