namespace Tutelage.Ledger.Tests;

public sealed class WitnessTests
{
    [Fact]
    public void First_checkpoint_and_each_extension_are_cosigned()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        Checkpoint? known = null;
        for (var i = 0; i < 20; i++)
        {
            log.Append(LogFolder.Entries(i * 3, 3));
            known = Ask(log, folder, known, known?.Size ?? 0).Accepted.ShouldNotBeNull().Checkpoint;
            Ask(log, folder, known, known.Size).Verdict.ShouldBe(WitnessVerdict.Cosign);
        }

        known.ShouldNotBeNull().Size.ShouldBe(60);
    }

    [Fact]
    public void Every_way_to_be_wrong_has_the_status_of_the_specification()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, 5));
        var known = Ask(log, folder, null, 0).Accepted.ShouldNotBeNull().Checkpoint;
        log.Append(LogFolder.Entries(5, 4));
        var note = log.Checkpoint;
        var proof = log.ProveConsistency(5, 9);

        Witness.Check("nonsense"u8, folder.Policy.Log, known).Verdict.ShouldBe(WitnessVerdict.BadRequest);
        Check(10, []).Verdict.ShouldBe(WitnessVerdict.BadRequest);
        var wrong = Check(4, proof);
        (wrong.Verdict, wrong.KnownSize, wrong.Accepted).ShouldBe((WitnessVerdict.WrongOldSize, 5, null));
        Check(5, []).Verdict.ShouldBe(WitnessVerdict.BadProof);
        Check(5, [.. proof.Reverse()]).Verdict.ShouldBe(WitnessVerdict.BadProof);
        Check(5, proof).Verdict.ShouldBe(WitnessVerdict.Cosign);

        using var stranger = LogSigner.Generate(LogFolder.Origin);
        Witness.Check(new AddCheckpointRequest(5, proof, note).ToBytes(), stranger.VerifierKey, known).Verdict.ShouldBe(WitnessVerdict.NoTrustedSignature);
        using var other = LogSigner.Generate("other.example/log");
        Witness.Check(new AddCheckpointRequest(5, proof, note).ToBytes(), other.VerifierKey, known).Verdict.ShouldBe(WitnessVerdict.UnknownOrigin);

        WitnessAnswer Check(long old, IReadOnlyList<MerkleHash> hashes) => Witness.Check(new AddCheckpointRequest(old, hashes, note).ToBytes(), folder.Policy.Log, known);
    }

    [Fact]
    public void A_fork_of_equal_size_is_never_cosigned()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, 5));
        var known = Ask(log, folder, null, 0).Accepted.ShouldNotBeNull().Checkpoint;
        using var fork = new LogFolder { Policy = folder.Policy };
        using var signer = folder.Signer();
        using var forked = TileLog.Open(fork.Folder, LogFolder.Origin, folder.Signer());
        forked.Append(LogFolder.Entries(1, 5));
        Ask(forked, folder, known, 5).Verdict.ShouldBe(WitnessVerdict.WrongOldSize);
        forked.Append(LogFolder.Entries(6, 5));
        Ask(forked, folder, known, 5).Verdict.ShouldBe(WitnessVerdict.BadProof);
    }

    [Fact]
    public void A_first_checkpoint_needs_no_proof_and_takes_none_and_an_empty_one_is_extended_by_all()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        var empty = Ask(log, folder, null, 0).Accepted.ShouldNotBeNull().Checkpoint;
        empty.Size.ShouldBe(0);
        log.Append(LogFolder.Entries(0, 5));
        Ask(log, folder, empty, 0).Verdict.ShouldBe(WitnessVerdict.Cosign);
        var five = Ask(log, folder, null, 0).Accepted.ShouldNotBeNull().Checkpoint;
        foreach (var known in (Checkpoint?[])[null, empty])
            Witness.Check(new AddCheckpointRequest(0, [MerkleTree.Empty], log.Checkpoint).ToBytes(), folder.Policy.Log, known).Verdict.ShouldBe(WitnessVerdict.BadProof);
        Witness.Check(new AddCheckpointRequest(5, [MerkleTree.Empty], log.Checkpoint).ToBytes(), folder.Policy.Log, five).Verdict.ShouldBe(WitnessVerdict.BadProof);
        Witness.Check(new AddCheckpointRequest(6, [], log.Checkpoint).ToBytes(), folder.Policy.Log, five).Verdict.ShouldBe(WitnessVerdict.BadRequest);
        var older = Witness.Check(new AddCheckpointRequest(3, [], log.Checkpoint).ToBytes(), folder.Policy.Log, null);
        (older.Verdict, older.KnownSize).ShouldBe((WitnessVerdict.WrongOldSize, 0));
    }

    [Fact]
    public void A_request_is_read_at_its_bounds_and_no_further()
    {
        using var signer = LogSigner.Generate("log");
        var text = new Checkpoint("log", 0, MerkleTree.Empty).Text;
        var note = new SignedNote(text, [signer.Sign(text)]).ToBytes();
        IReadOnlyList<MerkleHash> Hashes(int count) => [.. Enumerable.Repeat(MerkleTree.Empty, count)];
        var read = AddCheckpointRequest.Parse(new AddCheckpointRequest(7, Hashes(63), note).ToBytes()).ShouldNotBeNull();
        (read.OldSize, read.Proof.Count).ShouldBe((7, 63));
        read.Checkpoint.ToArray().ShouldBe(note);
        AddCheckpointRequest.Parse(new AddCheckpointRequest(7, Hashes(64), note).ToBytes()).ShouldBeNull();
        var longest = new byte[AddCheckpointRequest.MaxSizeBytes];
        "old 0\n\n"u8.CopyTo(longest);
        AddCheckpointRequest.Parse(longest).ShouldNotBeNull();
        AddCheckpointRequest.Parse([.. longest, 0]).ShouldBeNull();
        foreach (var wrong in (string[])["", "old 7\n", "new 7\n\n", "old 07\n\n", "old -7\n\n", "old 7\n\u00e9\n\n", "old 7\nAAAA\n\n", $"old 7\n{MerkleTree.Empty} \n\n"])
            AddCheckpointRequest.Parse(System.Text.Encoding.UTF8.GetBytes(wrong)).ShouldBeNull(wrong);
        foreach (var checkpoint in (string[])["", "log\n", "log\n1\n", text, text + "\n", "x\n\n\u2014 log AAAAAAA=\n"])
            Witness.Check([.. "old 0\n\n"u8, .. System.Text.Encoding.UTF8.GetBytes(checkpoint)], signer.VerifierKey, null).Verdict.ShouldBe(WitnessVerdict.BadRequest, checkpoint);
    }

    [Fact]
    public void A_proof_file_is_read_at_its_bounds_and_no_further()
    {
        var hash = $"{MerkleTree.Empty}\n";
        string Text(int hashes, int checkpoint = 3) => $"{TlogProof.Header}\nindex 5\n{string.Concat(Enumerable.Repeat(hash, hashes))}\n{new string('c', checkpoint)}";
        TlogProof.Parse(Text(64)).ShouldNotBeNull().Hashes.Count.ShouldBe(64);
        TlogProof.Parse(Text(65)).ShouldBeNull();
        var most = 2 * SignedNote.MaxSizeBytes - Text(0, 0).Length;
        TlogProof.Parse(Text(0, most)).ShouldNotBeNull().Checkpoint.Length.ShouldBe(most);
        TlogProof.Parse(Text(0, most + 1)).ShouldBeNull();
        TlogProof.Parse(Text(0).Replace("index", "extra AQI=\nindex", StringComparison.Ordinal)).ShouldNotBeNull().Extra.ShouldNotBeNull().ToArray().ShouldBe([1, 2]);
        var extra = Text(1).Replace("index", "extra AQI=\nindex", StringComparison.Ordinal);
        TlogProof.Parse(extra).ShouldNotBeNull().Text.ShouldBe(extra);
        TlogProof.Parse(Text(2)).ShouldNotBeNull().Text.ShouldBe(Text(2));
        foreach (var wrong in (string[])["", TlogProof.Header, $"{TlogProof.Header}\n\nx", $"{TlogProof.Header}\nextra AQI=\n\nx", $"{TlogProof.Header}\nindex 5\n{hash}x", Text(1).Replace("@v1", "@v2", StringComparison.Ordinal), Text(1).Replace("index 5", "index 05", StringComparison.Ordinal),
            Text(1).Replace("index 5", "index -5", StringComparison.Ordinal), Text(1).Replace("index 5", "place 5", StringComparison.Ordinal), Text(1).Replace("index", "extra A\nindex", StringComparison.Ordinal), Text(1).Replace("=\n", "\n", StringComparison.Ordinal)])
            TlogProof.Parse(wrong).ShouldBeNull(wrong);
    }

    [Fact]
    public void A_proof_file_convinces_offline_and_says_when_no_witness_stands_behind_it()
    {
        using var folder = new LogFolder();
        using var witness = Cosigner.Generate("witness");
        var policy = folder.PolicyWith(witness);
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, 300));
        var alone = TlogProof.Parse(new TlogProof(123, log.ProveInclusion(123, 300), log.Checkpoint).Text).ShouldNotBeNull();
        alone.Verify(log.ReadEntry(123).Span, policy).ShouldBe(TlogProofVerdict.NotAudited);
        LogVerifierTests.Cosign(log, witness, folder);
        var audited = TlogProof.Parse(new TlogProof(123, log.ProveInclusion(123, 300), log.Checkpoint, new byte[] { 1, 2 }).Text).ShouldNotBeNull();
        audited.Verify(log.ReadEntry(123).Span, policy).ShouldBe(TlogProofVerdict.Proven);
        audited.Verify(log.ReadEntry(124).Span, policy).ShouldBe(TlogProofVerdict.NotIncluded);
        (audited with { Index = 122 }).Verify(log.ReadEntry(123).Span, policy).ShouldBe(TlogProofVerdict.NotIncluded);
        using var stranger = LogSigner.Generate(LogFolder.Origin);
        audited.Verify(log.ReadEntry(123).Span, new LogPolicy(stranger.VerifierKey, [witness.VerifierKey], 1)).ShouldBe(TlogProofVerdict.BadCheckpoint);
    }

    [Fact]
    public void A_commitment_hides_its_body_behind_the_salt()
    {
        var body = "{}"u8.ToArray();
        EntryCommitment.Of(new byte[32], body).ShouldBe(EntryCommitment.Of(new byte[32], body));
        EntryCommitment.Of([.. new byte[31], 1], body).ShouldNotBe(EntryCommitment.Of(new byte[32], body));
        Should.Throw<ArgumentException>(() => EntryCommitment.Of(new byte[16], body));
        Convert.ToHexStringLower(EntryCommitment.Of(new byte[32], body)).ShouldBe(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([.. "tutelage/entry/v1\n"u8, .. new byte[32], .. body])));
    }

    private static WitnessAnswer Ask(TileLog log, LogFolder folder, Checkpoint? known, long old) =>
        Witness.Check(new AddCheckpointRequest(old, old == 0 ? [] : log.ProveConsistency(old, log.Size), log.Checkpoint).ToBytes(), folder.Policy.Log, known);
}
