using System.Text;
using Tutelage.Testing;

namespace Tutelage.Ledger.Tests;

/// <summary>Mutations of each thing that comes from outside: no exception, and nothing accepted that is not what was signed.</summary>
public sealed class ParserFuzzTests
{
    private static readonly int Mutations = FuzzRounds.Count;
    private const int Seed = 20_261_122;

    [Fact]
    public void Mutated_notes_checkpoints_and_requests_never_throw_and_never_pass_for_others()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, 37));
        var note = log.Checkpoint;
        var truth = Checkpoint.Open(note, folder.Policy.Log).ShouldNotBeNull().Checkpoint;
        Mutate(note, bytes =>
        {
            if (Checkpoint.Open(bytes, folder.Policy.Log) is { } opened) opened.Checkpoint.ShouldBe(truth);
        });
        Mutate(new AddCheckpointRequest(5, log.ProveConsistency(5, 37), note).ToBytes(), bytes => _ = Witness.Check(bytes, folder.Policy.Log, null));
    }

    [Fact]
    public void Mutated_proofs_prove_nothing_else()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        log.Append(LogFolder.Entries(0, 37));
        var proof = Encoding.UTF8.GetBytes(new TlogProof(11, log.ProveInclusion(11, 37), log.Checkpoint).Text);
        var entry = log.ReadEntry(11).ToArray();
        Mutate(proof, bytes =>
        {
            if (TlogProof.Parse(Encoding.UTF8.GetString(bytes)) is { } read && read.Verify(entry, folder.Policy) == TlogProofVerdict.NotAudited) read.Index.ShouldBe(11);
        });
    }

    [Fact]
    public void Mutated_bundles_and_keys_never_throw()
    {
        var bundle = EntryBundle.Write(LogFolder.Entries(0, 30));
        Mutate(bundle, bytes => EntryBundle.Read(bytes, 30)?.Count.ShouldBe(30));
        using var signer = LogSigner.Generate("key");
        Mutate(Encoding.UTF8.GetBytes(signer.VerifierKey.Text), bytes =>
        {
            if (VerifierKey.TryParse(Encoding.UTF8.GetString(bytes), out var read)) read.Text.ShouldNotBeEmpty();
        });
    }

    [Fact]
    public void Mutated_policies_paths_and_tiles_never_throw_anything_else()
    {
        using var log = LogSigner.Generate("log");
        using var witness = Cosigner.Generate("witness");
        Mutate(Encoding.UTF8.GetBytes($"# c\nlog {log.VerifierKey} https://x/\nwitness w {witness.VerifierKey}\ngroup g any w\nquorum g\n"), bytes =>
        {
            try
            {
                var read = LogPolicy.Parse(bytes);
                read.Log.ShouldBe(log.VerifierKey);
                if (!read.Quorum.IsNone) read.Quorum.IsMetBy([]).ShouldBeFalse();
            }
            catch (FormatException)
            {
                // A policy that is not understood is refused.
            }
        });
        Mutate("tile/entries/x001/x234/067.p/255"u8.ToArray(), bytes =>
        {
            var path = Encoding.UTF8.GetString(bytes);
            if (TilePath.Parse(path) is { } name) (name.Level is { } level ? TilePath.Tile(level, name.Index, name.Width) : TilePath.Entries(name.Index, name.Width)).ShouldBe(path);
        });
    }

    [Fact]
    public void Mutated_histories_show_nothing_else()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        var tag = new string('a', 32);
        var body = $$"""{"tutelage-entry":1,"kind":"enrolled","time":"2026-01-01T00:00:00Z","about":[{"tag":"{{tag}}","sequence":1,"previous":"{{new string('0', 64)}}"}]}""";
        var commitment = EntryCommitment.Of(new byte[32], Encoding.UTF8.GetBytes(body));
        log.Append([commitment]);
        var head = new PersonHead(tag, 1, Convert.ToHexStringLower(commitment));
        var root = $$"""{"tutelage-entry":1,"kind":"heads","time":"2026-01-01T00:00:00Z","about":[],"persons":1,"root":"{{Heads.Root([head]).Root}}"}""";
        log.Append([EntryCommitment.Of(new byte[32], Encoding.UTF8.GetBytes(root))]);
        var proof = new TlogProof(1, log.ProveInclusion(1, 2), log.Checkpoint);
        var history = new PersonHistory(tag, [new HistoryEntry(0, body, new byte[32])], new HeadsMembership(root, new byte[32], proof, 0, []), new TlogProof(0, log.ProveInclusion(0, 2), log.Checkpoint));
        var truth = history.Verify(folder.Policy);
        (truth.Fault, truth.Sequence, truth.CompleteBelow).ShouldBe((null, 1, 1));
        var packed = history.ToBytes();
        var unpacked = PersonHistory.Parse(packed).ShouldNotBeNull();
        unpacked.Verify(folder.Policy).ShouldBe(truth);
        Mutate(packed, bytes =>
        {
            if (PersonHistory.Parse(bytes)?.Verify(folder.Policy) is { Fault: null } read) (read.Sequence, read.Newest).ShouldBe((1, 0));
        });
        using var text = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(new MemoryStream(packed), System.IO.Compression.CompressionMode.Decompress)) gzip.CopyTo(text);
        Mutate(text.ToArray(), bytes =>
        {
            using var again = new MemoryStream();
            using (var gzip = new System.IO.Compression.GZipStream(again, System.IO.Compression.CompressionLevel.Fastest)) gzip.Write(bytes);
            if (PersonHistory.Parse(again.ToArray()) is not { } read || read.Verify(folder.Policy) is not { Fault: null } shown) return;
            (read.Tag, read.Entries[0].Body, shown.Newest).ShouldBe((tag, body, 0));
            if (shown.CompleteBelow > 0) (shown.Sequence, shown.CompleteBelow).ShouldBe((1, 1));
        }, FuzzRounds.CountOfSlow);
    }

    private static void Mutate(byte[] original, Action<byte[]> read, int? rounds = null)
    {
        var random = new Random(Seed);
        for (var i = 0; i < (rounds ?? FuzzRounds.Count); i++)
        {
            var bytes = original.ToList();
            for (var change = random.Next(1, 4); change > 0 && bytes.Count > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(5))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveAt(at); break;
                    case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                    case 3: bytes.RemoveRange(at, random.Next(bytes.Count - at)); break;
                    default: bytes.InsertRange(at, bytes.GetRange(0, random.Next(Math.Min(bytes.Count, 60)))); break;
                }
            }

            read([.. bytes]);
        }
    }
}
