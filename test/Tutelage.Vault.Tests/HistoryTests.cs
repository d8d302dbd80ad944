using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Rules;
using Tutelage.Testing;

namespace Tutelage.Vault.Tests;

/// <summary>What a participant gets to prove that they were told everything, checked by our verifier and by the second one in samples/.</summary>
public sealed class HistoryTests
{
    [Fact]
    public async Task A_history_proves_all_accesses_offline_and_both_verifiers_refuse_every_change_to_it()
    {
        await using var programme = await Programme.StartAsync();
        var (person, other) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Participant));
        var (researcher, steward) = (await programme.EnrolAsync(Role.Researcher), await programme.EnrolAsync(Role.Steward));
        var grant = await programme.RequestBuildAsync(researcher, person);
        await programme.ApproveAsync(steward, grant);
        await programme.RequestBuildAsync(researcher, other);
        var bytes = await FetchAsync(programme, person);
        var history = PersonHistory.Parse(bytes).ShouldNotBeNull();
        var verdict = history.Verify(programme.Policy);
        (verdict.Fault, verdict.Sequence, verdict.CompleteAudited, verdict.NewestAudited).ShouldBe((null, 3, true, true));
        verdict.CompleteBelow.ShouldBeGreaterThan(verdict.Newest);
        history.Entries.Select(e => JsonNode.Parse(e.Body)!["kind"]!.GetValue<string>()).ShouldBe(["enrolled", "requested", "approved"]);

        using (var http = new HttpClient(new SigningHandler(researcher.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() }))
            (await http.GetAsync(new Uri(programme.Vault.Address, "v1/history"))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);

        var foreign = PersonHistory.Parse(await FetchAsync(programme, other)).ShouldNotBeNull();
        using var python = RequiredPrograms.AreThere("python3", "openssl") ? new SecondVerifier(programme.Policy) : null;
        if (python is not null) (await python.HistoryAsync(bytes)).ShouldBe(0);
        foreach (var (what, changed) in Tampered(history, foreign))
        {
            changed.Verify(programme.Policy).Fault.ShouldNotBeNull(what);
            if (python is not null) (await python.HistoryAsync(changed.ToBytes())).ShouldBe(1, what);
        }

        if (python is null) return;
        var proof = history.Heads!.Proof;
        var entry = Convert.ToHexStringLower(EntryCommitment.Of(history.Heads.Salt, Encoding.UTF8.GetBytes(history.Heads.Body)));
        (await python.ProofAsync(proof.Text, entry)).ShouldBe(0);
        (await python.ProofAsync(proof.Text, entry.Replace(entry[..4], "0000", StringComparison.Ordinal))).ShouldBe(1);
        var note = SignedNote.Parse(proof.Checkpoint.Span).ShouldNotBeNull();
        (await python.ProofAsync((proof with { Checkpoint = (note with { Signatures = [.. note.Signatures.Take(1)] }).ToBytes() }).Text, entry)).ShouldBe(3);
        (await python.HistoryAsync(bytes[..^20])).ShouldBe(1);
    }

    /// <summary>Twenty ways to hide an access, to add one, or to pass off another log.</summary>
    private static IEnumerable<(string What, PersonHistory Changed)> Tampered(PersonHistory h, PersonHistory other)
    {
        var (first, second, third, heads) = (h.Entries[0], h.Entries[1], h.Entries[2], h.Heads!);
        yield return ("the newest access left out", h with { Entries = [first, second] });
        yield return ("the first entry left out", h with { Entries = [second, third] });
        yield return ("one in the middle left out", h with { Entries = [first, third] });
        yield return ("two exchanged", h with { Entries = [second, first, third] });
        yield return ("one twice", h with { Entries = [first, second, second, third] });
        yield return ("one of another person added", h with { Entries = [first, second, third, other.Entries[^1]] });
        yield return ("the newest left out, with a proof of the one before", h with { Entries = [first, second], Newest = h.Newest with { Index = second.Index } });
        yield return ("a body changed", h with { Entries = [first, second, third with { Body = third.Body.Replace("approved", "deniedxx", StringComparison.Ordinal) }] });
        yield return ("an early body changed", h with { Entries = [first with { Body = first.Body.Replace("participant", "Participant", StringComparison.Ordinal) }, second, third] });
        yield return ("a salt changed", h with { Entries = [first, second with { Salt = [.. second.Salt[..31], (byte)(second.Salt[31] ^ 1)] }, third] });
        yield return ("another person's name on it", h with { Tag = other.Tag });
        yield return ("another person's entries", h with { Entries = other.Entries });
        yield return ("the newest one's index changed", h with { Newest = h.Newest with { Index = h.Newest.Index + 1 } });
        yield return ("a proof hash changed", h with { Newest = h.Newest with { Hashes = [.. h.Newest.Hashes.Skip(1), MerkleTree.Empty] } });
        yield return ("a proof hash more", h with { Newest = h.Newest with { Hashes = [.. h.Newest.Hashes, MerkleTree.Empty] } });
        yield return ("the root of another person's place", h with { Heads = heads with { Position = 1 - heads.Position } });
        yield return ("the root's own hashes changed", h with { Heads = heads with { Hashes = [MerkleTree.Empty] } });
        yield return ("a root over fewer persons", h with { Heads = heads with { Body = heads.Body.Replace("\"persons\":2", "\"persons\":1", StringComparison.Ordinal), Hashes = [] } });
        yield return ("the root at another index", h with { Heads = heads with { Proof = heads.Proof with { Index = heads.Proof.Index - 1 } } });
        yield return ("an access hidden behind a later index", h with { Entries = [first, second, third with { Index = heads.Proof.Index + 5 }], Newest = h.Newest with { Index = heads.Proof.Index + 5 } });
        yield return ("a checkpoint of another size", h with { Newest = h.Newest with { Checkpoint = Altered(h.Newest.Checkpoint, text => text.Replace($"\n{SizeOf(text)}\n", $"\n{SizeOf(text)}0\n", StringComparison.Ordinal)) } });
        yield return ("a bad log signature", h with { Newest = h.Newest with { Checkpoint = Altered(h.Newest.Checkpoint, text => SwapSignature(text, 0)) } });
        yield return ("a bad cosignature", h with { Newest = h.Newest with { Checkpoint = Altered(h.Newest.Checkpoint, text => SwapSignature(text, 1)) } });
    }

    private static string SizeOf(string text) => text.Split('\n')[1];

    private static ReadOnlyMemory<byte> Altered(ReadOnlyMemory<byte> note, Func<string, string> change) => Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(note.Span)));

    private static string SwapSignature(string text, int which)
    {
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(text)).ShouldNotBeNull();
        var signatures = note.Signatures.ToList();
        var bytes = signatures[which].Bytes.ToArray();
        bytes[^9] ^= 1;
        signatures[which] = signatures[which] with { Bytes = bytes };
        return Encoding.UTF8.GetString((note with { Signatures = signatures }).ToBytes());
    }

    private static async Task<byte[]> FetchAsync(Programme programme, Somebody person)
    {
        using var http = new HttpClient(new SigningHandler(person.Key, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() });
        using var answer = await http.GetAsync(new Uri(programme.Vault.Address, "v1/history"));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>samples/verify-proof/verify.py as a process.</summary>
    private sealed class SecondVerifier : IDisposable
    {
        private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "verify.py");
        private readonly string _folder = Directory.CreateTempSubdirectory("tutelage-second-").FullName;

        public SecondVerifier(LogPolicy policy) => File.WriteAllText(Path.Combine(_folder, "policy"), policy.Text);

        public Task<int> HistoryAsync(byte[] history) => RunAsync(history, "history");

        public Task<int> ProofAsync(string proof, string entry) => RunAsync(Encoding.UTF8.GetBytes(proof), "proof", "--entry", entry);

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private async Task<int> RunAsync(byte[] file, string verb, params string[] more)
        {
            var path = Path.Combine(_folder, "file");
            await File.WriteAllBytesAsync(path, file);
            using var python = Process.Start(new ProcessStartInfo("python3", [Script, "--policy", Path.Combine(_folder, "policy"), verb, path, .. more]) { RedirectStandardOutput = true, RedirectStandardError = true }).ShouldNotBeNull();
            var said = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            said.ShouldContain("\"proven\": ");
            return python.ExitCode;
        }
    }
}
