using Tutelage.Testing.Hosts;

namespace Tutelage.Vault.Tests;

/// <summary>Hosts refuse to start on doubtful state and say every fault; they end cleanly when told to.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_vault_with_open_key_files_a_foreign_trust_file_or_a_second_owner_of_its_folder_does_not_start()
    {
        await using var programme = await Programme.StartAsync();
        string[] arguments = ["--data", programme.VaultFolder, "--listen", "127.0.0.1:0", "--trust", programme.Trust, "--auditor", "http://127.0.0.1:9", "--server", "http://127.0.0.1:9"];
        var (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Vault", arguments);
        (exit, errors.Contains("another vault uses this folder", StringComparison.Ordinal)).ShouldBe((4, true), errors);

        (await programme.Vault.StopAsync()).ShouldBe(0);
        File.SetUnixFileMode(Path.Combine(programme.VaultFolder, "log.key"), (UnixFileMode)Convert.ToInt32("644", 8));
        var trust = await File.ReadAllTextAsync(programme.Trust);
        await File.WriteAllTextAsync(programme.Trust, trust.Replace("tutelage.auditor", "tutelage.other", StringComparison.Ordinal));
        (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Vault", arguments);
        exit.ShouldBe(4);
        errors.ShouldContain("log.key: others may open it");
        errors.ShouldContain("witness is no verifier key");
    }

    [Fact]
    public async Task A_log_that_does_not_fit_the_database_keeps_the_vault_from_starting()
    {
        await using var programme = await Programme.StartAsync();
        (await programme.Vault.StopAsync()).ShouldBe(0);
        var entries = Path.Combine(programme.VaultFolder, "log", "tile", "entries", "000.p", "1");
        var bytes = await File.ReadAllBytesAsync(entries);
        bytes[10] ^= 1;
        await File.WriteAllBytesAsync(entries, bytes);
        var (exit, _, errors) = await HostProcess.RunAsync(
            "Tutelage.Vault", "--data", programme.VaultFolder, "--listen", "127.0.0.1:0", "--trust", programme.Trust, "--auditor", "http://127.0.0.1:9", "--server", "http://127.0.0.1:9");
        exit.ShouldBe(4);
        errors.ShouldContain("damaged");
    }

    [Fact]
    public async Task A_port_in_use_is_said_and_has_a_status_of_its_own()
    {
        await using var programme = await Programme.StartAsync();
        (await programme.Auditor.StopAsync()).ShouldBe(0);
        var (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Auditor", "--data", programme.AuditorFolder, "--listen", programme.Server.Listen, "--trust", programme.Trust);
        (exit, errors.Contains("another program listens there", StringComparison.Ordinal)).ShouldBe((5, true), errors);
    }

    [Fact]
    public async Task A_wrong_command_line_lists_all_its_faults()
    {
        var (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Vault", "--listen", "nowhere", "--frobnicate", "--auditor", "ftp://x");
        exit.ShouldBe(2);
        foreach (var fault in (string[])["--frobnicate: unknown", "--data: missing", "--listen: 'nowhere'", "--trust: missing", "--auditor: 'ftp://x'", "--server: missing"]) errors.ShouldContain(fault);
    }
}
