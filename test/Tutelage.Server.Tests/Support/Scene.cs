using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;

namespace Tutelage.Server.Tests;

/// <summary>A vault, a certified device, a folder, and objects made for them. The files are random bytes: the server never looks into them.</summary>
internal sealed class Scene : IDisposable
{
    public Scene(string? parent = null)
    {
        Data = Path.Combine(parent ?? Path.GetTempPath(), "tutelage-server-" + Random.Shared.Next().ToString("x8", System.Globalization.CultureInfo.InvariantCulture));
        Certificate = Certify(Vault, Tag, Device.Public);
    }

    public string Data { get; }
    public SigningKey Vault { get; } = SigningKey.Generate();
    public SigningKey Device { get; } = SigningKey.Generate();
    public string Tag { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);
    public string Certificate { get; }

    public RunningServer Start(bool open = true) => RunningServer.Start(Data, Vault, open);

    public static string Certify(SigningKey vault, string tag, PublicKey device) =>
        SignedStatement.Sign(vault, "device-certificate", new { tag, device_key = device.Text, manifest = new string('a', 64) }).ToJson();

    /// <summary>A segment of this device with files of these sizes.</summary>
    public SampleObject Segment(params (DataClass Class, int SizeBytes)[] files) =>
        SampleObject.Make(ObjectKind.Segment, Tag, Device, Certificate, files.Length > 0 ? files : [(DataClass.Input, 1500), (DataClass.Text, 400), (DataClass.Elements, 9000), (DataClass.Frames, 300_000)]);

    /// <summary>A small segment that was recorded in that epoch.</summary>
    public SampleObject SegmentOf(long epoch) => SampleObject.Make(ObjectKind.Segment, Tag, Device, Certificate, [(DataClass.Input, 1500)], epoch);

    public SampleObject Shard(string? tag = null) => SampleObject.Make(ObjectKind.Shard, tag ?? Tag, Vault, "", [(DataClass.Derived, 5000)]);

    public SampleObject Export(PublicKey holder) => SampleObject.Make(ObjectKind.Export, holder.Id, Vault, "", [(DataClass.Derived, 7000)]);

    /// <summary>What lies in the store as objects and uploads, by relative path.</summary>
    public IReadOnlyList<string> Stored() =>
        [.. new[] { "objects", "incoming" }.Select(name => Path.Combine(Data, name)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).Select(path => Path.GetRelativePath(Data, path)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        Vault.Dispose();
        Device.Dispose();
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
        File.Delete(Data + ".trust.json");
    }
}

/// <summary>An object to send, every part open to tampering.</summary>
internal sealed record SampleObject(byte[] Header, byte[] Signature, string Certificate, IReadOnlyList<byte[]> Files, ObjectHeader Meaning)
{
    public string Id => Meaning.ObjectId;

    public byte[] Body => [.. Header, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(Signature)), (byte)'\n', .. Encoding.UTF8.GetBytes(Certificate), (byte)'\n', .. Files.SelectMany(file => file)];

    public static SampleObject Make(ObjectKind kind, string tag, SigningKey signer, string certificate, (DataClass Class, int SizeBytes)[] files, long epoch = 0)
    {
        var contents = files.Select(file => RandomNumberGenerator.GetBytes(file.SizeBytes)).ToList();
        var header = new ObjectHeader(RandomNumberGenerator.GetHexString(32, lowercase: true), kind, tag, epoch, "tutelage-redaction-1", kind == ObjectKind.Segment ? new string('a', 64) : "", signer.Public.Id,
            [.. files.Select((file, at) => new SealedFileHeader(file.Class, file.SizeBytes, SHA256.HashData(contents[at]), RandomNumberGenerator.GetBytes(200), RandomNumberGenerator.GetBytes(200)))]);
        return Sign(header, signer, certificate, contents);
    }

    public static SampleObject Sign(ObjectHeader header, SigningKey signer, string certificate, IReadOnlyList<byte[]> files)
    {
        var bytes = HeaderBytes.Encode(header);
        return new SampleObject(bytes, signer.Sign(bytes), certificate, files, header);
    }

    /// <summary>The same with one byte of one file changed.</summary>
    public SampleObject Altered(int file, int at)
    {
        var files = Files.Select(content => (byte[])content.Clone()).ToList();
        files[file][at] ^= 1;
        return this with { Files = files };
    }
}

internal static class Requests
{
    public static async Task<Answer> SendAsync(this HttpClient client, SampleObject sample) => await client.PostBytesAsync(sample.Body);

    public static async Task<Answer> PostBytesAsync(this HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        using var response = await client.PostAsync("/v1/objects", content);
        return await Answer.OfAsync(response);
    }

    public static async Task<Answer> AskAsync(this HttpClient client, string path, PublicKey? possessor = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (possessor is not null) request.Headers.Add("tutelage-key", possessor.Text);
        using var response = await client.SendAsync(request);
        return await Answer.OfAsync(response);
    }
}

internal sealed record Answer(int Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Error => Status >= 400 ? Json.GetProperty("error").GetString() : null;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(),
        response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));

    public void ShouldBeRefused(int status, string error, params string[] namedInMessage)
    {
        (Status, Error).ShouldBe((status, error), Text);
        foreach (var name in namedInMessage) Json.GetProperty("message").GetString()!.ShouldContain(name);
    }
}
