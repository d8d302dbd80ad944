using System.Security.Cryptography;
using System.Text;
using Tutelage.Attack.Tests.Support;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;

namespace Tutelage.Attack.Tests;

/// <summary>A certified device that turns bad, and strangers, at the one door through which bytes come in.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed class IngestTests(AttackedProgramme programme)
{
    private readonly byte[] _file = RandomNumberGenerator.GetBytes(70_000);

    public static TheoryData<string> Headers() =>
    [
        "id ../", "id absolute", "id NUL", "id long", "id unicode", "id upper case", "id empty", "id of a path in incoming", "tag ../", "tag of another person", "tag empty", "device ../", "device of another", "class twice",
        "class derived", "size negative", "size zero", "size of a gibibyte and one", "size that overflows", "size one short", "size one over", "digest of other bytes", "no files", "seven files", "epoch negative", "redactor ../",
        "manifest is no digest", "manifest nobody agreed to", "kind shard", "kind export", "over 64 KiB", "white space", "member twice", "unknown member", "not JSON", "empty line", "deep JSON",
        "signature of another device", "signature of other bytes", "signature too long", "signature not base64", "certificate of another person", "certificate empty", "certificate by the device itself", "certificate over 16 KiB",
    ];

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task A_tricked_upload_is_refused_by_name_and_leaves_nothing(string trick)
    {
        var device = programme["participant's device"];
        var header = new ObjectHeader(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), ObjectKind.Segment, programme.Tags[0], 0, Loot.ForgedBy, AttackedProgramme.Manifest, device.Key.Public.Id, [FileOf(DataClass.Input)]);
        var before = Stored();
        var bytes = HeaderBytes.Encode(Tricked(trick, header));
        bytes = trick switch
        {
            "white space" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(",", ", ", StringComparison.Ordinal)),
            "member twice" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"epoch\":0", "\"epoch\":9,\"epoch\":0", StringComparison.Ordinal)),
            "unknown member" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"epoch\":0", "\"epoch\":0,\"path\":\"/etc\"", StringComparison.Ordinal)),
            "not JSON" => "{{{{"u8.ToArray(),
            "empty line" => [],
            "deep JSON" => Encoding.ASCII.GetBytes(new string('[', 30_000)),
            _ => bytes,
        };
        var signer = trick == "signature of another device" ? programme["other participant's device"].Key : device.Key;
        var signature = Convert.ToBase64String(signer.Sign(trick == "signature of other bytes" ? [.. bytes, 0] : bytes));
        if (trick == "signature too long") signature += "AAAA";
        if (trick == "signature not base64") signature = new string('!', 88);
        var certificate = trick switch
        {
            "certificate of another person" => programme["other participant"].Certificate,
            "certificate empty" => "",
            "certificate by the device itself" => SignedStatement.Sign(device.Key, "device-certificate", new { tag = programme.Tags[0], device_key = device.Key.Public.Text }).ToJson(),
            "certificate over 16 KiB" => programme["participant"].Certificate + new string(' ', 17_000),
            _ => programme["participant"].Certificate,
        };
        byte[] body = [.. bytes, (byte)'\n', .. Encoding.UTF8.GetBytes(signature), (byte)'\n', .. Encoding.UTF8.GetBytes(certificate), (byte)'\n', .. _file];
        var (status, text) = await device.PostAsync(programme.Server.Address, "v1/objects", body);
        ((int)status).ShouldBeOneOf([400, 403, 413, 422], $"{(int)status} {text}");
        var error = AttackedProgramme.Text(AttackedProgramme.Json(text), "error");
        error.ShouldBeOneOf("bad-request", "bad-header", "truncated", "too-long", "too-large", "altered", "unknown-device", "other-manifest", "bad-object-signature", "not-yours");
        Stored().ShouldBe(before);
    }

    [Fact]
    public async Task A_device_sends_for_itself_only_and_under_its_own_request()
    {
        var (device, other) = (programme["participant's device"], programme["other participant's device"]);
        var (body, id) = Upload(device);
        var before = Stored();
        foreach (var caller in programme.Callers.Where(caller => caller != device)) // somebody else with a copy of the whole body
            ((int)(await caller.PostAsync(programme.Server.Address, "v1/objects", body)).Status).ShouldBeOneOf(401, 403);
        Stored().ShouldBe(before);
        ((int)(await device.PostAsync(programme.Server.Address, "v1/objects", body)).Status).ShouldBe(200);
        ((int)(await device.PostAsync(programme.Server.Address, "v1/objects", Upload(device, id, epoch: 1).Body)).Status).ShouldBe(409, "the id is taken, also for its owner");
        ((int)(await other.PostAsync(programme.Server.Address, "v1/objects", Upload(other, id, epoch: 1).Body)).Status).ShouldBe(409);
        before = Stored();
        ((int)(await device.PostAsync(programme.Server.Address, "v1/objects", body)).Status).ShouldBe(200, "the same object again is no harm");
        Stored().ShouldBe(before);
    }

    [Theory]
    [InlineData("cut in the header")]
    [InlineData("cut in the file")]
    [InlineData("cut in a chunk")]
    [InlineData("more bytes than announced")]
    [InlineData("chunks without end")]
    [InlineData("chunks without end after a stored object")]
    [InlineData("chunks without end and without a header")]
    [InlineData("chunk of impossible size")]
    [InlineData("two lengths")]
    [InlineData("length and chunks")]
    public async Task A_body_that_breaks_off_or_never_ends_leaves_nothing(string trick)
    {
        var device = programme["participant's device"];
        var (body, _) = Upload(device);
        if (trick == "chunks without end after a stored object") (await device.PostAsync(programme.Server.Address, "v1/objects", body)).Text.ShouldContain("\"stored\":true");
        var before = Stored();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(programme.Server.Address, "v1/objects"));
        HttpSignatures.Sign(request, "sha-256=:" + Convert.ToBase64String(SHA256.HashData(body)) + ":", device.Key, TimeProvider.System.GetUtcNow());
        var head = $"POST /v1/objects HTTP/1.1\r\nHost: {programme.Server.Address.Authority}\r\nConnection: close\r\nContent-Digest: sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:\r\n"
            + string.Concat(request.Headers.Select(header => $"{header.Key}: {header.Value.Single()}\r\n"));
        byte[] Head(string more) => Encoding.ASCII.GetBytes(head + more + "\r\n\r\n");
        byte[] Chunk(byte[] bytes) => [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, (byte)'\r', (byte)'\n'];
        var junk = Chunk(new byte[1 << 20]);
        IEnumerable<byte[]> pieces = trick switch
        {
            "cut in the header" => [Head($"Content-Length: {body.Length}"), body[..100]],
            "cut in the file" => [Head($"Content-Length: {body.Length}"), body[..^5000]],
            "cut in a chunk" => [Head("Transfer-Encoding: chunked"), Chunk(body)[..^3000]],
            "more bytes than announced" => [Head($"Content-Length: {body.Length - 10}"), body],
            "chunks without end" or "chunks without end after a stored object" => [Head("Transfer-Encoding: chunked"), Chunk(body), .. Enumerable.Repeat(junk, 200)],
            "chunks without end and without a header" => [Head("Transfer-Encoding: chunked"), .. Enumerable.Repeat(junk, 200)],
            "chunk of impossible size" => [Head("Transfer-Encoding: chunked"), "ffffffffffffffff\r\n"u8.ToArray()],
            "two lengths" => [Head($"Content-Length: {body.Length}\r\nContent-Length: 5"), body],
            _ => [Head($"Content-Length: 5\r\nTransfer-Encoding: chunked"), "0\r\n\r\n"u8.ToArray()],
        };
        var cut = trick.StartsWith("cut", StringComparison.Ordinal);
        var answer = await RawHttp.AskAsync(programme.Server.Address, pieces, hangUp: cut);
        if (trick == "chunks without end after a stored object") answer.ShouldMatch("^(HTTP/1.1 (200|400)|$)"); // the object was there: saying so again is true
        else if (!cut) answer.ShouldMatch("^HTTP/1.1 (400|401|408|413)");
        else answer.ShouldNotStartWith("HTTP/1.1 200");
        await UntilNothingComesInAsync();
        Stored().ShouldBe(before);
    }

    [Fact]
    public async Task Whoever_sends_slowly_or_not_at_all_is_cut_off_and_does_not_keep_others_out()
    {
        var device = programme["participant's device"];
        var before = Stored();
        var idle = Enumerable.Range(0, 40).Select(_ => RawHttp.AskAsync(
            programme.Server.Address, $"POST /v1/objects HTTP/1.1\r\nHost: {programme.Server.Address.Authority}\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n{{\"tutelage-object\":1,")).ToList();
        for (var asked = 0; asked < 200; asked++) await programme["nobody"].GetAsync(programme.Server.Address, "v1/status"); // by now they are all waited for
        ((int)(await device.PostAsync(programme.Server.Address, "v1/objects", Upload(device).Body)).Status).ShouldBe(200, "forty strangers who say nothing take no place of a device");
        foreach (var answer in await Task.WhenAll(idle)) answer.ShouldNotStartWith("HTTP/1.1 200");
        await UntilNothingComesInAsync();
        Stored().Count.ShouldBe(before.Count + 4);
    }

    private static ObjectHeader Tricked(string trick, ObjectHeader header) => trick switch
    {
        "id ../" => header with { ObjectId = "../../../../../../../../tmp/owned" },
        "id absolute" => header with { ObjectId = "/tmp/tutelage-owned-absolute-id0" },
        "id NUL" => header with { ObjectId = header.ObjectId[..31] + "\0" },
        "id long" => header with { ObjectId = new string('a', 20_000) },
        "id unicode" => header with { ObjectId = header.ObjectId[..31] + "٣" },
        "id upper case" => header with { ObjectId = new string('A', 32) },
        "id empty" => header with { ObjectId = "" },
        "id of a path in incoming" => header with { ObjectId = "../incoming/0000000000000000000" },
        "tag ../" => header with { Tag = "../../../../../../../../tmp/owned" },
        "tag of another person" => header with { Tag = new string('0', 32) },
        "tag empty" => header with { Tag = "" },
        "device ../" => header with { Device = "../../owned" },
        "device of another" => header with { Device = new string('A', 22) },
        "class twice" => header with { Files = [header.Files[0], header.Files[0]] },
        "class derived" => header with { Files = [header.Files[0] with { Class = DataClass.Derived }] },
        "size negative" => Sized(header, -1),
        "size zero" => Sized(header, 0),
        "size of a gibibyte and one" => Sized(header, (1L << 30) + 1),
        "size that overflows" => header with { Files = [.. Enum.GetValues<DataClass>().Take(4).Select(kept => header.Files[0] with { Class = kept, SizeBytes = long.MaxValue })] },
        "size one short" => Sized(header, header.Files[0].SizeBytes - 1),
        "size one over" => Sized(header, header.Files[0].SizeBytes + 1),
        "digest of other bytes" => header with { Files = [header.Files[0] with { Sha256 = new byte[32] }] },
        "no files" => header with { Files = [] },
        "seven files" => header with { Files = [.. Enumerable.Repeat(header.Files[0], 7)] },
        "epoch negative" => header with { Epoch = -1 },
        "redactor ../" => header with { Redactor = "../x" },
        "manifest is no digest" => header with { Manifest = "../../x" },
        "manifest nobody agreed to" => header with { Manifest = new('a', 64) },
        "kind shard" => header with { Kind = ObjectKind.Shard, Files = [header.Files[0] with { Class = DataClass.Derived }] },
        "kind export" => header with { Kind = ObjectKind.Export, Files = [header.Files[0] with { Class = DataClass.Derived }] },
        "over 64 KiB" => header with { Files = [header.Files[0] with { OuterHeader = new byte[60_000] }] },
        _ => header,
    };

    private static ObjectHeader Sized(ObjectHeader header, long sizeBytes) => header with { Files = [header.Files[0] with { SizeBytes = sizeBytes }] };

    private SealedFileHeader FileOf(DataClass kept) => new(kept, _file.Length, SHA256.HashData(_file), new byte[] { 1 }, new byte[] { 2 });

    private (byte[] Body, string Id) Upload(Caller device, string? id = null, long epoch = 0)
    {
        id ??= Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var header = HeaderBytes.Encode(new(id, ObjectKind.Segment, device.Tag!, epoch, Loot.ForgedBy, AttackedProgramme.Manifest, device.Key.Public.Id, [FileOf(DataClass.Input)]));
        return ([.. header, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(device.Key.Sign(header))), (byte)'\n', .. Encoding.UTF8.GetBytes(device.Certificate), (byte)'\n', .. _file], id);
    }

    /// <summary>Everything under the server's folder and its temp folder but the index's own journal.</summary>
    private IReadOnlyList<string> Stored() => new[] { Path.Combine(programme.Data, "server"), programme.Server.Folder }.SelectMany(root => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        .Where(path => !Path.GetFileName(path).StartsWith("index.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();

    /// <summary>The server hears of a cut connection when it reads from it; each question is a request, none is a wait.</summary>
    private async Task UntilNothingComesInAsync()
    {
        var incoming = Path.Combine(programme.Data, "server", "incoming");
        for (var asked = 0; asked < 20_000 && Directory.EnumerateFileSystemEntries(incoming).Any(); asked++) await programme["nobody"].GetAsync(programme.Server.Address, "v1/status");
        Directory.EnumerateFileSystemEntries(incoming).ShouldBeEmpty();
    }
}
