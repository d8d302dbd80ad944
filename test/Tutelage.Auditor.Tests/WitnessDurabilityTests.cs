using System.Diagnostics;
using System.Text;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;

namespace Tutelage.Auditor.Tests;

/// <summary>What the auditor has answered for survives its own death and a failing disk at each point where something becomes durable.</summary>
public sealed class WitnessDurabilityTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tutelage-witness-").FullName;
    private readonly WrittenLedger _ledger;
    private readonly TrustFile _trust;

    public WitnessDurabilityTests()
    {
        _ledger = new WrittenLedger(_root);
        _ledger.AppendGranted();
        for (var i = 0; i < 250; i++) _ledger.Append("failed", [_ledger.Tag], new { grant = WrittenLedger.Grant, error = "x", message = "y" }); // past one full tile
        using var witness = Cosigner.Generate("auditor");
        _trust = new TrustFile(_ledger.Vault.Public, _ledger.Vault.Public, _ledger.Signer.VerifierKey, witness.VerifierKey);
    }

    [Theory]
    [InlineData(AuditPoint.BeforeEntries)]
    [InlineData(AuditPoint.EntriesStored)]
    [InlineData(AuditPoint.BeforeCosigned)]
    [InlineData(AuditPoint.CosignedStored)]
    internal async Task Killed_there_it_opens_again_with_everything_it_answered_for(AuditPoint point)
    {
        var entries = Path.Combine(_root, "entries");
        await File.WriteAllLinesAsync(entries, _ledger.Entries.Select(e => $"{Convert.ToBase64String(Encoding.UTF8.GetBytes(e.Body))} {Convert.ToBase64String(e.Salt)}"));
        await File.WriteAllBytesAsync(Path.Combine(_root, "note"), _ledger.Log.Checkpoint);
        string[] arguments = ["exec", typeof(WitnessDurabilityTests).Assembly.Location, _root, _trust.VaultKey.Text, _trust.Log.Text, _trust.Witness.Text, point.ToString()];
        using var child = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true }).ShouldNotBeNull();
        var answered = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        child.ExitCode.ShouldBe(137);
        CheckAfter(point, answered.Contains("read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(AuditPoint.BeforeEntries)]
    [InlineData(AuditPoint.EntriesStored)]
    [InlineData(AuditPoint.BeforeCosigned)]
    [InlineData(AuditPoint.CosignedStored)]
    internal void A_write_that_fails_there_stops_it_and_it_opens_again_whole(AuditPoint point)
    {
        var read = false;
        using (var log = Open(at => { if (at == point) throw new IOException("the disk is gone"); }))
        {
            Should.Throw<IOException>(() =>
            {
                log.Read(0, Handed()).Refusal.ShouldBeNull();
                read = true;
                log.Witness(Request());
            });
            Should.Throw<InvalidOperationException>(() => log.Read(0, [])).Message.ShouldContain("restart");
            Should.Throw<InvalidOperationException>(() => log.Witness(Request()));
        }

        CheckAfter(point, read);
    }

    [Fact]
    public void A_smaller_checkpoint_than_what_was_read_is_judged_by_the_tiles_on_disk()
    {
        var size = _ledger.Log.Size;
        var before = _ledger.Log.Checkpoint;
        for (var i = 0; i < 300; i++) _ledger.Append("failed", [_ledger.Tag], new { grant = WrittenLedger.Grant, error = "x", message = "y" });
        using (var log = Open()) log.Read(0, Handed()).ShouldBe(new ReadingResult(_ledger.Entries.Count, null));
        using var again = Open();
        again.Witness(new AddCheckpointRequest(0, [], before).ToBytes()).Answer.Verdict.ShouldBe(WitnessVerdict.Cosign);
        again.Extent.ShouldBe((_ledger.Entries.Count, new Checkpoint(_trust.Log.Name, size, Checkpoint.Open(before, _trust.Log)!.Checkpoint.Root)));
        again.Witness(new AddCheckpointRequest(size, _ledger.Log.ProveConsistency(size, _ledger.Log.Size), _ledger.Log.Checkpoint).ToBytes()).Answer.Verdict.ShouldBe(WitnessVerdict.Cosign);
    }

    public void Dispose()
    {
        _ledger.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Opens, compares with what was answered, and goes on to a cosignature.</summary>
    private void CheckAfter(AuditPoint point, bool readWasAnswered)
    {
        using var log = Open();
        var (read, cosigned) = log.Extent;
        read.ShouldBe(point == AuditPoint.BeforeEntries ? 0 : _ledger.Entries.Count);
        if (readWasAnswered) read.ShouldBe(_ledger.Entries.Count);
        (cosigned is not null).ShouldBe(point == AuditPoint.CosignedStored);
        log.Read(0, Handed()).ShouldBe(new ReadingResult(_ledger.Entries.Count, null));
        var (answer, _) = log.Witness(Request());
        answer.Verdict.ShouldBe(point == AuditPoint.CosignedStored ? WitnessVerdict.WrongOldSize : WitnessVerdict.Cosign);
        if (point == AuditPoint.CosignedStored) answer.KnownSize.ShouldBe(_ledger.Log.Size);
        var faults = new List<string>();
        log.Check(faults);
        faults.ShouldBeEmpty();
    }

    private byte[] Request() => new AddCheckpointRequest(0, [], _ledger.Log.Checkpoint).ToBytes();

    private List<HandedEntry> Handed() => [.. _ledger.Entries.Select(e => new HandedEntry(e.Body, e.Salt))];

    private AuditedLog Open(Action<AuditPoint>? at = null)
    {
        var faults = new List<string>();
        var log = AuditedLog.Open(_root, _trust, faults, at);
        faults.ShouldBeEmpty();
        return log.ShouldNotBeNull();
    }
}

/// <summary>Entry point of this assembly when a test starts it as a process: reads, cosigns, and kills itself at one point.</summary>
internal static class AuditingChild
{
    public static void Main(string[] args)
    {
        var trust = new TrustFile(PublicKey.Parse(args[1]), PublicKey.Parse(args[1]), VerifierKey.Parse(args[2]), VerifierKey.Parse(args[3]));
        var point = Enum.Parse<AuditPoint>(args[4]);
        using var log = AuditedLog.Open(args[0], trust, [], at =>
        {
            if (at == point) Process.GetCurrentProcess().Kill(); // SIGKILL: nothing of this process runs after it
        })!;
        log.Read(0, [.. File.ReadLines(Path.Combine(args[0], "entries")).Select(line => line.Split(' ')).Select(parts => new HandedEntry(Encoding.UTF8.GetString(Convert.FromBase64String(parts[0])), Convert.FromBase64String(parts[1])))]);
        Console.Out.WriteLine("read");
        log.Witness(new AddCheckpointRequest(0, [], File.ReadAllBytes(Path.Combine(args[0], "note"))).ToBytes());
        Console.Out.WriteLine("cosigned");
    }
}
