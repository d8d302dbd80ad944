using System.Text;

namespace Tutelage.Ledger.Tests;

/// <summary>Ten thousand mutations of each thing that comes from outside: no exception, and nothing accepted that is not what was signed.</summary>
public sealed class ParserFuzzTests
{
    private const int Mutations = 10_000;
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

    private static void Mutate(byte[] original, Action<byte[]> read)
    {
        var random = new Random(Seed);
        for (var i = 0; i < Mutations; i++)
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
