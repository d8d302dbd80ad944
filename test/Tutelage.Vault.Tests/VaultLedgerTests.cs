using System.Globalization;
using Dapper;
using Tutelage.Ledger;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Tests;

/// <summary>Database and log move together through crashes: what one lacks the other gives, or the vault says what is wrong.</summary>
public sealed class VaultLedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tutelage-ledger-").FullName;

    public VaultLedgerTests() => VaultKeys.Initialise(_folder).ShouldBe(0);

    private static readonly string[] Tags = [.. Enumerable.Range(0, 5).Select(i => i.ToString("x32", CultureInfo.InvariantCulture))];

    [Fact]
    public void An_entry_that_a_crash_kept_from_the_log_is_appended_at_the_next_start()
    {
        using (var vault = Open())
        {
            Write(vault.Ledger, 10);
            CopyLog("log", "log.before");
            Write(vault.Ledger, 3);
        }

        Directory.Delete(Path.Combine(_folder, "log"), recursive: true);
        Directory.Move(Path.Combine(_folder, "log.before"), Path.Combine(_folder, "log"));
        using var healed = Open();
        healed.Ledger.Log.Size.ShouldBe(14);
        Verify(healed);
    }

    [Fact]
    public void A_database_older_than_its_log_keeps_the_vault_from_starting()
    {
        using (var vault = Open())
        {
            Write(vault.Ledger, 5);
            vault.Store.Database.Execute("DELETE FROM entry_about WHERE position = 5; DELETE FROM entry WHERE position = 5");
        }

        var faults = Faults();
        faults.ShouldHaveSingleItem().ShouldContain("older than the log");
    }

    [Fact]
    public void A_body_changed_in_the_database_keeps_the_vault_from_starting()
    {
        using (var vault = Open())
        {
            Write(vault.Ledger, 5);
            vault.Store.Database.Execute("UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'note', 'nite') AS BLOB) WHERE position = 3");
        }

        Faults().ShouldHaveSingleItem().ShouldContain("entry 3");
    }

    [Fact]
    public async Task Entries_written_at_once_by_many_stand_in_one_order_with_unbroken_chains()
    {
        using var vault = Open();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Write(vault.Ledger, 25))));
        vault.Ledger.Log.Size.ShouldBe(201);
        Verify(vault);
        foreach (var tag in Tags)
        {
            var sequences = vault.Store.Database.Query<long>("SELECT sequence FROM chain WHERE tag = @tag", new { tag }).ToList();
            sequences.ShouldHaveSingleItem().ShouldBe(vault.Ledger.About(tag).Count);
        }
    }

    [Fact]
    public void A_change_that_throws_leaves_neither_row_nor_entry()
    {
        using var vault = Open();
        Should.Throw<FormatException>(() => vault.Ledger.Record<int>(transaction =>
        {
            vault.Store.Database.Execute("UPDATE programme SET epoch = 7", transaction: transaction);
            throw new FormatException("no");
        }, Draft(Tags[0])));
        vault.Store.Programme().Epoch.ShouldBe(0);
        vault.Ledger.Log.Size.ShouldBe(1);
        Write(vault.Ledger, 1);
        Verify(vault);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static EntryDraft Draft(string tag) => new("failed", [tag], json => json.WriteString("note", "note"));

    private static void Write(VaultLedger ledger, int count)
    {
        for (var i = 0; i < count; i++) ledger.Record(_ => true, Draft(Tags[i % Tags.Length]));
    }

    private void Verify(OpenVault vault)
    {
        var report = LogVerifier.Verify(Path.Combine(_folder, "log"), new LogPolicy(vault.Keys.Log.VerifierKey, [], 0));
        report.Faults.ShouldBeEmpty();
        report.Size.ShouldBe(vault.Ledger.Read(0, int.MaxValue).Count);
    }

    private OpenVault Open()
    {
        var faults = new List<string>();
        var keys = VaultKeys.Load(_folder, faults).ShouldNotBeNull();
        var store = VaultStore.Open(_folder, faults).ShouldNotBeNull();
        var ledger = VaultLedger.Open(_folder, store, keys, TimeProvider.System, faults).ShouldNotBeNull();
        faults.ShouldBeEmpty();
        return new OpenVault(keys, store, ledger);
    }

    private List<string> Faults()
    {
        var faults = new List<string>();
        using var keys = VaultKeys.Load(_folder, faults).ShouldNotBeNull();
        using var store = VaultStore.Open(_folder, faults).ShouldNotBeNull();
        using var ledger = VaultLedger.Open(_folder, store, keys, TimeProvider.System, faults);
        return faults;
    }

    private void CopyLog(string from, string to)
    {
        var source = Path.Combine(_folder, from);
        foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_folder, to, Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    private sealed record OpenVault(VaultKeys Keys, VaultStore Store, VaultLedger Ledger) : IDisposable
    {
        public void Dispose()
        {
            Ledger.Dispose();
            Store.Dispose();
            Keys.Dispose();
        }
    }
}
