using System.Text;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Testing;

namespace Tutelage.Server.Tests;

public sealed class UploadTests : IDisposable
{
    private readonly Scene _scene = new();
    private readonly RunningServer _server;

    public UploadTests() => _server = _scene.Start();

    [Fact]
    public async Task What_a_device_sends_the_vault_reads_back_byte_for_byte()
    {
        var sample = _scene.Segment();
        var sent = await _server.Client(_scene.Device).SendAsync(sample);
        sent.Status.ShouldBe(200, sent.Text);
        (sent.Json.GetProperty("object_id").GetString(), sent.Json.GetProperty("stored").GetBoolean()).ShouldBe((sample.Id, true));

        var vault = _server.Client(_scene.Vault);
        foreach (var (file, content) in sample.Meaning.Files.Zip(sample.Files))
        {
            var read = await vault.AskAsync($"/v1/objects/{sample.Id}/files/{Spelling.Of(file.Class)}");
            read.Body.ShouldBe(content);
            read.Headers["Repr-Digest"].ShouldBe($"sha-256=:{Convert.ToBase64String(file.Sha256.Span)}:");
        }
        var lines = (await vault.AskAsync($"/v1/objects/{sample.Id}/header")).Text.Split('\n');
        lines.ShouldBe([Encoding.UTF8.GetString(sample.Header), Convert.ToBase64String(sample.Signature), sample.Certificate, ""]);
    }

    [Fact]
    public async Task Sending_the_same_object_again_is_a_success()
    {
        var sample = _scene.Segment();
        var device = _server.Client(_scene.Device);
        (await device.SendAsync(sample)).Status.ShouldBe(200);
        var again = await device.SendAsync(sample);
        (again.Status, again.Json.GetProperty("stored").GetBoolean()).ShouldBe((200, false));
        _scene.Stored().Count.ShouldBe(3 + 4);
    }

    [Fact]
    public async Task The_same_object_sent_eight_times_at_once_is_stored_once()
    {
        var sample = _scene.Segment();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _server.Client(_scene.Device).SendAsync(sample)));
        answers.ShouldAllBe(answer => answer.Status == 200);
        answers.Count(answer => answer.Json.GetProperty("stored").GetBoolean()).ShouldBe(1);
        _scene.Stored().Count.ShouldBe(3 + 4);
    }

    [Fact]
    public async Task Another_object_cannot_take_an_id()
    {
        var first = _scene.Segment();
        var device = _server.Client(_scene.Device);
        (await device.SendAsync(first)).Status.ShouldBe(200);
        var second = _scene.Segment();
        var imposter = SampleObject.Sign(second.Meaning with { ObjectId = first.Id }, _scene.Device, _scene.Certificate, second.Files);
        (await device.SendAsync(imposter)).ShouldBeRefused(409, "id-taken", first.Id);
        (await _server.Client(_scene.Vault).AskAsync($"/v1/objects/{first.Id}/files/input")).Body.ShouldBe(first.Files[0]);
    }

    [Theory]
    [InlineData(0, 0, "input")]
    [InlineData(1, 399, "text")]
    [InlineData(3, 299_999, "frames")]
    public async Task An_altered_byte_is_refused_by_the_name_of_its_file(int file, int at, string name)
    {
        var sample = _scene.Segment().Altered(file, at);
        (await _server.Client(_scene.Device).SendAsync(sample)).ShouldBeRefused(422, "altered", sample.Id, name);
        _scene.Stored().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_truncated_body_is_refused_and_nothing_stays()
    {
        var sample = _scene.Segment();
        var device = _server.Client(_scene.Device);
        foreach (var length in (int[])[0, 10, sample.Header.Length, sample.Header.Length + 1, sample.Header.Length + 60])
            (await device.PostBytesAsync(sample.Body[..length])).ShouldBeRefused(400, "bad-request");
        (await device.PostBytesAsync(sample.Body[..^1])).ShouldBeRefused(400, "truncated", sample.Id, "frames");
        (await device.PostBytesAsync([.. sample.Body, 0])).ShouldBeRefused(400, "too-long", sample.Id);
        _scene.Stored().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_certificate_of_this_vault_nothing_is_taken()
    {
        using var stranger = SigningKey.Generate();
        var sample = _scene.Segment();
        var device = _server.Client(_scene.Device);
        var ofStranger = _server.Client(stranger);

        (await device.SendAsync(sample with { Certificate = Scene.Certify(stranger, _scene.Tag, _scene.Device.Public) })).ShouldBeRefused(403, "unknown-device");
        (await device.SendAsync(sample with { Certificate = Scene.Certify(_scene.Vault, new string('0', 32), _scene.Device.Public) })).ShouldBeRefused(403, "unknown-device");
        (await device.SendAsync(sample with { Certificate = "" })).ShouldBeRefused(403, "unknown-device");
        (await device.SendAsync(sample with { Certificate = SignedStatement.Sign(_scene.Vault, "device-certificate", new { tag = _scene.Tag, device_key = _scene.Device.Public.Text, manifest = new string('b', 64) }).ToJson() })).ShouldBeRefused(403, "other-manifest");
        (await device.SendAsync(sample with { Certificate = SignedStatement.Sign(_scene.Vault, "approval", new { tag = _scene.Tag, device_key = _scene.Device.Public.Text }).ToJson() })).ShouldBeRefused(403, "unknown-device");
        (await ofStranger.SendAsync(SampleObject.Sign(sample.Meaning with { Device = stranger.Public.Id }, stranger, _scene.Certificate, sample.Files))).ShouldBeRefused(403, "bad-object-signature");
        (await device.SendAsync(SampleObject.Sign(sample.Meaning, stranger, _scene.Certificate, sample.Files))).ShouldBeRefused(403, "bad-object-signature", sample.Id);
        (await ofStranger.SendAsync(sample)).ShouldBeRefused(403, "not-yours");
        _scene.Stored().ShouldBeEmpty();
    }

    [Fact]
    public async Task Devices_bring_segments_only_and_the_vault_everything_else()
    {
        var shard = _scene.Shard();
        (await _server.Client(_scene.Device).SendAsync(SampleObject.Sign(shard.Meaning with { Device = _scene.Device.Public.Id }, _scene.Device, _scene.Certificate, shard.Files)))
            .ShouldBeRefused(403, "bad-object-signature");
        (await _server.Client(_scene.Vault).SendAsync(SampleObject.Make(ObjectKind.Segment, _scene.Tag, _scene.Vault, "", [(DataClass.Input, 9)]))).ShouldBeRefused(403, "unknown-device");
        (await _server.Client(_scene.Device).SendAsync(SampleObject.Make(ObjectKind.Segment, _scene.Tag, _scene.Device, _scene.Certificate, [(DataClass.Derived, 9)]))).ShouldBeRefused(400, "bad-header");
        (await _server.Client(_scene.Vault).SendAsync(shard)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_request_is_signed_by_its_sender_for_this_server_and_this_body_and_once()
    {
        var sample = _scene.Segment();
        (await _server.Client(null).SendAsync(sample)).ShouldBeRefused(401, "unsigned");
        (await _server.Client(null).AskAsync("/v1/objects")).ShouldBeRefused(401, "unsigned");

        using var recorder = new RecordingHandler { InnerHandler = new SocketsHttpHandler() };
        using var signing = new SigningHandler(_scene.Device, TimeProvider.System) { InnerHandler = recorder };
        using var client = new HttpClient(signing) { BaseAddress = _server.Address };
        (await client.SendAsync(sample)).Status.ShouldBe(200);
        (await recorder.ReplayAsync(_server.Address, _scene.Segment().Body)).ShouldBeRefused(401, "replayed");
        (await recorder.ReplayAsync(_server.Address, sample.Body)).ShouldBeRefused(401, "replayed");

        using var other = new HttpClient(new SigningHandler(_scene.Device, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = _server.Address };
        using var elsewhere = new HttpRequestMessage(HttpMethod.Post, "/v1/objects") { Content = new ByteArrayContent(_scene.Segment().Body) };
        elsewhere.Headers.Host = "another.example:80";
        using var response = await other.SendAsync(elsewhere);
        (await Answer.OfAsync(response)).ShouldBeRefused(401, "bad-signature", "WrongOrigin");
    }

    [Fact]
    public async Task A_body_that_is_not_the_one_signed_for_is_not_stored()
    {
        var (signedFor, sent) = (_scene.Segment(), _scene.Segment());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/objects") { Content = new ByteArrayContent(sent.Body) };
        HttpSignatures.SetBodyDigest(request, System.Security.Cryptography.SHA256.HashData(signedFor.Body));
        using var response = await _server.Client(_scene.Device).SendAsync(request);
        (await Answer.OfAsync(response)).ShouldBeRefused(401, "bad-signature", sent.Id);
        _scene.Stored().ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_that_would_leave_the_store_are_no_names()
    {
        var sample = _scene.Segment();
        var device = _server.Client(_scene.Device);
        foreach (var id in (string[])["../../../../etc/passwd", "..", "", "A0000000000000000000000000000000", "%2e%2e%2f", new string('a', 5000), "a\0b", "0123456789abcdef0123456789abcdeg"])
        {
            var tricky = sample.Meaning with { ObjectId = id };
            (await device.SendAsync(SampleObject.Sign(tricky, _scene.Device, _scene.Certificate, sample.Files))).ShouldBeRefused(400, "bad-header");
        }
        foreach (var name in (string[])["../x", "header", "INPUT", "0", "input,text", new string('x', 3000)])
        {
            var text = Encoding.UTF8.GetString(sample.Header).Replace("\"input\"", System.Text.Json.JsonSerializer.Serialize(name), StringComparison.Ordinal);
            var bytes = Encoding.UTF8.GetBytes(text);
            (await device.SendAsync(sample with { Header = bytes, Signature = _scene.Device.Sign(bytes) })).ShouldBeRefused(400, "bad-header");
        }
        _scene.Stored().ShouldBeEmpty();

        (await device.SendAsync(sample)).Status.ShouldBe(200);
        var vault = _server.Client(_scene.Vault);
        foreach (var path in (string[])[
            $"/v1/objects/{sample.Id}/files/..%2fheader", $"/v1/objects/{sample.Id}/files/%2e%2e", $"/v1/objects/{sample.Id}/files/header", $"/v1/objects/{sample.Id}/files/0",
            "/v1/objects/..%2f..%2findex.db/files/input", "/v1/objects/%2e%2e/header", "/v1/objects/%00/header", $"/v1/objects/{sample.Id.ToUpperInvariant()}/header",
            $"/v1/objects/{new string('a', 6000)}/header", "/v1/datasets/..%2f..%2findex", "/v1/exports/..%2fx"])
        {
            var answer = await vault.AskAsync(path, _scene.Vault.Public);
            answer.Status.ShouldBeInRange(400, 404, path);
        }
    }

    [Fact]
    public async Task Mutated_uploads_never_store_anything_and_never_bring_the_server_down()
    {
        var rounds = FuzzRounds.Count / 25;
        var random = new Random(20260722);
        var sample = _scene.Segment((DataClass.Input, 700), (DataClass.Text, 300));
        var device = _server.Client(_scene.Device);
        for (var round = 0; round < rounds; round++)
        {
            var body = sample.Body;
            for (var edits = random.Next(1, 4); edits > 0; edits--) body[random.Next(body.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) body = body[..random.Next(body.Length)];
            if (body.AsSpan().SequenceEqual(sample.Body)) continue;
            (await device.PostBytesAsync(body)).Status.ShouldBeInRange(400, 422, $"round {round} of seed 20260722");
        }
        _scene.Stored().ShouldBeEmpty();
        (await device.SendAsync(sample)).Status.ShouldBe(200);
    }

    public void Dispose()
    {
        _server.Dispose();
        _scene.Dispose();
    }

    /// <summary>Keeps the headers of the last request and can send them again.</summary>
    private sealed class RecordingHandler : DelegatingHandler
    {
        private List<(string Name, string Value)> _headers = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _headers = [.. request.Headers.Concat(request.Content!.Headers).Select(header => (header.Key, string.Join(", ", header.Value)))];
            return base.SendAsync(request, cancellationToken);
        }

        public async Task<Answer> ReplayAsync(Uri address, byte[] body)
        {
            using var client = new HttpClient { BaseAddress = address };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/objects") { Content = new ByteArrayContent(body) };
            foreach (var (name, value) in _headers.Where(header => header.Name.StartsWith("Signature", StringComparison.Ordinal))) request.Headers.TryAddWithoutValidation(name, value);
            foreach (var (name, value) in _headers.Where(header => header.Name == "Content-Digest")) request.Content.Headers.TryAddWithoutValidation(name, value);
            using var response = await client.SendAsync(request);
            return await Answer.OfAsync(response);
        }
    }
}
