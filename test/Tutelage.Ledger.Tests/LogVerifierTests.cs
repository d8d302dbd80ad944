namespace Tutelage.Ledger.Tests;

public sealed class LogVerifierTests
{
    [Fact]
    public void Any_single_changed_byte_of_any_file_is_found()
    {
        using var folder = Create(300);
        foreach (var path in Directory.EnumerateFiles(folder.Folder, "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(path);
            foreach (var position in Enumerable.Range(0, Math.Min(bytes.Length, 40)).Select(i => (int)((long)i * bytes.Length / Math.Min(bytes.Length, 40))))
            {
                var changed = (byte[])bytes.Clone();
                changed[position] ^= 0x20;
                File.WriteAllBytes(path, changed);
                LogVerifier.Verify(folder.Folder, folder.Policy).Verified.ShouldBeFalse($"{path} byte {position}");
            }

            File.WriteAllBytes(path, bytes);
        }

        folder.CheckLog().ShouldBe(300);
    }

    [Fact]
    public void Every_file_that_is_missing_or_cut_is_listed_by_name()
    {
        using var folder = Create(600);
        File.Delete(Path.Combine(folder.Folder, "tile/0/000"));
        File.WriteAllBytes(Path.Combine(folder.Folder, "tile/entries/001"), []);
        var faults = LogVerifier.Verify(folder.Folder, folder.Policy).Faults.Select(f => f.Where).ToList();
        faults.ShouldContain("tile/0/000");
        faults.ShouldContain("tile/entries/001");
    }

    [Fact]
    public void A_log_rewritten_and_signed_again_by_its_own_key_differs_from_what_witnesses_saw()
    {
        using var folder = Create(20);
        using var witness = Cosigner.Generate("witness");
        var policy = folder.PolicyWith(witness);
        using (var log = folder.Open()) Cosign(log, witness, folder);
        LogVerifier.Verify(folder.Folder, policy).AuditedSize.ShouldBe(20);

        var audited = File.ReadAllBytes(Path.Combine(folder.Folder, TileLog.AuditedCheckpoint));
        Directory.Delete(folder.Folder, recursive: true);
        using (var log = folder.Open()) log.Append([.. LogFolder.Entries(0, 7), .. LogFolder.Entries(100, 13)]);
        File.WriteAllBytes(Path.Combine(folder.Folder, TileLog.AuditedCheckpoint), audited);
        var forged = LogVerifier.Verify(folder.Folder, policy);
        forged.Faults.ShouldContain(f => f.What.Contains("witnesses have seen root", StringComparison.Ordinal));
        forged.AuditedSize.ShouldBe(0);
    }

    [Fact]
    public void A_log_rolled_back_behind_its_witnesses_is_found()
    {
        using var folder = Create(20);
        using var witness = Cosigner.Generate("witness");
        var policy = folder.PolicyWith(witness);
        using (var log = folder.Open()) Cosign(log, witness, folder);
        var audited = File.ReadAllBytes(Path.Combine(folder.Folder, TileLog.AuditedCheckpoint));
        Directory.Delete(folder.Folder, recursive: true);
        using (var log = folder.Open()) log.Append(LogFolder.Entries(0, 10));
        File.WriteAllBytes(Path.Combine(folder.Folder, TileLog.AuditedCheckpoint), audited);
        LogVerifier.Verify(folder.Folder, policy).Faults.ShouldContain(f => f.What.Contains("rolled back", StringComparison.Ordinal));
    }

    [Fact]
    public void What_no_witness_has_seen_verifies_but_is_not_audited()
    {
        using var folder = Create(20);
        using var witness = Cosigner.Generate("witness");
        var policy = folder.PolicyWith(witness);
        var report = LogVerifier.Verify(folder.Folder, policy);
        (report.Verified, report.Size, report.AuditedSize).ShouldBe((true, 20, 0));
        report.Notes.ShouldHaveSingleItem().Kind.ShouldBe(LogFaultKind.NotAudited);
        using var log = folder.Open();
        Cosign(log, witness, folder);
        log.Append(LogFolder.Entries(20, 4));
        report = LogVerifier.Verify(folder.Folder, policy);
        (report.Verified, report.Size, report.AuditedSize).ShouldBe((true, 24, 20));
        report.Notes.ShouldBeEmpty();
        using var empty = Create(0);
        LogVerifier.Verify(empty.Folder, empty.PolicyWith(witness)).Notes.ShouldBeEmpty();
    }

    [Fact]
    public void What_too_few_have_cosigned_is_damage_and_what_nobody_is_asked_for_counts_for_nothing()
    {
        using var folder = Create(20);
        using var witness = Cosigner.Generate("witness");
        using var other = Cosigner.Generate("other");
        var plain = File.ReadAllBytes(Path.Combine(folder.Folder, TilePath.Checkpoint));
        using (var log = folder.Open()) Cosign(log, witness, folder);
        var both = LogVerifier.Verify(folder.Folder, new LogPolicy(folder.Policy.Log, [witness.VerifierKey, other.VerifierKey], 2));
        both.Faults.ShouldHaveSingleItem().ToString().ShouldBe("checkpoint.audited: fewer known witnesses have cosigned it than the policy's quorum wants");
        both.AuditedSize.ShouldBe(0);
        var nobody = LogVerifier.Verify(folder.Folder, folder.Policy);
        (nobody.Verified, nobody.AuditedSize).ShouldBe((true, 0));

        // A crash between the two files of a cosignature: the newest checkpoint does not carry it, the audited one does.
        File.WriteAllBytes(Path.Combine(folder.Folder, TilePath.Checkpoint), plain);
        var crashed = LogVerifier.Verify(folder.Folder, folder.PolicyWith(witness));
        (crashed.Verified, crashed.AuditedSize, crashed.Notes.Count).ShouldBe((true, 20, 0));
    }

    [Fact]
    public void Of_several_logs_the_report_names_the_one_whose_checkpoint_is_there()
    {
        using var folder = Create(3);
        using var first = LogSigner.Generate("first.example");
        LogVerifier.Verify(folder.Folder, LogPolicy.Parse($"log {first.VerifierKey}\nlog {folder.Policy.Log}\nquorum none\n")).Origin.ShouldBe(LogFolder.Origin);
    }

    internal static void Cosign(TileLog log, Cosigner witness, LogFolder folder)
    {
        var opened = Checkpoint.Open(log.Checkpoint, folder.Policy.Log).ShouldNotBeNull();
        var note = opened.Note.With(witness.Cosign(opened.Note.Text, DateTimeOffset.UnixEpoch.AddDays(20_000)));
        log.AttachCosignatures(Checkpoint.Open(note.ToBytes(), folder.Policy.Log, witness.VerifierKey).ShouldNotBeNull());
    }

    private static LogFolder Create(int entries)
    {
        var folder = new LogFolder();
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, entries));
        return folder;
    }
}
