using System.Globalization;
using Tutelage.Sealing.Memory;

namespace Tutelage.Sealing.Tests.Memory;

public sealed class LockedBytesTests
{
    [Fact]
    public void A_secret_begins_as_zeros_keeps_what_it_was_given_and_is_gone_when_disposed()
    {
        foreach (var length in new[] { 1, 15, 16, 17, 32, 65, 1000, LockedMemory.MaxSizeBytes })
        {
            using var fresh = new LockedBytes(length);
            fresh.Span.ToArray().ShouldBe(new byte[length]);
            var secret = LockedBytes.CopyOf(Sealed.Pattern(length, 7));
            secret.Span.ToArray().ShouldBe(Sealed.Pattern(length, 7));
            secret.Dispose();
            Should.Throw<ObjectDisposedException>(() => secret.Span.Length);
            secret.Dispose();
        }
        foreach (var length in new[] { 0, -1, LockedMemory.MaxSizeBytes + 1 }) Should.Throw<ArgumentOutOfRangeException>(() => new LockedBytes(length));
    }

    [Fact]
    public void Secrets_of_many_threads_never_share_a_place_and_find_nothing_of_those_before_them()
    {
        Parallel.For(0, 8, thread =>
        {
            var random = new Random(thread);
            var held = new List<(LockedBytes Bytes, byte Mark)>();
            for (var i = 0; i < 5_000; i++)
            {
                if (held.Count > 100 || (held.Count > 0 && random.Next(3) == 0))
                {
                    var (bytes, mark) = held[random.Next(held.Count)];
                    held.Remove((bytes, mark));
                    bytes.Span.ContainsAnyExcept(mark).ShouldBeFalse();
                    bytes.Dispose();
                }
                var next = new LockedBytes(random.Next(1, 100));
                next.Span.ContainsAnyExcept((byte)0).ShouldBeFalse();
                next.Span.Fill((byte)(thread * 16 + 1 + i % 15));
                held.Add((next, next.Span[0]));
            }
            foreach (var (bytes, mark) in held)
            {
                bytes.Span.ContainsAnyExcept(mark).ShouldBeFalse();
                bytes.Dispose();
            }
        });
    }

    [Fact]
    public unsafe void Its_pages_are_locked_and_left_out_of_core_files_as_the_system_itself_says()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var secret = new LockedBytes(32);
        if (!secret.IsLocked)
        {
            LockedMemory.Report.RefusedBytes.ShouldBeGreaterThan(0);
            Console.WriteLine("skipped: this system locks no memory for us (ulimit -l)");
            return;
        }
        LockedMemory.Report.LockedBytes.ShouldBeGreaterThanOrEqualTo(32);
        fixed (byte* at = secret.Span)
        {
            var flags = FlagsOf((ulong)at);
            flags.ShouldContain("lo");
            flags.ShouldContain("dd");
        }
    }

    /// <summary>VmFlags of the mapping that holds the address (proc(5)).</summary>
    private static string[] FlagsOf(ulong address)
    {
        var inside = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var range = line.Split(' ')[0].Split('-');
            if (range.Length == 2 && ulong.TryParse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var from)
                && ulong.TryParse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var to))
                inside = from <= address && address < to;
            if (inside && line.StartsWith("VmFlags:", StringComparison.Ordinal)) return line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        return [];
    }
}
