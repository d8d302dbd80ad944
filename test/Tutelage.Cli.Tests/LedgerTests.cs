using Tutelage.Cli.Tests.Support;
using Tutelage.Ledger;

namespace Tutelage.Cli.Tests;

/// <summary><c>ledger verify</c> and <c>ledger fsck</c> over a folder and a policy file, with no programme at all.</summary>
public sealed class LedgerTests
{
    [Fact]
    public async Task A_foreign_log_is_verified_over_http_with_a_policy_alone_and_a_false_byte_in_it_is_found()
    {
        using var line = new CommandLine();
        var (folder, policy) = (Path.Combine(line.Root, "log"), Path.Combine(line.Root, "policy.txt"));
        using var witness = Cosigner.Generate("watcher.example");
        using (var signer = LogSigner.Generate("foreign.example/log"))
        {
            File.WriteAllText(policy, $"log {signer.VerifierKey} https://foreign.example/\nwitness w {witness.VerifierKey}\nquorum w\n");
            using var log = TileLog.Open(folder, "foreign.example/log", LogSigner.Import("foreign.example/log", signer.Export()));
            log.Append([.. Enumerable.Range(0, 700).Select(i => new ReadOnlyMemory<byte>([(byte)i, (byte)(i >> 8), 7]))]);
            var note = SignedNote.Parse(log.Checkpoint).ShouldNotBeNull();
            log.AttachCosignatures(Checkpoint.Open(note.With(witness.Cosign(note.Text, TimeProvider.System.GetUtcNow())).ToBytes(), signer.VerifierKey, witness.VerifierKey).ShouldNotBeNull());
        }

        await using var site = await StaticSite.StartAsync(folder);
        var sound = (await line.DoAsync("ledger", "verify", site.Address, "--policy", policy, "--json")).Json;
        (sound.GetProperty("origin").GetString(), sound.GetProperty("size").GetInt64(), sound.GetProperty("audited").GetInt64(), sound.GetProperty("verified").GetBoolean()).ShouldBe(("foreign.example/log", 700, 700, true));

        var bundle = Path.Combine(folder, "tile", "entries", "001");
        var bytes = await File.ReadAllBytesAsync(bundle);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes);
        var tampered = await line.RunAsync("ledger", "verify", site.Address, "--policy", policy);
        (tampered.Code, tampered.Out.Contains("entry 511 hashes to", StringComparison.Ordinal)).ShouldBe((CliExit.PromiseBroken, true), tampered.Out);

        using var stranger = LogSigner.Generate("other.example/log");
        File.WriteAllText(policy, $"log {stranger.VerifierKey}\nquorum none\n");
        (await line.RunAsync("ledger", "verify", site.Address, "--policy", policy)).Code.ShouldBe(CliExit.PromiseBroken);
    }

    [Fact]
    public async Task A_log_is_sound_then_left_over_then_damaged_and_each_has_its_words_and_its_code()
    {
        using var line = new CommandLine();
        var (folder, policy) = (Path.Combine(line.Root, "log"), Path.Combine(line.Root, "policy.txt"));
        using (var signer = LogSigner.Generate("foreign.example/log"))
        {
            File.WriteAllText(policy, $"# nobody but the log\nlog {signer.VerifierKey} https://foreign.example/\nquorum none\n");
            using var log = TileLog.Open(folder, "foreign.example/log", LogSigner.Import("foreign.example/log", signer.Export()));
            log.Append([.. Enumerable.Range(0, 300).Select(i => new ReadOnlyMemory<byte>([(byte)i, 7]))]);
        }

        (await line.DoAsync("ledger", "fsck", folder, "--policy", policy)).Out.ShouldContain("Sound: 300 entries of foreign.example/log");
        (await line.DoAsync("ledger", "verify", folder, "--policy", policy)).Out.ShouldContain("Verified: 300 entries");

        File.WriteAllText(Path.Combine(folder, "tile", "0", "001.new"), "half");
        var left = await line.RunAsync("ledger", "fsck", folder, "--policy", policy);
        (left.Code, left.Out.Contains("half written", StringComparison.Ordinal), left.Out.Contains("do: nothing", StringComparison.Ordinal)).ShouldBe((CliExit.LeftOver, true, true), left.Out);

        File.Delete(Path.Combine(folder, "tile", "0", "000"));
        var damaged = await line.RunAsync("ledger", "fsck", folder, "--policy", policy, "--json");
        damaged.Code.ShouldBe(CliExit.PromiseBroken);
        var fault = damaged.Json.GetProperty("faults")[0];
        (fault.GetProperty("kind").GetString(), fault.GetProperty("where").GetString()).ShouldBe(("missing", "tile/0/000"));
        fault.GetProperty("what_to_do").GetString().ShouldNotBeNullOrEmpty();
        (await line.RunAsync("ledger", "verify", folder, "--policy", policy)).Code.ShouldBe(CliExit.PromiseBroken);
        File.WriteAllText(policy, "log nobody\n");
        (await line.RunAsync("ledger", "fsck", folder, "--policy", policy)).ShouldFail(CliExit.Failed, "log nobody");
    }
}
