using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Testing;
using Tutelage.Vault.Deletions;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;
using Tutelage.Vault.Recovery;

namespace Tutelage.Vault.Tests.Recovery;

/// <summary>A database older than its log takes from an auditor what this log has signed, and nothing else; whatever the auditor answers.</summary>
public sealed class CatchUpTests : IDisposable
{
    private static readonly Uri Auditor = new("http://auditor.test/");
    private static readonly string[] Tags = [.. Enumerable.Range(0, 3).Select(i => i.ToString("x32", CultureInfo.InvariantCulture))];

    private readonly string _folder = Directory.CreateTempSubdirectory("tutelage-catch-").FullName;
    private readonly List<EntrySince> _entries;
    private readonly byte[] _checkpoint;
    private readonly TrustFile _trust;

    public CatchUpTests()
    {
        VaultKeys.Initialise(_folder).ShouldBe(0);
        using (var vault = Open())
        {
            for (var i = 0; i < 12; i++)
            {
                var note = i;
                vault.Ledger!.Record(_ => true, new EntryDraft("failed", [Tags[i % 3]], json => json.WriteNumber("note", note)));
            }

            _entries = [.. vault.Ledger!.Read(0, 100).Select(e => new EntrySince(Encoding.UTF8.GetString(e.Body), e.Salt))];
            _checkpoint = vault.Ledger.Log.Checkpoint;
            using var witness = Cosigner.Generate("auditor");
            _trust = new TrustFile(vault.Keys.Identity.Public, vault.Keys.Identity.Public, vault.Keys.Log.VerifierKey, witness.VerifierKey);
            vault.Store.Database.Execute("DELETE FROM entry_about WHERE position >= 7; DELETE FROM entry WHERE position >= 7; DELETE FROM chain");
            foreach (var entry in _entries.Take(7)) Relink(vault.Store, entry);
        }

        Directory.Delete(Path.Combine(_folder, "log"), recursive: true);
        RestoredMark.Put(_folder);
    }

    [Fact]
    public async Task What_is_lacking_comes_in_pages_and_the_log_is_the_one_that_was_signed()
    {
        (await RunAsync(first => Answer(first, 2))).ShouldBe((new CatchUp.Caught(7, 6, 0), null));
        using var vault = Open();
        vault.Ledger!.Log.Size.ShouldBe(13);
        Checkpoint.Open(vault.Ledger.Log.Checkpoint, _trust.Log)!.Checkpoint.ShouldBe(Checkpoint.Open(_checkpoint, _trust.Log)!.Checkpoint);
        vault.Ledger.Record(_ => true, new EntryDraft("failed", [Tags[0]], static _ => { }));
        using var body = JsonDocument.Parse(vault.Ledger.Read(13, 1)[0].Body);
        body.RootElement.GetProperty("about")[0].GetProperty("sequence").GetInt64().ShouldBe(5);
        (await RunAsync(first => Answer(first, 100))).ShouldBe((null, null));
    }

    public static TheoryData<string> Falsehoods => ["altered", "left out", "exchanged", "added", "foreign checkpoint", "no salt", "nothing", "not signed", "no JSON"];

    [Theory]
    [MemberData(nameof(Falsehoods))]
    public async Task What_this_log_has_not_signed_is_not_taken(string what)
    {
        var given = new List<EntrySince>(_entries);
        var checkpoint = _checkpoint;
        if (what == "altered") given[9] = given[9] with { Body = given[9].Body!.Replace("\"note\":8", "\"note\":9", StringComparison.Ordinal) };
        else if (what == "left out") given.RemoveAt(9);
        else if (what == "exchanged") (given[8], given[9]) = (given[9], given[8]);
        else if (what == "added") given.Insert(9, given[8]);
        else if (what == "no salt") given[9] = given[9] with { Salt = null };
        else if (what is "foreign checkpoint")
        {
            using var stranger = LogSigner.Generate(_trust.Log.Name);
            var text = SignedNote.Parse(_checkpoint)!.Text;
            checkpoint = new SignedNote(text, [stranger.Sign(text)]).ToBytes();
        }

        var (caught, fault) = await RunAsync(first => what switch
        {
            "nothing" => JsonSerializer.SerializeToUtf8Bytes(new EntriesSince(first, [], checkpoint, 13), Wire.Json),
            "not signed" => JsonSerializer.SerializeToUtf8Bytes(new EntriesSince(first, given, null, 13), Wire.Json),
            "no JSON" => "{"u8.ToArray(),
            _ => JsonSerializer.SerializeToUtf8Bytes(new EntriesSince(first, [.. given.Skip((int)first)], checkpoint, 13), Wire.Json),
        });
        caught.ShouldBeNull();
        fault.ShouldNotBeNull();
        RestoredMark.IsIn(_folder).ShouldBeTrue();
        using var vault = Open();
        vault.Ledger!.Log.Size.ShouldBe(7, "nothing was taken");
    }

    [Fact]
    public async Task Mutated_answers_bring_nothing_or_exactly_what_was_signed()
    {
        var random = new Random(7);
        using var keys = VaultKeys.Load(_folder, []).ShouldNotBeNull();
        using var signer = keys.Log;
        using var store = VaultStore.Open(_folder, []).ShouldNotBeNull();
        new PersonKeys(store).Prepare();
        var whole = Answer(7, 100);
        for (var round = 0; round < FuzzRounds.CountOfSlow; round++)
        {
            using var wire = new OneAnswer(_ => Mutate(whole, random));
            var faults = new List<string>();
            var caught = await new CatchUp(_folder, store, keys, _trust).RunAsync(Auditor, TimeProvider.System, faults, wire);
            var there = store.Database.Query<(byte[] Body, byte[] Salt)>("SELECT body, salt FROM entry ORDER BY position").Select(e => (Encoding.UTF8.GetString(e.Body), Convert.ToHexStringLower(e.Salt))).ToList();
            there.ShouldBe(_entries.Take(caught is null ? 7 : 13).Select(e => (e.Body!, Convert.ToHexStringLower(e.Salt!))), $"round {round}: {string.Join("; ", faults)}");
            if (caught is not null) store.Database.Execute("DELETE FROM entry_about WHERE position >= 7; DELETE FROM entry WHERE position >= 7");
        }
    }

    private static byte[] Mutate(byte[] whole, Random random)
    {
        var bytes = whole.ToArray();
        for (var changes = random.Next(1, 4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    [Fact]
    public async Task Entries_that_nobody_was_answered_for_are_named_with_what_to_do()
    {
        var (caught, fault) = await RunAsync(first => JsonSerializer.SerializeToUtf8Bytes(new EntriesSince(first, [.. _entries.Skip((int)first)], _checkpoint, 15), Wire.Json));
        (caught, fault!.Contains("entries 13 to 14", StringComparison.Ordinal), fault.Contains("forget-uncosigned", StringComparison.Ordinal)).ShouldBe((null, true, true), fault);
    }

    [Fact]
    public void A_tombstone_that_the_database_lost_comes_back_from_its_entry_with_no_key_left()
    {
        using var vault = Open();
        using var person = SigningKey.Generate();
        var statement = SignedStatement.Sign(person, SignedDeletion.Kind, new DeletionPayload(Tags[1], DeletionScope.Person, [], "2026-11-22", new string('0', 32))).ToJson();
        vault.Ledger!.Record(_ => true, new EntryDraft("deleted", [Tags[1]], json =>
        {
            json.WriteString("scope", DeletionScope.Person);
            json.WriteString("statement", statement);
        }));
        var faults = new List<string>();
        using var keys = KeyStore.Open(_folder, vault.Keys.Root, vault.Store, TimeProvider.System, faults).ShouldNotBeNull();
        vault.Store.Database.Execute("INSERT INTO person (key_id, key, role, person_id, tag) VALUES (@Id, @Text, 'participant', 'x', @tag)", new { person.Public.Id, person.Public.Text, tag = Tags[1] });
        vault.Store.Database.Execute("INSERT INTO person_key VALUES (@tag, 'input', 'x', x'00', 1)", new { tag = Tags[1] });
        var deletions = new DeletionBook(vault.Store, keys);
        deletions.Replay().ShouldBe(1);
        vault.Store.Database.ExecuteScalar<long>("SELECT COUNT(*) FROM person_key").ShouldBe(0);
        vault.Store.Database.ExecuteScalar<string>("SELECT tag FROM tombstone").ShouldBe(Tags[1]);
        deletions.Replay().ShouldBe(0);
        deletions.Pending().Single().ShouldBe(new KeptDeletion(DeletionBook.IdOf(statement), Tags[1], DeletionScope.Person, 7, false, false, 0)); // the server is told again
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Relink(VaultStore store, EntrySince entry)
    {
        using var body = JsonDocument.Parse(entry.Body!);
        foreach (var link in body.RootElement.GetProperty("about").EnumerateArray())
        {
            var head = Convert.ToHexStringLower(EntryCommitment.Of(entry.Salt, Encoding.UTF8.GetBytes(entry.Body!)));
            store.Database.Execute("INSERT OR REPLACE INTO chain VALUES (@tag, @sequence, @head)", new { tag = link.GetProperty("tag").GetString(), sequence = link.GetProperty("sequence").GetInt64(), head });
        }
    }

    private byte[] Answer(long first, int most) => JsonSerializer.SerializeToUtf8Bytes(new EntriesSince(first, [.. _entries.Skip((int)first).Take(most)], _checkpoint, 13), Wire.Json);

    private async Task<(CatchUp.Caught? Caught, string? Fault)> RunAsync(Func<long, byte[]> answer)
    {
        var faults = new List<string>();
        using var keys = VaultKeys.Load(_folder, faults).ShouldNotBeNull();
        using var signer = keys.Log;
        using var store = VaultStore.Open(_folder, faults).ShouldNotBeNull();
        using var wire = new OneAnswer(answer);
        var caught = await new CatchUp(_folder, store, keys, _trust).RunAsync(Auditor, TimeProvider.System, faults, wire);
        return (caught, faults.SingleOrDefault());
    }

    private OpenVault Open()
    {
        var faults = new List<string>();
        var keys = VaultKeys.Load(_folder, faults).ShouldNotBeNull();
        var store = VaultStore.Open(_folder, faults).ShouldNotBeNull();
        var ledger = VaultLedger.Open(_folder, store, keys, TimeProvider.System, faults);
        faults.ShouldBeEmpty();
        return new OpenVault(keys, store, ledger);
    }

    private sealed record OpenVault(VaultKeys Keys, VaultStore Store, VaultLedger? Ledger) : IDisposable
    {
        public void Dispose()
        {
            Ledger?.Dispose();
            Store.Dispose();
            Keys.Dispose();
        }
    }

    private sealed class OneAnswer(Func<long, byte[]> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var first = long.Parse(request.RequestUri!.Query["?first=".Length..], CultureInfo.InvariantCulture);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(answer(first)) });
        }
    }
}
