using System.Diagnostics;
using Tutelage.Testing;

namespace Tutelage.Ledger.Tests;

/// <summary>A log that other code has written, with entries of its own: 60 lines of Python and the openssl program.</summary>
public sealed class ForeignLogTests
{
    [Fact]
    public async Task A_log_written_by_other_code_verifies_and_its_damage_is_found()
    {
        if (!RequiredPrograms.AreThere("python3", "openssl")) return;
        var root = Directory.CreateTempSubdirectory("tutelage-foreign-").FullName;
        var folder = Path.Combine(root, "log");
        using var python = Process.Start(new ProcessStartInfo("python3", [Path.Combine(AppContext.BaseDirectory, "foreign_log.py"), folder, "700"]) { RedirectStandardOutput = true }).ShouldNotBeNull();
        var policy = LogPolicy.Parse(await python.StandardOutput.ReadToEndAsync());
        await python.WaitForExitAsync();
        python.ExitCode.ShouldBe(0);
        var report = LogVerifier.Verify(folder, policy);
        report.Faults.ShouldBeEmpty();
        (report.Size, report.AuditedSize, report.Origin).ShouldBe((700, 700, "foreign.example/log"));
        var bundle = Path.Combine(folder, "tile/entries/001");
        var bytes = await File.ReadAllBytesAsync(bundle);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes);
        LogVerifier.Verify(folder, policy).Faults.ShouldContain(f => f.What.Contains("entry 511", StringComparison.Ordinal));
        Directory.Delete(root, recursive: true);
    }
}
