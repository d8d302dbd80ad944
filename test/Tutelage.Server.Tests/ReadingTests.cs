using System.Text;
using System.Text.Json;
using Tutelage.Identity;

namespace Tutelage.Server.Tests;

public sealed class ReadingTests : IDisposable
{
    private readonly Scene _scene = new();
    private readonly RunningServer _server;

    public ReadingTests() => _server = _scene.Start();

    [Fact]
    public async Task Only_the_vault_reads()
    {
        using var stranger = SigningKey.Generate();
        var sample = _scene.Segment();
        (await _server.Client(_scene.Device).SendAsync(sample)).Status.ShouldBe(200);
        foreach (var path in (string[])["/v1/objects", $"/v1/objects/{sample.Id}/header", $"/v1/objects/{sample.Id}/files/input", "/v1/datasets", "/v1/datasets/" + new string('0', 64)])
        {
            foreach (var key in (SigningKey[])[_scene.Device, stranger])
                (await _server.Client(key).AskAsync(path, key.Public)).ShouldBeRefused(403, "not-yours");
        }
    }

    [Fact]
    public async Task Objects_are_listed_by_kind_and_tag_in_the_order_of_their_ids()
    {
        var (first, second, shard) = (_scene.Segment(), _scene.Segment(), _scene.Shard());
        foreach (var segment in (SampleObject[])[first, second]) (await _server.Client(_scene.Device).SendAsync(segment)).Status.ShouldBe(200);
        var vault = _server.Client(_scene.Vault);
        (await vault.SendAsync(shard)).Status.ShouldBe(200);

        async Task<IEnumerable<string?>> Listed(string query)
        {
            var answer = await vault.AskAsync("/v1/objects" + query);
            return answer.Json.GetProperty("objects").EnumerateArray().Select(item => item.GetProperty("object_id").GetString()).ToList();
        }

        (await Listed("")).ShouldBe(new[] { first.Id, second.Id, shard.Id }.Order(StringComparer.Ordinal));
        (await Listed("?kind=segment")).ShouldBe(new[] { first.Id, second.Id }.Order(StringComparer.Ordinal));
        (await Listed($"?kind=shard&tag={_scene.Tag}")).ShouldBe([shard.Id]);
        (await Listed("?tag=" + new string('0', 32))).ShouldBeEmpty();
        (await Listed("?tag=' OR 1=1 --")).ShouldBeEmpty();
        (await vault.AskAsync("/v1/objects?kind=secret")).ShouldBeRefused(400, "bad-request");
        var row = (await vault.AskAsync("/v1/objects?kind=shard")).Json.GetProperty("objects")[0];
        (row.GetProperty("kind").GetString(), row.GetProperty("tag").GetString(), row.GetProperty("size_bytes").GetInt64(), row.GetProperty("classes")[0].GetString()).ShouldBe(("shard", _scene.Tag, 5000L, "derived"));
    }

    [Fact]
    public async Task An_export_is_read_by_its_holder_and_by_nobody_else()
    {
        using var holder = SigningKey.Generate();
        using var stranger = SigningKey.Generate();
        var export = _scene.Export(holder.Public);
        (await _server.Client(_scene.Vault).SendAsync(export)).Status.ShouldBe(200);
        (await _server.Client(holder).AskAsync($"/v1/exports/{export.Id}", holder.Public)).Body.ShouldBe(export.Files[0]);
        (await _server.Client(stranger).AskAsync($"/v1/exports/{export.Id}", stranger.Public)).ShouldBeRefused(404, "no-such-object");
        (await _server.Client(stranger).AskAsync($"/v1/exports/{export.Id}", holder.Public)).ShouldBeRefused(403, "not-yours");
        (await _server.Client(holder).AskAsync($"/v1/exports/{export.Id}")).ShouldBeRefused(401, "unsigned");
        var segment = _scene.Segment();
        (await _server.Client(_scene.Device).SendAsync(segment)).Status.ShouldBe(200);
        (await _server.Client(_scene.Device).AskAsync($"/v1/exports/{segment.Id}", _scene.Device.Public)).ShouldBeRefused(404, "no-such-object");
    }

    [Fact]
    public async Task A_data_set_is_recorded_once_all_its_shards_are_stored()
    {
        var vault = _server.Client(_scene.Vault);
        var shard = _scene.Shard();
        var id = new string('d', 64);
        var record = Record(_scene.Vault, id, shard.Id, _scene.Tag);
        (await PutAsync(vault, id, record)).ShouldBeRefused(400, "bad-request", shard.Id);
        (await vault.SendAsync(shard)).Status.ShouldBe(200);
        (await PutAsync(vault, new string('e', 64), record)).ShouldBeRefused(400, "bad-request");
        (await PutAsync(vault, id, Record(_scene.Device, id, shard.Id, _scene.Tag))).ShouldBeRefused(400, "bad-request");
        (await PutAsync(_server.Client(_scene.Device), id, record)).ShouldBeRefused(403, "not-yours");
        (await PutAsync(vault, id, record)).Json.GetProperty("stored").GetBoolean().ShouldBeTrue();
        (await PutAsync(vault, id, record)).Json.GetProperty("stored").GetBoolean().ShouldBeFalse();
        (await vault.AskAsync("/v1/datasets/" + id)).Body.ShouldBe(record);
        var listed = (await vault.AskAsync("/v1/datasets")).Json.GetProperty("datasets");
        (listed.GetArrayLength(), listed[0].GetProperty("payload").GetBytesFromBase64()).ShouldSatisfyAllConditions(
            it => it.Item1.ShouldBe(1), it => Encoding.UTF8.GetString(it.Item2).ShouldContain(shard.Id));
    }

    [Fact]
    public async Task The_status_page_shows_nothing_but_what_this_is()
    {
        var anyone = _server.Client(null);
        var page = await anyone.AskAsync("/");
        page.Status.ShouldBe(200);
        page.Text.ShouldNotContain("<script");
        page.Headers["Content-Security-Policy"].ShouldBe("default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
        (await anyone.AskAsync("/status.css")).Headers["Content-Type"].ShouldStartWith("text/css");
        var status = await anyone.AskAsync("/v1/status");
        (status.Json.GetProperty("service").GetString(), status.Json.GetProperty("vault").GetString()).ShouldBe(("server", _scene.Vault.Public.Id));
        status.Headers["X-Content-Type-Options"].ShouldBe("nosniff");
        status.Headers.ContainsKey("Server").ShouldBeFalse();
        (await anyone.AskAsync("/nothing")).Status.ShouldBe(404);
    }

    private static byte[] Record(SigningKey signer, string id, string shard, string tag)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new { version = 1, dataset = id, shards = new[] { new { @object = shard, tag } } });
        return JsonSerializer.SerializeToUtf8Bytes(new { payload, signature = signer.Sign([.. "tutelage-dataset/v1\n"u8, .. payload]) });
    }

    private static async Task<Answer> PutAsync(HttpClient client, string id, byte[] record)
    {
        using var response = await client.PutAsync("/v1/datasets/" + id, new ByteArrayContent(record));
        return await Answer.OfAsync(response);
    }

    public void Dispose()
    {
        _server.Dispose();
        _scene.Dispose();
    }
}
