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

    /// <summary>The first change holds the turn until the others wait behind it: they are then one batch.</summary>
    [Fact]
    public async Task A_change_that_throws_undoes_only_its_own_and_the_others_of_its_batch_stand()
    {
        using var vault = Open();
        using var began = new SemaphoreSlim(0);
        using var arrived = new SemaphoreSlim(0);
        var first = Task.Run(() => vault.Ledger.Record(_ =>
        {
            began.Release();
            return arrived.Wait(TimeSpan.FromSeconds(30));
        }, Draft(Tags[0])));
        await began.WaitAsync();
        var others = Enumerable.Range(0, 12).Select(i => vault.Ledger.RecordAsync(transaction =>
        {
            vault.Store.Database.Execute("INSERT INTO tombstone VALUES (@i, @i)", new { i }, transaction);
            return i % 3 == 1 ? throw new FormatException($"{i}") : i;
        }, Draft(Tags[i % Tags.Length]), CancellationToken.None)).ToList();
        arrived.Release();
        (await first).Value.ShouldBeTrue();

        for (var i = 0; i < others.Count; i++)
        {
            if (i % 3 == 1) (await Should.ThrowAsync<FormatException>(others[i])).Message.ShouldBe($"{i}");
            else (await others[i]).Value.ShouldBe(i);
        }

        vault.Ledger.Log.Size.ShouldBe(1 + 1 + 8);
        others.Where((_, i) => i % 3 != 1).Select(o => o.Result.Index).ShouldBe(Enumerable.Range(2, 8).Select(i => (long)i), "in the order of their coming");
        vault.Store.Database.Query<long>("SELECT position FROM tombstone ORDER BY position").ShouldBe(Enumerable.Range(0, 12).Where(i => i % 3 != 1).Select(i => (long)i));
        Verify(vault);
    }

    [Fact]
    public async Task A_batch_in_which_every_change_throws_writes_nothing_and_the_next_one_is_whole()
    {
        using var vault = Open();
        var all = Enumerable.Range(0, 6).Select(i => vault.Ledger.RecordAsync<int>(_ => throw new FormatException($"{i}"), Draft(Tags[0]), CancellationToken.None)).ToList();
        foreach (var one in all) await Should.ThrowAsync<FormatException>(one);
        vault.Ledger.Log.Size.ShouldBe(1);
        Write(vault.Ledger, 2);
        Verify(vault);
    }

    [Fact]
    public void Recording_under_the_stores_gate_is_refused_before_it_could_wait_for_ever()
    {
        using var vault = Open();
        lock (vault.Store.Gate) Should.Throw<InvalidOperationException>(() => vault.Ledger.Record(_ => true, Draft(Tags[0]))).Message.ShouldContain("gate");
        Write(vault.Ledger, 1);
        Verify(vault);
    }

    [Fact]
    public async Task An_append_that_fails_is_told_to_the_whole_batch_and_nothing_is_recorded_until_a_restart_reads_what_is_there()
    {
        var stopped = new List<Exception>();
        var inTheWay = Path.Combine(_folder, "log", "checkpoint.new");
        using (var vault = Open())
        {
            vault.Ledger.Unknown = stopped.Add;
            Write(vault.Ledger, 2);
            Directory.CreateDirectory(inTheWay);
            var all = Enumerable.Range(0, 6).Select(i => Task.Run(() => vault.Ledger.Record(_ => true, Draft(Tags[i % Tags.Length])))).ToList();
            foreach (var one in all) await Should.ThrowAsync<Exception>(one);
            stopped.Count.ShouldBe(1, "whoever comes after the first failure is refused before the database is touched");
            var kept = vault.Ledger.Read(0, int.MaxValue).Count;
            kept.ShouldBeGreaterThan(3);
            Directory.Delete(inTheWay);
            Should.Throw<InvalidOperationException>(() => vault.Ledger.Record(_ => true, Draft(Tags[0]))).Message.ShouldContain("restart");
            Should.Throw<InvalidOperationException>(() => vault.Ledger.CommitHeads(TimeSpan.Zero)).Message.ShouldContain("restart");
            vault.Ledger.Read(0, int.MaxValue).Count.ShouldBe(kept);
        }

        using var healed = Open();
        Write(healed.Ledger, 1);
        Verify(healed);
    }

    [Fact]
    public void An_entry_that_only_the_database_has_stops_the_vault_before_another_could_take_its_index()
    {
        var stopped = new List<Exception>();
        using (var vault = Open())
        {
            vault.Ledger.Unknown = stopped.Add;
            Write(vault.Ledger, 2);
            vault.Store.Database.Execute("INSERT INTO entry SELECT position + 1, kind, body, salt FROM entry ORDER BY position DESC LIMIT 1"); // as a commit leaves it that reported a failure and happened
            Should.Throw<InvalidOperationException>(() => vault.Ledger.Record(_ => true, Draft(Tags[0]))).Message.ShouldContain("4 entries and the log 3");
            stopped.ShouldHaveSingleItem();
            vault.Ledger.Read(0, int.MaxValue).Count.ShouldBe(4);
        }

        using var healed = Open();
        healed.Ledger.Log.Size.ShouldBe(4);
        Write(healed.Ledger, 1);
        Verify(healed);
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
