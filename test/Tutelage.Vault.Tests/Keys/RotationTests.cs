using Dapper;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Vault.Keys;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>Days pass and processes die; what people recorded opens all the same, and what is old goes dark.</summary>
public sealed class RotationTests
{
    public static TheoryData<string> Steps => [.. Enum.GetNames<RotationStep>()];

    [Fact]
    public void Each_day_has_its_epoch_seven_are_kept_and_everything_opens_on_every_one_of_them()
    {
        using var sut = new KeyStoreUnderTest().Open();
        for (var day = 0; day < 12; day++)
        {
            sut.AddPerson();
            sut.NextDay();
            sut.AssertWhole();
        }

        sut.Keys.Ring.Epochs.Select(epoch => epoch.Number).ShouldBe([7, 8, 9, 10, 11, 12, 13]);
        sut.Open().AssertWhole();
    }

    [Fact]
    public void A_rotation_is_due_once_a_day_and_never_because_a_clock_was_set_back()
    {
        using var sut = new KeyStoreUnderTest().Open();
        sut.Keys.RotateIfDue().ShouldBeNull();
        sut.Clock.Now += TimeSpan.FromMinutes(59);
        sut.Keys.RotateIfDue().ShouldBeNull();
        sut.Clock.Now += TimeSpan.FromMinutes(1);
        sut.Keys.RotateIfDue().ShouldBe(2);
        sut.Keys.RotateIfDue().ShouldBeNull();
        sut.Clock.Now -= TimeSpan.FromDays(400);
        sut.Keys.RotateIfDue().ShouldBeNull();
        sut.Keys.Rotate().ShouldBe(3, "a command rotates at any time");
        sut.Clock.Now += TimeSpan.FromDays(4000);
        sut.Keys.RotateIfDue().ShouldBe(4, "years in which no vault ran are one rotation");
        sut.AssertWhole();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_rotation_that_fails_after_any_durable_step_loses_nothing_and_is_finished_by_the_next_start(string step)
    {
        using var sut = Grown();
        sut.Open(reached => { if (reached.ToString() == step) throw new IOException("the disk is gone"); });
        Should.Throw<IOException>(() => sut.Keys.Rotate());
        sut.Keys.Fault.ShouldNotBeNull().ShouldContain("the disk is gone");
        foreach (var kept in sut.Keys.Rows.Page("", 1000)) sut.Keys.OpenSecret(kept).ShouldNotBeNull().Dispose();
        var late = sut.AddPerson(); // a vault goes on under what the escrow copy holds

        sut.Open().AssertWhole();
        sut.Keys.OpenPersonKey(late, DataClass.Input).ShouldNotBeNull().Dispose();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_process_killed_after_any_durable_step_loses_nothing_and_what_was_dark_stays_dark(string step)
    {
        using var sut = Grown();
        var old = sut.Backup();
        for (var day = 0; day < Keyring.Kept - 1; day++) sut.NextDay();
        sut.Restore(old).Restored.ShouldNotBeNull("the seventh epoch still opens it");
        sut.Leave();

        await DyingRotation.RunAsync(sut.Folder, Enum.Parse<RotationStep>(step));
        sut.Open().AssertWhole();
        foreach (var keyring in (string[])[sut.KeyringPath, sut.Keys.EscrowPath]) Should.Throw<BackupDarkException>(() => sut.Restore(old, keyring));
    }

    [Fact]
    public void A_failed_rotation_is_finished_by_the_next_look_without_a_restart()
    {
        var broken = true;
        using var sut = Grown();
        sut.Open(step => { if (broken && step == RotationStep.EscrowAdded) throw new IOException("the disk is gone"); });
        Should.Throw<IOException>(() => sut.Keys.Rotate());
        broken = false;
        sut.Keys.RotateIfDue().ShouldNotBeNull();
        sut.Keys.Fault.ShouldBeNull();
        sut.AssertWhole();
    }

    [Fact]
    public void Without_an_escrow_copy_nothing_is_wrapped_under_a_new_epoch()
    {
        using var sut = Grown();
        File.Delete(sut.Keys.EscrowPath);
        Directory.CreateDirectory(sut.Keys.EscrowPath); // a name that no file can take
        var before = sut.Keys.Ring.Current.Number;
        Should.Throw<Exception>(() => sut.Keys.Rotate());
        sut.AddPerson();
        sut.Keys.Rows.CountByEpoch().Keys.ShouldBe([before]);

        var faults = new List<string>();
        sut.TryOpen(faults).ShouldBeFalse();
        faults.ShouldHaveSingleItem().ShouldContain("escrow copy of the keyring cannot be written");
        Directory.Delete(sut.Keys.EscrowPath);
        sut.Open().AssertWhole();
    }

    [Fact]
    public void An_older_keyring_or_none_keeps_the_vault_from_starting_and_the_escrow_copy_heals_it()
    {
        using var sut = Grown();
        var older = File.ReadAllBytes(sut.KeyringPath);
        sut.Keys.Rotate();
        sut.Leave();
        PrivateFile.Replace(sut.KeyringPath, older);
        var faults = new List<string>();
        sut.TryOpen(faults).ShouldBeFalse();
        faults.ShouldHaveSingleItem().ShouldContain("put back the newest keyring");

        sut.Leave();
        File.Delete(sut.KeyringPath);
        faults.Clear();
        sut.TryOpen(faults).ShouldBeFalse();
        faults.ShouldHaveSingleItem().ShouldContain("copy " + sut.Keys.EscrowPath);
        File.Copy(sut.Keys.EscrowPath, sut.KeyringPath);
        sut.Open().AssertWhole();
    }

    [Fact]
    public void Keys_from_before_there_were_epochs_are_wrapped_by_the_root_and_move_under_an_epoch()
    {
        using var sut = Grown();
        foreach (var kept in sut.Keys.Rows.Page("", 1000))
        {
            using var identity = sut.Keys.OpenSecret(kept).ShouldNotBeNull();
            sut.Keys.Rows.Replace([(kept, sut.Vault.Root.Wrap(kept.Name, identity.Export()))], EpochKeys.Root);
        }

        sut.Leave();
        File.Delete(sut.KeyringPath);
        sut.Open().AssertWhole();
    }

    [Fact]
    public void A_damaged_key_is_counted_keeps_its_epoch_and_keeps_nobody_else_from_moving_on()
    {
        using var sut = Grown();
        var epoch = sut.Keys.Ring.Current.Number;
        sut.Store.Database.Execute("UPDATE person_key SET wrapped = zeroblob(60) WHERE rowid = (SELECT MIN(rowid) FROM person_key)");
        for (var day = 0; day < 10; day++) sut.NextDay();
        sut.Keys.Unopened.ShouldBe(1);
        sut.Keys.Rows.CountByEpoch()[epoch].ShouldBe(1);
        sut.Keys.Ring.Epochs.Count.ShouldBe(Keyring.Kept + 1);
        sut.Keys.Ring.Epochs[0].Number.ShouldBe(epoch, "an epoch goes only when nothing names it");
    }

    [Fact]
    public void A_key_cannot_be_stored_under_an_epoch_that_is_gone()
    {
        using var sut = Grown();
        var key = sut.Keys.NewPersonKey(new string('a', 32), DataClass.Input);
        for (var day = 0; day < Keyring.Kept; day++) sut.NextDay();
        lock (sut.Store.Gate)
        {
            using var transaction = sut.Store.Database.BeginTransaction();
            Should.Throw<KeyEpochGoneException>(() => sut.Keys.Insert(key, transaction)).Epoch.ShouldBe(key.Epoch);
        }

        sut.AssertWhole();
    }

    [Fact]
    public async Task People_enrol_and_keys_are_opened_while_keys_rotate()
    {
        using var sut = Grown();
        var tag = sut.AddPerson();
        using var ended = new CancellationTokenSource();
        var opening = Task.Run(() =>
        {
            var opened = 0;
            while (!ended.IsCancellationRequested)
            {
                using var key = sut.Keys.OpenPersonKey(tag, DataClass.Frames).ShouldNotBeNull();
                opened++;
            }

            return opened;
        });
        var enrolling = Task.Run(() => { for (var i = 0; i < 30; i++) sut.AddPerson(); });
        for (var i = 0; i < 20; i++) sut.Keys.Rotate();
        await enrolling;
        await ended.CancelAsync();
        (await opening).ShouldBeGreaterThan(0);
        sut.Keys.Rotate();
        sut.AssertWhole();
    }

    /// <summary>Some days old, so that a rotation also prunes.</summary>
    private static KeyStoreUnderTest Grown()
    {
        var sut = new KeyStoreUnderTest().Open();
        for (var i = 0; i < 3; i++) sut.AddPerson();
        for (var day = 0; day < Keyring.Kept; day++) sut.NextDay();
        return sut;
    }
}
