using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Testing.Hosts;

namespace Tutelage.Vault.Tests;

/// <summary>Deletion between real hosts, ended without a goodbye at each point where something is durable. The job is a fake: what it is given or not is what counts.</summary>
public sealed class DeletionTests
{
    [Fact]
    public async Task Whoever_is_killed_on_the_way_the_keys_are_gone_and_the_rest_follows()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, bob) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Participant));
        var (rita, stewards) = (await programme.EnrolAsync(Role.Researcher), (Somebody[])[await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward)]);
        var adas = new List<string>();
        for (var i = 0; i < 3; i++) adas.Add(await programme.UploadSegmentAsync(ada, $"ada works {i}"));
        var bobs = await programme.UploadSegmentAsync(bob, "bob works");
        var (both, open) = (await GrantAsync(programme, rita, stewards, ada, bob), await programme.RequestBuildAsync(rita, ada));
        var wrapped = Wrapped(programme, ada);

        // The server is killed: the vault's transaction stands, the answer says what is pending.
        await programme.Server.KillAsync();
        var one = Sign(ada, DeletionScope.Objects, adas[0]);
        var answer = await DeleteAsync(programme, ada, one);
        (answer.GetProperty("server").GetString(), answer.GetProperty("scope").GetString()).ShouldBe(("pending", "objects"));
        (await DeleteAsync(programme, ada, one)).GetProperty("entry").GetInt64().ShouldBe(answer.GetProperty("entry").GetInt64(), "the same statement is the same deletion");
        var everything = Sign(ada, DeletionScope.Person);
        (await DeleteAsync(programme, ada, everything)).GetProperty("server").GetString().ShouldBe("pending");

        // The vault is killed after its transaction, and comes back before the server does: nothing of ada is opened, her rows are on no page of any file.
        await programme.RestartVaultAsync();
        Wrapped(programme, ada).ShouldBeEmpty();
        foreach (var path in Directory.EnumerateFiles(programme.VaultFolder, "vault.db*"))
            foreach (var key in wrapped) (ReadShared(path).AsSpan().IndexOf(key) < 0).ShouldBeTrue(path);
        (await StateAsync(programme, rita, both)).ShouldBe("denied");
        (await StateAsync(programme, rita, open)).ShouldBe("denied");
        Folders(programme).ShouldBe([.. adas.Append(bobs).Order(StringComparer.Ordinal)]);

        // The server comes back with half of a deletion: rows gone and folders there, as if it had been killed within it.
        await File.WriteAllTextAsync(Path.Combine(programme.Root, "server", "deleted"), $"{ada.Tag} {adas[1]}\n{ada.Tag[..8]}");
        using (var index = new SqliteConnection($"Data Source={Path.Combine(programme.Root, "server", "index.db")};Pooling=False"))
        {
            index.Open();
            index.Execute("DELETE FROM file WHERE id = @id; DELETE FROM object WHERE id = @id", new { id = adas[1] });
        }
        await programme.RestartServerAsync();
        Folders(programme).ShouldNotContain(adas[1]);
        for (var asked = 0; asked < 20 && answer.GetProperty("server").GetString() != "done"; asked++) answer = await DeleteAsync(programme, ada, everything); // each waits for the server
        answer.GetProperty("server").GetString().ShouldBe("done");
        Folders(programme).ShouldBe([bobs]);
        (await File.ReadAllLinesAsync(Path.Combine(programme.Root, "server", "deleted"))).Order(StringComparer.Ordinal).ShouldBe([.. new[] { ada.Tag, $"{ada.Tag} {adas[0]}", $"{ada.Tag} {adas[1]}" }.Order(StringComparer.Ordinal)]);

        // Nothing of hers is taken again; bob's is there, opens, and the log is whole.
        var upload = await Xunit.Record.ExceptionAsync(() => programme.UploadSegmentAsync(ada, "ada again"));
        upload.ShouldNotBeNull().Message.ShouldContain("\"error\":\"deleted\"");
        (await programme.CallAsync(ada.Device, HttpMethod.Post, "v1/leases", new { })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await programme.CallAsync(rita.Key, HttpMethod.Post, "v1/grants", new { purpose = "train", classes = new[] { "input" }, tags = new[] { ada.Tag }, job = "dataset-build", minutes = 30 })).Answer.GetProperty("error").GetString().ShouldBe("no-consent");
        (await programme.RunAsync(rita, await GrantAsync(programme, rita, stewards, bob))).Answer.TryGetProperty("dataset", out _).ShouldBeTrue();
        await programme.CheckLedgerAsync();
        (await programme.CallAsync(bob.Key, HttpMethod.Post, "v1/deletions", everything)).Status.ShouldBe(HttpStatusCode.BadRequest, "another's statement is nobody's deletion");
    }

    [Fact]
    public async Task A_segment_that_was_deleted_is_opened_by_neither_custodian_and_the_shards_made_of_it_are_dark()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, rita) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Researcher));
        Somebody[] stewards = [await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward)];
        var (gone, kept) = (await programme.UploadSegmentAsync(ada, "deleted later"), await programme.UploadSegmentAsync(ada, "kept"));
        var built = (await programme.RunAsync(rita, await GrantAsync(programme, rita, stewards, ada))).Answer;
        var derived = Recipient(programme, ada, "derived");
        var input = Recipient(programme, ada, "input");

        var answer = await DeleteAsync(programme, ada, Sign(ada, DeletionScope.Objects, gone));
        answer.GetProperty("server").GetString().ShouldBe("done");
        Folders(programme).ShouldBe([kept], "the segment and the shards");
        (Recipient(programme, ada, "derived") == derived, Recipient(programme, ada, "input") == input).ShouldBe((false, true));
        var listed = (await programme.CallAsync(stewards[0].Key, HttpMethod.Get, "v1/datasets")).Answer.GetProperty("datasets").EnumerateArray().Single(set => set.GetProperty("dataset").GetString() == built.GetProperty("dataset").GetString());
        (listed.GetProperty("stale").GetBoolean(), listed.GetProperty("persons_gone").GetInt32()).ShouldBe((true, 1));

        // Naming it again darkens nothing that was built since.
        (await programme.RunAsync(rita, await GrantAsync(programme, rita, stewards, ada))).Answer.TryGetProperty("dataset", out _).ShouldBeTrue();
        derived = Recipient(programme, ada, "derived");
        var folders = Folders(programme);
        await DeleteAsync(programme, ada, Sign(ada, DeletionScope.Objects, gone));
        (Recipient(programme, ada, "derived"), Folders(programme).Count).ShouldBe((derived, folders.Count));
        await programme.CheckLedgerAsync();
    }

    private static string Sign(Somebody person, string scope, params string[] objects) => SignedStatement.Sign(
        person.Key, SignedDeletion.Kind, new DeletionPayload(person.Tag, scope, [.. objects.Order(StringComparer.Ordinal)], "2026-11-22", Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)))).ToJson();

    private static async Task<JsonElement> DeleteAsync(Programme programme, Somebody person, string statement)
    {
        var (status, answer) = await programme.CallAsync(person.Key, HttpMethod.Post, "v1/deletions", statement);
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return answer;
    }

    private static async Task<string> GrantAsync(Programme programme, Somebody researcher, Somebody[] stewards, params Somebody[] persons)
    {
        var grant = await programme.RequestBuildAsync(researcher, persons);
        foreach (var steward in stewards) (await programme.ApproveAsync(steward, grant)).Status.ShouldBe(HttpStatusCode.OK);
        return grant;
    }

    private static async Task<string?> StateAsync(Programme programme, Somebody researcher, string grant)
    {
        for (var asked = 0; asked < 2000; asked++)
        {
            var state = (await programme.CallAsync(researcher.Key, HttpMethod.Get, "v1/grants")).Answer.GetProperty("grants").EnumerateArray().Single(line => line.GetProperty("grant").GetString() == grant).GetProperty("state").GetString();
            if (state == "denied") return state; // the vault denies it a moment after it has started
        }

        throw new TimeoutException($"grant {grant} is not denied");
    }

    private static List<string> Folders(Programme programme) => [.. Directory.EnumerateDirectories(Path.Combine(programme.Root, "server", "objects")).SelectMany(Directory.EnumerateDirectories)
        .Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static List<byte[]> Wrapped(Programme programme, Somebody person) => Query<byte[]>(programme, "SELECT wrapped FROM person_key WHERE tag = @Tag", person);

    private static string Recipient(Programme programme, Somebody person, string name) => Query<string>(programme, $"SELECT recipient FROM person_key WHERE tag = @Tag AND class = '{name}'", person).Single();

    private static List<T> Query<T>(Programme programme, string sql, Somebody person)
    {
        using var database = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={Path.Combine(programme.VaultFolder, "vault.db")};Pooling=False"));
        database.Open();
        return database.Query<T>(sql, new { person.Tag }).AsList();
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
