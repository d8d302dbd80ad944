using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Ledger.Tests;

/// <summary>The good and bad proofs of transparency-dev/merkle (data set merkle-proofs, Apache-2.0), every file.</summary>
public sealed class MerkleProofsConformance
{
    private const string Set = "merkle-proofs";

    [Fact]
    public void Every_inclusion_proof_is_judged_as_its_file_says() =>
        Judge("inclusion", 30, v => IsHash(v, "leafHash") && IsHash(v, "root") && MerkleProof.VerifyInclusion(Size(v, "leafIdx"), Size(v, "treeSize"), Hash(v, "leafHash"), Proof(v), Hash(v, "root")));

    [Fact]
    public void Every_consistency_proof_is_judged_as_its_file_says() =>
        Judge("consistency", 40, v => MerkleProof.VerifyConsistency(Size(v, "size1"), Size(v, "size2"), Hash(v, "root1"), Hash(v, "root2"), Proof(v)));

    /// <summary>Subtree proofs belong to Merkle tree certificates; our log has no such subtrees and no code for them.</summary>
    [Theory]
    [InlineData("subtreeinclusion")]
    [InlineData("subtreeconsistency")]
    public void Subtree_proofs_are_skipped_by_name(string folder)
    {
        if (!SharedFolder.Has(Set, out var root)) return;
        var files = Directory.EnumerateFiles(Path.Combine(root, folder), "*.json", SearchOption.AllDirectories).ToList();
        files.ShouldNotBeEmpty();
        Console.WriteLine($"skipped: {files.Count} files of {Set}/{folder}, a kind of proof that the ledger does not make or take");
    }

    private static void Judge(string folder, int atLeast, Func<JsonElement, bool> verify)
    {
        if (!SharedFolder.Has(Set, out var root)) return;
        var files = Directory.EnumerateFiles(Path.Combine(root, folder), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        files.Count.ShouldBeGreaterThanOrEqualTo(atLeast);
        var wrong = new List<string>();
        foreach (var file in files)
        {
            using var vector = JsonDocument.Parse(File.ReadAllBytes(file));
            if (verify(vector.RootElement) == vector.RootElement.GetProperty("wantErr").GetBoolean()) wrong.Add(Path.GetRelativePath(root, file));
        }

        wrong.ShouldBeEmpty();
    }

    /// <summary>Indexes in the set go up to 2^64 - 1; beyond 2^63 - 1 our type ends, and so does any log: -1 stands for them and is refused.</summary>
    private static long Size(JsonElement vector, string name) => vector.GetProperty(name).TryGetInt64(out var value) ? value : -1;

    /// <summary>What is not 32 bytes cannot even be given to the verifier: refused.</summary>
    private static bool IsHash(JsonElement vector, string name) => MerkleHash.TryParse(vector.GetProperty(name).GetString(), out _);

    /// <summary>Some roots of the consistency set are words ("don't care"); our type holds 32 bytes only, so such a word is stood for by its digest.</summary>
    private static MerkleHash Hash(JsonElement vector, string name) => HashOf(vector.GetProperty(name).GetString());

    private static MerkleHash HashOf(string? base64)
    {
        var bytes = Convert.FromBase64String(base64 ?? "");
        return bytes.Length == MerkleHash.SizeBytes ? new MerkleHash(bytes) : MerkleHash.Of(bytes);
    }

    private static IReadOnlyList<MerkleHash> Proof(JsonElement vector) =>
        vector.GetProperty("proof") is { ValueKind: JsonValueKind.Array } proof ? [.. proof.EnumerateArray().Select(h => HashOf(h.GetString()))] : [];
}
