using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Ledger;

namespace Tutelage.Auditor.Tests;

/// <summary>What the auditor keeps of what it read is what reading everything anew gives, whatever was read in whichever pieces; a start believes it only where it fits the tree.</summary>
public sealed class KnowledgeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tutelage-known-").FullName;
    private readonly WrittenLedger _ledger;
    private readonly TrustFile _trust;

    public KnowledgeTests()
    {
        _ledger = new WrittenLedger(_root);
        using var witness = Cosigner.Generate("auditor");
        _trust = new TrustFile(_ledger.Vault.Public, _ledger.Vault.Public, _ledger.Signer.VerifierKey, witness.VerifierKey);
        _ledger.AppendGranted();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_in_any_pieces_with_restarts_between_them_it_knows_what_one_reading_gives(int seed)
    {
        var random = new Random(seed);
        WriteAtRandom(random, 300);
        var read = 0;
        while (read < _ledger.Entries.Count)
        {
            using var log = Open();
            for (var piece = random.Next(1, 4); piece > 0 && read < _ledger.Entries.Count; piece--)
            {
                var handed = _ledger.Entries.Skip(read).Take(random.Next(1, 60)).Select(e => new HandedEntry(e.Body, e.Salt)).ToList();
                log.Read(read, handed).ShouldBe(new ReadingResult(read + handed.Count, null));
                read += handed.Count;
            }
        }

        using var whole = Open();
        Faults(whole).ShouldBeEmpty($"seed {seed}");
        whole.Witness(new AddCheckpointRequest(0, [], _ledger.Log.Checkpoint).ToBytes()).Answer.Verdict.ShouldBe(WitnessVerdict.Cosign);
    }

    [Fact]
    public void A_deleted_person_is_in_no_request_and_no_release_any_more_and_live_releases_end()
    {
        using var job = Sealing.TagIdentity.Generate();
        var (index, _) = _ledger.AppendRelease([_ledger.Object(job.Recipient)], job.Recipient.Text);
        using (var log = Open())
        {
            ReadAll(log).Refusal.ShouldBeNull();
            log.Witness(new AddCheckpointRequest(0, [], _ledger.Log.Checkpoint).ToBytes());
            log.AuthorisedRelease(index).ShouldNotBeNull();
            _ledger.AppendDeleted();
            ReadAll(log).Refusal.ShouldBeNull();
            log.AuthorisedRelease(index).ShouldBeNull();
        }

        using var again = Open();
        again.AuthorisedRelease(index).ShouldBeNull();
        _ledger.AppendRelease([_ledger.Object(job.Recipient)], job.Recipient.Text);
        var refused = ReadAll(again);
        refused.Refusal.ShouldNotBeNull().ShouldContain("who is deleted");
        again.Refused.ShouldBe(new EntryRefusal(refused.Next, refused.Refusal!));
        Faults(again).ShouldBeEmpty();
    }

    [Fact]
    public void A_request_that_names_a_deleted_person_and_a_second_deletion_are_refused()
    {
        _ledger.AppendDeleted();
        using var log = Open();
        ReadAll(log).Refusal.ShouldBeNull();
        _ledger.AppendRequest("aa");
        ReadAll(log).Refusal.ShouldNotBeNull().ShouldContain("who is deleted");
        _ledger.AppendDeleted();
        log.Read(_ledger.Entries.Count - 2, [Handed(^1)]).Refusal.ShouldNotBeNull();
    }

    [Fact]
    public void A_release_of_another_epoch_than_the_present_one_is_refused()
    {
        using var job = Sealing.TagIdentity.Generate();
        _ledger.AppendRelease([_ledger.Object(job.Recipient)], job.Recipient.Text, epoch: 3);
        using (var log = Open()) ReadAll(log).Refusal.ShouldNotBeNull().ShouldContain("a release of epoch 3 in epoch 0");
        using var again = Open();
        ReadAll(again).Refusal.ShouldNotBeNull().ShouldContain("a release of epoch 3 in epoch 0");
    }

    [Theory]
    [InlineData("UPDATE known_extent SET entries = entries - 1", "are known")]
    [InlineData("DELETE FROM entry WHERE position = (SELECT MAX(position) FROM entry)", "are known")]
    [InlineData("UPDATE known_extent SET newest = replace(newest, substr(newest, 1, 8), '00000000')", "not the one that was read last")]
    [InlineData("UPDATE entry SET salt = zeroblob(32) WHERE position = (SELECT MAX(position) - 1 FROM entry)", "another root")]
    [InlineData("DELETE FROM tile WHERE position = 0", "missing")]
    [InlineData("UPDATE tile SET hashes = zeroblob(8192) WHERE position = 0", "another root")]
    public void A_folder_that_does_not_fit_itself_is_not_opened(string change, string words)
    {
        WriteAtRandom(new Random(5), 260);
        using (var log = Open())
        {
            ReadAll(log).Refusal.ShouldBeNull();
            log.Witness(new AddCheckpointRequest(0, [], _ledger.Log.Checkpoint).ToBytes()).Answer.Verdict.ShouldBe(WitnessVerdict.Cosign);
        }

        Change(change);
        var faults = new List<string>();
        using var damaged = AuditedLog.Open(_root, _trust, faults);
        faults.ShouldHaveSingleItem().ShouldContain(words);
    }

    [Theory]
    [InlineData("UPDATE known_head SET sequence = sequence + 1 WHERE tag = (SELECT MIN(tag) FROM known_head)", "known_head")]
    [InlineData("DELETE FROM known_nonce WHERE nonce = (SELECT MIN(nonce) FROM known_nonce)", "known_nonce")]
    [InlineData("UPDATE known_grant SET keys_named = 0", "known_grant")]
    [InlineData("INSERT INTO known_approval VALUES ('ffff', 0, 'x', 1)", "known_approval")]
    [InlineData("UPDATE known_release SET about = about || ' ' || about", "known_release")]
    public void A_check_finds_knowledge_that_the_entries_do_not_give(string change, string table)
    {
        WriteAtRandom(new Random(6), 260);
        using (var log = Open()) ReadAll(log).Refusal.ShouldBeNull();
        Change(change);
        using var altered = Open();
        Faults(altered).ShouldHaveSingleItem().ShouldContain(table);
    }

    [Theory]
    [InlineData("DELETE FROM known_extent; DELETE FROM known_head; DELETE FROM known_person; DELETE FROM known_grant; DELETE FROM known_approval; DELETE FROM known_release; DELETE FROM known_nonce; DELETE FROM tile")]
    [InlineData("ALTER TABLE known_release DROP COLUMN about")] // whom a release is about was not kept at first
    [InlineData("ALTER TABLE known_release DROP COLUMN about; DROP TABLE known_extent")] // and a crash while that was made good
    public void A_folder_of_an_older_program_is_read_once_and_entries_nobody_was_answered_for_can_be_let_go(string older)
    {
        WriteAtRandom(new Random(7), 260);
        var checkpoint = _ledger.Log.Checkpoint;
        var size = _ledger.Log.Size;
        WriteAtRandom(new Random(8), 20);
        using (var log = Open())
        {
            ReadAll(log).Refusal.ShouldBeNull();
            log.Witness(new AddCheckpointRequest(0, [], checkpoint).ToBytes()).Answer.Verdict.ShouldBe(WitnessVerdict.Cosign);
        }

        Change(older);
        using var again = Open();
        again.Extent.Read.ShouldBe(_ledger.Entries.Count);
        Faults(again).ShouldBeEmpty();
        var given = again.Since(size - 5, 100, 1 << 20);
        (given.Entries.Count, given.Read).ShouldBe((5, _ledger.Entries.Count));
        Checkpoint.Open(given.Checkpoint!, _trust.Log).ShouldNotBeNull().Checkpoint.Size.ShouldBe(size);
        again.Since(0, 100, 1).Entries.Count.ShouldBe(1);

        again.ForgetUncosigned([]).ShouldBe(_ledger.Entries.Count - size);
        again.Extent.Read.ShouldBe(size);
        Faults(again).ShouldBeEmpty();
        ReadAll(again).Refusal.ShouldBeNull();
    }

    public void Dispose()
    {
        _ledger.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private void WriteAtRandom(Random random, int entries)
    {
        var tags = Enumerable.Range(0, 5).Select(i => i.ToString("x32", CultureInfo.InvariantCulture)).Append(_ledger.Tag).ToArray();
        var grants = new List<string>();
        using var job = Sealing.TagIdentity.Generate();
        for (var i = 0; i < entries; i++)
        {
            switch (random.Next(12))
            {
                case 0:
                    grants.Add(Hex(random, 8));
                    _ledger.AppendRequest(grants[^1]);
                    break;
                case 1 when grants.Count > 0:
                    foreach (var steward in _ledger.Stewards) _ledger.AppendApproval(steward, grant: grants[^1]);
                    grants.RemoveAt(grants.Count - 1);
                    break;
                case 2 when grants.Count > 0:
                    _ledger.Append("denied", [_ledger.Tag], new { grant = grants[0], by = random.Next(2) == 0 ? "rules" : _ledger.Researcher.Public.Id, reasons = Array.Empty<string>() });
                    grants.RemoveAt(0);
                    break;
                case 3:
                    _ledger.AppendHeads(time: _ledger.Latest.AddSeconds(random.Next(30)));
                    break;
                case 4:
                    _ledger.Append("keystore", [], new { act = "rotated", epoch = i + 1 });
                    break;
                case < 8:
                    Release(random);
                    break;
                default:
                    var about = tags.Where(_ => random.Next(3) == 0).Order(StringComparer.Ordinal).ToList();
                    _ledger.Append("failed", about, new { grant = WrittenLedger.Grant, error = "x", message = "y" });
                    break;
            }
        }
    }

    private void Release(Random random) => _ledger.Append("release", [_ledger.Tag], new
    {
        grant = WrittenLedger.Grant, nonce = Hex(random, 16), job = "dataset-build", purpose = "train", keys = new { input = 2 }, objects = 2, objects_root = MerkleTree.Empty.ToString(), recipient = "age1tag1x",
        job_sha256_claimed = Hex(random, 32), epoch = 0, expires = _ledger.Latest.AddSeconds(random.Next(1, 60)).ToUnixTimeSeconds(),
    });

    private static string Hex(Random random, int bytes)
    {
        var made = new byte[bytes];
        random.NextBytes(made);
        return Convert.ToHexStringLower(made);
    }

    private ReadingResult ReadAll(AuditedLog log) => log.Read(log.Extent.Read, [.. _ledger.Entries.Skip((int)log.Extent.Read).Select(e => new HandedEntry(e.Body, e.Salt))]);

    private HandedEntry Handed(Index at) => new(_ledger.Entries[at].Body, _ledger.Entries[at].Salt);

    private void Change(string sql)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(_root, "auditor.db")};Pooling=False");
        database.Open();
        database.Execute(sql);
    }

    private static List<string> Faults(AuditedLog log)
    {
        var faults = new List<string>();
        log.Check(faults);
        return faults;
    }

    private AuditedLog Open()
    {
        var faults = new List<string>();
        var log = AuditedLog.Open(_root, _trust, faults);
        faults.ShouldBeEmpty();
        return log.ShouldNotBeNull();
    }
}
