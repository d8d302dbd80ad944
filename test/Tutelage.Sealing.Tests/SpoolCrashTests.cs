using System.Diagnostics;

namespace Tutelage.Sealing.Tests;

/// <summary>The loss bound, against a process that really dies (SIGKILL). What a power cut would also drop is covered by the fsyncs and their fault steps.</summary>
public sealed class SpoolCrashTests
{
    [Fact]
    [Trait("Pace", "slow")]
    public void A_killed_writer_loses_only_what_came_after_its_last_flush()
    {
        using var folder = new TemporaryFolder();
        using var identity = TagIdentity.Generate();
        for (var seed = 0; seed < 6; seed++)
        {
            var path = folder[$"spool-{seed}"];
            var flushed = WriteAndKill(path, identity.Recipient, seed, flushes: 1 + 5 * seed);
            using var reader = SpoolFileReader.Open(path, identity);
            var read = Sealed.ReadAll(reader);
            reader.Ending.ShouldBe(SpoolEnding.Torn);
            ((long)read.Length).ShouldBeGreaterThanOrEqualTo(flushed, $"seed {seed}");
            Sealed.AssertPattern(read, read.Length);
        }
    }

    /// <summary>The length that the process last said it had flushed.</summary>
    private static long WriteAndKill(string path, TagRecipient recipient, int seed, int flushes)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [typeof(SpoolCrashTests).Assembly.Location, path, recipient.Text, seed.ToString()])
        { UseShellExecute = false, RedirectStandardOutput = true })!;
        long flushed = 0;
        for (var i = 0; i < flushes; i++) flushed = long.Parse(process.StandardOutput.ReadLine().ShouldNotBeNull());
        process.Kill();
        var rest = process.StandardOutput.ReadToEnd().Split('\n')[..^1]; // whole lines that were on their way
        process.WaitForExit();
        return rest.Length > 0 ? long.Parse(rest[^1]) : flushed;
    }
}
