using Tutelage.Cli.Tests.Support;

namespace Tutelage.Cli.Tests;

/// <summary><c>keystore</c> by hand: every verb, what it tells in the log, and a programme that comes back from its backup. And keys that are missing, which nobody replaces.</summary>
public sealed class KeystoreTests
{
    [Fact]
    public async Task Every_verb_of_the_key_store_works_is_told_in_the_log_and_a_restored_vault_goes_on()
    {
        using var line = new CommandLine();
        var backup = Path.Combine(line.Root, "backup");
        string vault;
        long size;
        await using (var programme = await RunningProgramme.StartAsync(line))
        {
            vault = Path.Combine(programme.Folder, "vault");
            await line.DoAsync("key", "new", "anna", "--role", "steward");
            (await line.DoAsync("keystore", "status")).Out.ShouldContain("last backup never");
            (await line.DoAsync("keystore", "rotate", "--json")).Json.GetProperty("epoch").GetInt64().ShouldBe(2);
            (await line.DoAsync("keystore", "backup", backup)).Out.ShouldContain("Backup of key epoch 2");
            (await line.RunAsync("keystore", "backup", backup)).ShouldFail(CliExit.Failed, "not empty");
            (await line.DoAsync("keystore", "rehearse")).Out.ShouldContain("the probe opens");
            var status = (await line.DoAsync("status", "--json")).Json.GetProperty("programme");
            size = status.GetProperty("log").GetProperty("size").GetInt64();
            size.ShouldBe(2 + 3, "programme and enrolment; rotated, backed up, rehearsed");
            var keys = status.GetProperty("keystore");
            (keys.GetProperty("epoch").GetInt64(), keys.GetProperty("epochs").GetInt64(), keys.GetProperty("age_seconds").GetInt64() < 600).ShouldBe((2, 2, true));
            keys.GetProperty("last_rehearsal").GetInt64().ShouldBeGreaterThanOrEqualTo(keys.GetProperty("last_backup").GetInt64());
            (await line.DoAsync("status")).Out.ShouldContain("key epoch 2, 0 h old; the keyring holds 2; last backup 20");
            (await line.DoAsync("ledger", "verify", "--json")).Json.GetProperty("audited").GetInt64().ShouldBe(size);
        }

        // Ended, the same verbs work by themselves; then the folder is lost.
        (await line.DoAsync("keystore", "status", "--json")).Json.GetProperty("epoch").GetInt64().ShouldBe(2);
        var lost = vault + "-lost";
        Directory.Move(vault, lost);
        var restored = await line.DoAsync("keystore", "restore", backup, "--data", vault, "--root", Path.Combine(lost, "root.key"), "--keyring", Path.Combine(lost, "escrow", "keyring.escrow"));
        restored.Out.ShouldContain("1 of 1 keys open");
        await using var again = await RunningProgramme.StartAsync(line);
        await line.DoAsync("grant", "list", "--as", "anna");
        var after = (await line.DoAsync("ledger", "verify", "--json")).Json;
        after.GetProperty("verified").GetBoolean().ShouldBeTrue();
        after.GetProperty("size").GetInt64().ShouldBe(size + 1, "everything that was, and 'restored'");
    }

    [Fact]
    public async Task A_key_that_is_missing_beside_what_was_made_with_it_is_named_and_never_replaced()
    {
        using var line = new CommandLine();
        string folder;
        await using (var programme = await RunningProgramme.StartAsync(line)) folder = programme.Folder;
        foreach (var key in (string[])["vault/root.key", "vault/log.key", "vault/identity.key", "auditor/root.key", "auditor/identity.key", "auditor/witness.key"])
        {
            var path = Path.Combine(folder, key);
            File.Move(path, path + ".kept");
            (await line.RunAsync("up", "--port-base", "0")).ShouldFail(CliExit.Failed, path, "missing", "put back the copy");
            File.Exists(path).ShouldBeFalse();
            File.Move(path + ".kept", path);
        }
    }
}
