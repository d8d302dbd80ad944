using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Testing.Hosts;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>The key store of a vault that runs: days pass on its clock, commands reach it, and people go on.</summary>
public sealed class RunningKeystoreTests
{
    [Fact]
    public async Task A_running_vault_rotates_by_itself_and_by_command_makes_backups_and_rehearses_them()
    {
        await using var programme = await Programme.StartAsync();
        var person = await programme.EnrolAsync(Role.Participant);
        (await programme.Vault.StopAsync()).ShouldBe(0);
        var clock = Path.Combine(programme.Root, "clock");
        using var vault = await HostProcess.StartAsync(
            "Tutelage.Vault", "--data", programme.VaultFolder, "--trust", programme.Trust, "--auditor", programme.Auditor.Address.ToString(), "--server", programme.Server.Address.ToString(), "--rehearsal", "--clock", clock);
        (await EpochAsync(vault)).ShouldBe(1);
        await File.WriteAllTextAsync(clock, (3 * 86_400).ToString(CultureInfo.InvariantCulture));
        while (await EpochAsync(vault) < 2) await Task.Delay(100);

        (await AskAsync(programme, "rotate")).GetProperty("epoch").GetInt64().ShouldBe(3);
        var backup = Path.Combine(programme.Root, "backup");
        (await AskAsync(programme, "backup", "--folder", backup)).GetProperty("key_epoch").GetInt64().ShouldBe(3);
        var rehearsed = await AskAsync(programme, "rehearse");
        (rehearsed.GetProperty("probe").GetBoolean(), rehearsed.GetProperty("keys").GetInt64(), rehearsed.GetProperty("opened").GetInt64()).ShouldBe((true, 7, 7));
        (await AskAsync(programme, "status")).GetProperty("keys").GetInt64().ShouldBe(7);
        person.Recipients.Count.ShouldBe(6);

        // Ended, the same commands do it by themselves; seven rotations later the backup is dark.
        (await vault.StopAsync()).ShouldBe(0);
        for (var i = 0; i < 6; i++) await AskAsync(programme, "rotate");
        (await RestoreAsync(programme, backup, "open")).ShouldBe(0);
        await AskAsync(programme, "rotate");
        (await RestoreAsync(programme, backup, "dark")).ShouldBe(9);
        File.Exists(Path.Combine(programme.Root, "dark", "vault.db")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_clock_of_its_own_is_for_rehearsals()
    {
        var (exit, _, errors) = await HostProcess.RunAsync("Tutelage.Auditor", "--data", "x", "--trust", "y", "--clock", "z");
        (exit, errors.Contains("--clock: only a rehearsal", StringComparison.Ordinal)).ShouldBe((2, true), errors);
    }

    private static async Task<long> EpochAsync(HostProcess vault)
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<JsonElement>(new Uri(vault.Address, "v1/status"))).GetProperty("keystore").GetProperty("epoch").GetInt64();
    }

    private static async Task<JsonElement> AskAsync(Programme programme, string verb, params string[] more)
    {
        var (exit, output, errors) = await HostProcess.RunAsync("Tutelage.Vault", ["keystore", verb, "--data", programme.VaultFolder, .. more]);
        exit.ShouldBe(0, output + errors);
        return JsonSerializer.Deserialize<JsonElement>(output.TrimEnd().Split('\n')[^1]).GetProperty("result");
    }

    private static async Task<int> RestoreAsync(Programme programme, string backup, string target) => (await HostProcess.RunAsync(
        "Tutelage.Vault", "keystore", "restore", "--data", Path.Combine(programme.Root, target), "--folder", backup,
        "--root", Path.Combine(programme.VaultFolder, "root.key"), "--keyring", Path.Combine(programme.VaultFolder, "escrow", "keyring.escrow"))).Exit;
}
