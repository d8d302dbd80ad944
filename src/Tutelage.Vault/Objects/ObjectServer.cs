using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Objects;

/// <summary>The three lines that stand before an object's files (docs/formats/ingest.md).</summary>
internal sealed record ObjectPreamble(byte[] Header, byte[] Signature, string? Certificate);

/// <summary>One file that a job made, as ciphertext on the vault's disk until the server has it.</summary>
internal sealed record SealedOutput(string Path, long SizeBytes, byte[] Sha256, byte[] OuterHeader, byte[] InnerHeader);

/// <summary>The server as the vault uses it: lists, headers, ciphertext in; sealed outputs and data-set records out.</summary>
internal sealed class ObjectServer : IDisposable
{
    private const int MaxPreambleBytes = 128 * 1024;
    private const int MaxListBytes = 64 << 20;

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly VaultKeys _keys;

    public ObjectServer(VaultOptions options, VaultKeys keys, TimeProvider time)
    {
        _address = options.ServerAddress ?? throw new ArgumentException("the vault needs its server's address", nameof(options));
        _keys = keys;
        _http = new HttpClient(new SigningHandler(keys.Identity, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) } })
        {
            Timeout = TimeSpan.FromMinutes(10),
            MaxResponseContentBufferSize = MaxListBytes,
        };
    }

    /// <summary>Ids of a person's objects of one kind, all pages.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(ObjectKind kind, string tag, CancellationToken cancellation)
    {
        var ids = new List<string>();
        string? after = null;
        do
        {
            var json = await GetJsonAsync($"v1/objects?kind={Spelling.Of(kind)}&tag={tag}{(after is null ? "" : "&after=" + after)}", cancellation);
            ids.AddRange(json.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("object_id").GetString() ?? ""));
            after = json.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }
        while (after is not null);
        return ids;
    }

    /// <summary>An object's preamble; null if the server has none or it is not three lines.</summary>
    public async Task<ObjectPreamble?> PreambleAsync(string id, CancellationToken cancellation)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_address, $"v1/objects/{id}/header")), cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        await EnsureAsync(answer, cancellation);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
        if (bytes.Length > MaxPreambleBytes) return null;
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        var signature = new byte[66]; // what 88 characters of base64 can hold
        if (lines.Length < 3 || !Convert.TryFromBase64String(lines[1], signature, out var written) || written != 64) return null;
        return new ObjectPreamble(Encoding.UTF8.GetBytes(lines[0]), signature[..64], lines[2].Length == 0 ? null : lines[2]);
    }

    /// <summary>Ciphertext of one file; null if the server has none. The caller disposes the answer.</summary>
    public async Task<HttpResponseMessage?> OpenFileAsync(string id, string name, CancellationToken cancellation)
    {
        var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_address, $"v1/objects/{id}/files/{name}")), cancellation);
        if (answer.IsSuccessStatusCode) return answer;
        answer.Dispose();
        return null;
    }

    /// <summary>Signs a header for what a job made and stores header and file.</summary>
    /// <returns>The header as stored.</returns>
    public async Task<ObjectHeader> StoreAsync(ObjectKind kind, string tag, long epoch, SealedOutput output, CancellationToken cancellation)
    {
        var file = new SealedFileHeader(DataClass.Derived, output.SizeBytes, output.Sha256, output.OuterHeader, output.InnerHeader);
        var header = new ObjectHeader(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), kind, tag, epoch, "", "", _keys.Identity.Public.Id, [file]);
        var bytes = HeaderBytes.Encode(header);
        byte[] preamble = [.. bytes, (byte)'\n', .. Encoding.ASCII.GetBytes(Convert.ToBase64String(_keys.Identity.Sign(bytes))), (byte)'\n', (byte)'\n'];

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, "v1/objects"));
        await using var stream = new PreambledStream(preamble, File.OpenRead(output.Path));
        request.Content = new StreamContent(stream);
        request.Content.Headers.ContentLength = preamble.Length + output.SizeBytes;
        HttpSignatures.SetBodyDigest(request, await DigestAsync(preamble, output.Path, cancellation));
        using var answer = await SendAsync(request, cancellation);
        await EnsureAsync(answer, cancellation);
        return header;
    }

    /// <summary>Has everything of a person removed, or what is named of theirs, and refused from then on. May be said again.</summary>
    /// <param name="objects">Segments and shards; null for all.</param>
    /// <param name="exports">Sealed exports that hold some of it.</param>
    /// <returns>How many objects were removed.</returns>
    public async Task<long> DeleteAsync(string tag, IReadOnlyList<string>? objects, IReadOnlyList<string> exports, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, "v1/deletions")) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { tag, objects, exports }, Wire.Json)) };
        using var answer = await SendAsync(request, cancellation);
        await EnsureAsync(answer, cancellation);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync(cancellation)).GetProperty("removed").GetInt64();
    }

    /// <summary>Signs and stores a data set's record; the payload is the JSON object of docs/formats/data-set-store.md.</summary>
    public async Task PutDatasetAsync(string id, byte[] payload, CancellationToken cancellation)
    {
        var record = JsonSerializer.SerializeToUtf8Bytes(new DatasetRecord(payload, _keys.Identity.Sign(SignedBytes(payload))), Wire.Json);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_address, $"v1/datasets/{id}")) { Content = new ByteArrayContent(record) };
        using var answer = await SendAsync(request, cancellation);
        await EnsureAsync(answer, cancellation);
    }

    /// <summary>A data set's record if the vault itself has signed it.</summary>
    public async Task<JsonElement?> DatasetAsync(string id, CancellationToken cancellation)
    {
        if (id.Length != 64 || !id.All(char.IsAsciiHexDigitLower)) return null;
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_address, $"v1/datasets/{id}")), cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        await EnsureAsync(answer, cancellation);
        return Wire.Read<DatasetRecord>(await answer.Content.ReadAsByteArrayAsync(cancellation)) is { } kept && Verified(kept) is { } record && record.GetProperty("dataset").GetString() == id
            ? record
            : null;
    }

    /// <summary>Every data set's record that the vault itself has signed; others are left out.</summary>
    public async Task<IReadOnlyList<JsonElement>> DatasetsAsync(CancellationToken cancellation)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_address, "v1/datasets")), cancellation);
        await EnsureAsync(answer, cancellation);
        var list = Wire.Read<DatasetList>(await answer.Content.ReadAsByteArrayAsync(cancellation));
        return [.. (list?.Datasets ?? []).Select(Verified).OfType<JsonElement>()];
    }

    private JsonElement? Verified(DatasetRecord record) =>
        record is { Payload: { } payload, Signature: { } signature } && _keys.Identity.Public.Verify(SignedBytes(payload), signature) ? JsonSerializer.Deserialize<JsonElement>(payload, Wire.Json) : null;

    public void Dispose() => _http.Dispose();

    private static byte[] SignedBytes(byte[] payload) => [.. "tutelage-dataset/v1\n"u8, .. payload];

    private static async Task<byte[]> DigestAsync(byte[] preamble, string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(preamble);
        await using var file = File.OpenRead(path);
        var buffer = new byte[128 * 1024];
        int read;
        while ((read = await file.ReadAsync(buffer, cancellation)) > 0) hash.AppendData(buffer, 0, read);
        return hash.GetHashAndReset();
    }

    private async Task<JsonElement> GetJsonAsync(string path, CancellationToken cancellation)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_address, path)), cancellation);
        await EnsureAsync(answer, cancellation);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync(cancellation), Wire.Json);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException away)
        {
            throw new RunRefusedException("server-away", $"the server at {_address} cannot be reached ({away.HttpRequestError}); start it and run again");
        }
    }

    private static async Task EnsureAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.IsSuccessStatusCode) return;
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        throw new RunRefusedException("server-refused", $"the server answered {(int)answer.StatusCode}: {text[..Math.Min(text.Length, 500)]}");
    }

    /// <summary>A record as it travels: exact bytes and the vault's signature over them.</summary>
    private sealed record DatasetRecord(byte[]? Payload, byte[]? Signature);

    private sealed record DatasetList(IReadOnlyList<DatasetRecord>? Datasets);

    /// <summary>A few bytes, then a file: read once, front to back.</summary>
    private sealed class PreambledStream(byte[] preamble, Stream file) : Stream
    {
        private int _position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_position == preamble.Length) return file.Read(buffer, offset, count);
            var take = Math.Min(count, preamble.Length - _position);
            preamble.AsSpan(_position, take).CopyTo(buffer.AsSpan(offset));
            _position += take;
            return take;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_position == preamble.Length) return await file.ReadAsync(buffer, cancellationToken);
            var take = Math.Min(buffer.Length, preamble.Length - _position);
            preamble.AsMemory(_position, take).CopyTo(buffer);
            _position += take;
            return take;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
