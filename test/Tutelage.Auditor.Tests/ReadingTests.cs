using System.Net;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;

namespace Tutelage.Auditor.Tests;

/// <summary>What the auditor reads, refuses and cosigns.</summary>
public sealed class ReadingTests
{
    [Fact]
    public async Task Only_what_has_been_read_is_cosigned_and_everything_survives_a_kill()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        var (gap, answer) = await auditor.HandOverAsync(3);
        (gap, answer.GetProperty("next").GetInt64()).ShouldBe((HttpStatusCode.Conflict, 0));
        (await auditor.HandOverAsync(0, count: 5)).Answer.GetProperty("next").GetInt64().ShouldBe(5);
        var (early, why) = await auditor.AddCheckpointAsync(0, auditor.Ledger.Log.Checkpoint, []);
        (early, why.Contains("have not been read", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.UnprocessableEntity, true), why);
        (await auditor.HandOverAsync(2)).Answer.GetProperty("next").GetInt64().ShouldBe(8);
        await auditor.AuditAsync();

        await auditor.RestartAsync();
        var status = await auditor.StatusAsync();
        (status.GetProperty("read").GetInt64(), status.GetProperty("cosigned").GetInt64()).ShouldBe((8, 8));
        (await auditor.AddCheckpointAsync(0, auditor.Ledger.Log.Checkpoint, [])).ShouldBe((HttpStatusCode.Conflict, "8"));
        auditor.Ledger.Append("failed", [auditor.Ledger.Tag], new { grant = WrittenLedger.Grant, error = "x", message = "y" });
        await auditor.AuditAsync();
    }

    [Fact]
    public async Task Every_status_of_the_witness_protocol_goes_over_the_wire()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        var note = auditor.Ledger.Log.Checkpoint;
        var checkpoint = Checkpoint.Open(note, auditor.Ledger.Signer.VerifierKey).ShouldNotBeNull().Checkpoint;
        (await auditor.AddCheckpointAsync(0, "no note"u8.ToArray(), [])).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await auditor.AddCheckpointAsync(9, note, [])).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await auditor.AddCheckpointAsync(0, new byte[AddCheckpointRequest.MaxSizeBytes], [])).Status.ShouldBe(HttpStatusCode.BadRequest);
        using var stranger = LogSigner.Generate("test.vault");
        (await auditor.AddCheckpointAsync(0, Signed(stranger, checkpoint), [])).Status.ShouldBe(HttpStatusCode.Forbidden);
        using var other = LogSigner.Generate("other.vault");
        (await auditor.AddCheckpointAsync(0, Signed(other, checkpoint with { Origin = "other.vault" }), [])).Status.ShouldBe(HttpStatusCode.NotFound);
        (await auditor.AddCheckpointAsync(3, note, [])).ShouldBe((HttpStatusCode.Conflict, "0"));
        (await auditor.AddCheckpointAsync(0, note, [MerkleTree.Empty])).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await auditor.AddCheckpointAsync(0, note, [])).Status.ShouldBe(HttpStatusCode.UnprocessableEntity); // not read yet
        await auditor.AuditAsync();

        static byte[] Signed(LogSigner signer, Checkpoint checkpoint) => new SignedNote(checkpoint.Text, [signer.Sign(checkpoint.Text)]).ToBytes();
    }

    [Fact]
    public async Task A_second_history_of_the_same_log_is_never_cosigned()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        await auditor.AuditAsync();
        var folder = Directory.CreateDirectory(Path.Combine(auditor.Root, "fork")).FullName;
        using var fork = TileLog.Open(folder, "test.vault", LogSigner.Import("test.vault", auditor.Ledger.Signer.Export()));
        fork.Append([.. Enumerable.Range(0, 8).Select(i => new ReadOnlyMemory<byte>([(byte)i]))]);
        (await auditor.AddCheckpointAsync(8, fork.Checkpoint, [])).Status.ShouldBe(HttpStatusCode.Conflict);
        fork.Append([new byte[] { 9 }]);
        (await auditor.AddCheckpointAsync(8, fork.Checkpoint, fork.ProveConsistency(8, 9))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    public static TheoryData<string> Wrongs() => [.. Wrong.Keys.Order(StringComparer.Ordinal)];

    private static readonly Dictionary<string, Action<WrittenLedger>> Wrong = new(StringComparer.Ordinal)
    {
        ["a sequence that skips"] = l => l.Append("failed", [l.Tag], Failed, b => b["about"]![0]!["sequence"] = 99),
        ["a sequence that repeats"] = l => l.Append("failed", [l.Tag], Failed, b => b["about"]![0]!["sequence"] = 1),
        ["a wrong previous commitment"] = l => l.Append("failed", [l.Tag], Failed, b => b["about"]![0]!["previous"] = new string('a', 64)),
        ["a person named twice"] = l => l.Append("failed", [l.Tag], Failed, b => b["about"]!.AsArray().Add(b["about"]![0]!.DeepClone())),
        ["an unknown kind"] = l => l.Append("rewritten", [], new { grant = WrittenLedger.Grant }),
        ["another version"] = l => l.Append("failed", [l.Tag], Failed, b => b["tutelage-entry"] = 2),
        ["a second programme"] = l => l.Append("programme", [], new { vault_key = l.Vault.Public.Text, log = l.Signer.VerifierKey.Text }),
        ["a name that occurs twice"] = l => l.AppendText("""{"tutelage-entry":1,"kind":"failed","kind":"denied","time":"2026-01-01T00:00:00Z","about":[],"grant":"00112233","by":"x"}""", []),
        ["no JSON"] = l => l.AppendText("hello", []),
        ["an enrolment of a known key"] = l => l.Append("enrolled", [], new { role = "steward", key = l.Researcher.Public.Text }),
        ["an enrolment that the person did not sign"] = l => l.Append("enrolled", [new string('b', 32)], new { role = "participant", key = NewKey(), receipt = SignedStatement.Sign(l.Vault, "enrolment", new { manifest_sha256 = "", device_key = l.Device.Public.Text }).ToJson() }),
        ["an enrolment under another manifest than the person signed"] = l => l.Append("enrolled", [new string('b', 32)], Enrolment(new string('c', 64))),
        ["an agreement that the person did not sign"] = l => l.AppendAgreed(by: l.Device),
        ["an agreement signed as something else"] = l => l.AppendAgreed(kind: "enrolment"),
        ["an agreement for another device"] = l => l.AppendAgreed(device: l.Researcher),
        ["an agreement to another manifest than the person signed"] = l => l.AppendAgreed(named: new string('c', 64)),
        ["an agreement of nobody known"] = l => l.Append("agreed", [new string('e', 32)], new { manifest_sha256 = new string('b', 64), receipt = SignedStatement.Sign(l.Person, "agreement", new { manifest_sha256 = new string('b', 64), device_key = l.Device.Public.Text }).ToJson() }),
        ["a grant requested twice"] = l => l.AppendRequest(),
        ["an approval by one steward twice"] = l => l.AppendApproval(l.Stewards[0]),
        ["an approval by the requester"] = l => l.AppendApproval(l.Researcher),
        ["an approval of another effect"] = l => l.AppendApproval(l.Stewards[1], new string('0', 64)),
        ["a denial of nothing"] = l => l.Append("denied", [l.Tag], new { grant = "ffff", by = "rules" }),
        ["a deletion that the person did not sign"] = l => l.AppendDeleted(by: l.Researcher),
        ["a deletion of somebody else"] = l => l.AppendDeleted(named: new string('c', 32)),
        ["a deletion of an unknown scope"] = l => l.AppendDeleted(scope: "everybody"),
        ["a deletion of objects that names none"] = l => l.AppendDeleted(scope: "objects"),
        ["a deletion of everything that names objects"] = l => l.AppendDeleted(objects: [new string('a', 32)]),
        ["a deletion of objects out of order"] = l => l.AppendDeleted(scope: "objects", objects: [new string('b', 32), new string('a', 32)]),
        ["a deletion that names an object twice"] = l => l.AppendDeleted(scope: "objects", objects: [new string('a', 32), new string('a', 32)]),
        ["a deletion of no object's id"] = l => l.AppendDeleted(scope: "objects", objects: ["A"]),
        ["a deletion of too many objects"] = l => l.AppendDeleted(scope: "objects", objects: [.. Enumerable.Range(0, 1001).Select(i => i.ToString("x32", System.Globalization.CultureInfo.InvariantCulture))]),
        ["a deletion of objects whose entry says everything"] = l => l.AppendDeleted(scope: "objects", objects: [new string('a', 32)], entryScope: "person"),
        ["a deletion of objects that does not say what became of the key"] = l => l.AppendDeleted(scope: "objects", objects: [new string('a', 32)], derived: "lost"),
        ["a deletion on no day"] = l => l.AppendDeleted(alter: payload => payload with { Day = "22.11.2026" }),
        ["a deletion without a nonce"] = l => l.AppendDeleted(alter: payload => payload with { Nonce = "" }),
        ["a deletion of nobody known"] = l => l.Append("deleted", [new string('d', 32)], new { scope = "person", statement = SignedStatement.Sign(l.Person, "deletion", new DeletionPayload(new string('d', 32), "person", [], "2026-11-22", new string('7', 32))).ToJson() }),
        ["an unknown act on the key store"] = l => l.Append("keystore", [], new { act = "leaked", epoch = 1 }),
        ["a release without enough approvals"] = l => l.AppendRelease([], "age1tag1x"),
    };

    private static object Enrolment(string manifest)
    {
        using var key = SigningKey.Generate();
        return new { role = "participant", key = key.Public.Text, manifest_sha256 = new string('a', 64), receipt = SignedStatement.Sign(key, "enrolment", new { manifest_sha256 = manifest, device_key = NewKey() }).ToJson() };
    }

    private static object Failed => new { grant = WrittenLedger.Grant, error = "x", message = "y" };

    [Theory]
    [MemberData(nameof(Wrongs))]
    public void An_entry_with_a_fault_is_refused_and_changes_nothing(string fault)
    {
        var root = Directory.CreateTempSubdirectory("tutelage-reading-").FullName;
        using (var ledger = new WrittenLedger(root))
        {
            ledger.AppendGranted(approvals: 1);
            using var scratch = Reading.Knowledge.Scratch();
            var reading = new Reading.LedgerReading(ledger.Vault.Public, ledger.Signer.VerifierKey.Text, new Reading.Knowledge(scratch));
            foreach (var (body, salt) in ledger.Entries) Read(reading, body, salt).ShouldBeNull();
            var before = reading.Count;
            Wrong[fault](ledger);
            var (wrong, wrongSalt) = ledger.Entries[^1];
            Read(reading, wrong, wrongSalt).ShouldNotBeNullOrEmpty();
            reading.Count.ShouldBe(before);
        }

        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void What_somebody_agreed_to_is_known_and_nothing_else_also_after_a_restart()
    {
        var root = Directory.CreateTempSubdirectory("tutelage-reading-").FullName;
        using (var ledger = new WrittenLedger(root))
        {
            ledger.AppendGranted();
            ledger.AppendAgreed();
            using var scratch = Reading.Knowledge.Scratch();
            var reading = new Reading.LedgerReading(ledger.Vault.Public, ledger.Signer.VerifierKey.Text, new Reading.Knowledge(scratch));
            foreach (var (body, salt) in ledger.Entries) Read(reading, body, salt).ShouldBeNull();
            reading.Save();
            var again = new Reading.LedgerReading(ledger.Vault.Public, ledger.Signer.VerifierKey.Text, new Reading.Knowledge(scratch));
            foreach (var known in new[] { reading, again })
            {
                foreach (var (letter, agreed) in new[] { ('a', true), ('b', true), ('c', false) }) known.HasAgreed(ledger.Tag, ledger.Device.Public, new string(letter, 64)).ShouldBe(agreed);
                known.HasAgreed(ledger.Tag, ledger.Researcher.Public, new string('a', 64)).ShouldBeFalse();
            }
        }

        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_release_about_nobody_or_about_somebody_beyond_its_grant_is_refused()
    {
        var root = Directory.CreateTempSubdirectory("tutelage-reading-").FullName;
        using (var ledger = new WrittenLedger(root))
        {
            ledger.Others = [new string('b', 32)];
            ledger.AppendGranted();
            using var scratch = Reading.Knowledge.Scratch();
            var reading = new Reading.LedgerReading(ledger.Vault.Public, ledger.Signer.VerifierKey.Text, new Reading.Knowledge(scratch));
            foreach (var (body, salt) in ledger.Entries) Read(reading, body, salt).ShouldBeNull();
            using var outer = Sealing.TagIdentity.Generate();
            Hosting.ReleasedObjectRequest[] objects = [ledger.Object(outer.Recipient)];
            foreach (var (about, why) in ((IReadOnlyList<string>, string)[])[([], "nobody"), ([ledger.Tag, new string('c', 32)], "does not reach")])
            {
                ledger.AppendRelease(objects, "age1tag1x", about: about);
                Read(reading, ledger.Entries[^1].Body, ledger.Entries[^1].Salt).ShouldNotBeNull().ShouldContain(why);
            }
        }

        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task A_refused_entry_stops_the_auditor_there_and_no_checkpoint_past_it_is_cosigned()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        await auditor.AuditAsync();
        auditor.Ledger.Append("failed", [auditor.Ledger.Tag], Failed, b => b["about"]![0]!["sequence"] = 99);
        var (status, answer) = await auditor.HandOverAsync(8);
        (status, answer.GetProperty("next").GetInt64()).ShouldBe((HttpStatusCode.UnprocessableEntity, 8));
        answer.GetProperty("message").GetString()!.ShouldContain("entry 8");
        (await auditor.StatusAsync()).GetProperty("refused").GetProperty("entry").GetInt64().ShouldBe(8);
        (await auditor.AddCheckpointAsync(8, auditor.Ledger.Log.Checkpoint, auditor.Ledger.Log.ProveConsistency(8, 9))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task An_entry_handed_over_again_with_other_bytes_is_refused()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        (await auditor.HandOverAsync(0)).Status.ShouldBe(HttpStatusCode.OK);
        (await auditor.HandOverAsync(0)).Status.ShouldBe(HttpStatusCode.OK);
        auditor.Ledger.Entries[3] = (auditor.Ledger.Entries[3].Body + " ", auditor.Ledger.Entries[3].Salt);
        (await auditor.HandOverAsync(0)).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Only_the_vault_hands_over_entries()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        (await auditor.HandOverAsync(0, by: auditor.Ledger.Researcher)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await auditor.GiveAsync(0, auditor.Ledger.Researcher)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await auditor.StatusAsync()).GetProperty("read").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task The_vault_gets_entries_back_with_the_checkpoint_that_its_log_signed_and_not_one_beyond_it()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        (await auditor.GiveAsync(0)).Answer.TryGetProperty("checkpoint", out _).ShouldBeFalse();
        auditor.Ledger.AppendGranted();
        await auditor.AuditAsync();
        auditor.Ledger.Append("failed", [auditor.Ledger.Tag], Failed);
        (await auditor.HandOverAsync(8)).Status.ShouldBe(HttpStatusCode.OK);
        await auditor.RestartAsync();
        var (status, answer) = await auditor.GiveAsync(3);
        (status, answer.GetProperty("read").GetInt64(), answer.GetProperty("entries").GetArrayLength()).ShouldBe((HttpStatusCode.OK, 9, 5));
        answer.GetProperty("entries")[0].GetProperty("body").GetString().ShouldBe(auditor.Ledger.Entries[3].Body);
        var signed = Checkpoint.Open(answer.GetProperty("checkpoint").GetBytesFromBase64(), auditor.Ledger.Signer.VerifierKey).ShouldNotBeNull();
        signed.Checkpoint.Size.ShouldBe(8);
    }

    [Fact]
    public async Task An_auditor_whose_database_or_keys_were_touched_does_not_start()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        auditor.Ledger.AppendGranted();
        await auditor.AuditAsync();
        await auditor.OuterRecipientAsync();
        var witness = Path.Combine(auditor.Folder, "witness.key");
        var bytes = await File.ReadAllBytesAsync(witness);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(witness, bytes);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(auditor.Folder, "outer"))) File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("640", 8));
        (await auditor.RefusesToStartAsync()).ShouldContain("witness.key: was not wrapped by this folder's root key");
    }

    private static string? Read(Reading.LedgerReading reading, string body, byte[] salt)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        return reading.Read(bytes, EntryCommitment.Of(salt, bytes));
    }

    private static string NewKey()
    {
        using var key = SigningKey.Generate();
        return key.Public.Text;
    }
}
