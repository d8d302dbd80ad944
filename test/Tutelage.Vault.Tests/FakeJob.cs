using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Sealing;

namespace Tutelage.Vault.Tests;

/// <summary>Entry point of this assembly when the vault starts it as a job: speaks docs/formats/job-pipe.md, opens every input for real, and makes one shard a person of them.</summary>
/// <remarks>
/// <c>fail</c> as argument: ends with an error frame instead of a result, after it had the keys. <c>greedy</c>: asks for a key of another grant. <c>insatiable</c>: asks for one key again and again until it is ended.
/// <c>linger</c>: has keys and goes on until it is ended.
/// <c>probe HOST PORT FILE PID…</c>: tries the ways out of a job and tells which are open.
/// </remarks>
internal static class FakeJob
{
    private static readonly Stream In = Console.OpenStandardInput();
    private static readonly Stream Out = Console.OpenStandardOutput();

    public static int Main(string[] args)
    {
        if (args is ["rotate-and-die", var folder, var step]) return Keys.DyingRotation.Run(folder, step);
        using var identity = TagIdentity.Generate();
        Send(0x01, new { protocol = 2, recipient = identity.Recipient.Text, jobs = new[] { "dataset-build", "dataset-export" }, version = "0.0.0", pid = Environment.ProcessId, confined = false });
        var order = JsonSerializer.Deserialize<JsonElement>(Receive(0x41));
        var keys = new Dictionary<(string Layer, string Object, string Class), byte[]>();
        if (args is ["greedy"]) Send(0x0a, new { files = new[] { new { @object = new string('0', 32), @class = "frames" } } });
        while (args is ["insatiable"])
        {
            Send(0x0a, new { files = FilesOf(order).Take(1) });
            for (var i = 0; i < 2; i++) Receive();
        }

        foreach (var part in FilesOf(order).Chunk(256))
        {
            Send(0x0a, new { files = part });
            for (var i = 0; i < 2; i++) ReadBundle(Receive(0x42), identity, keys);
        }

        if (args is ["probe", ..])
        {
            Send(0x09, new { code = "probed", message = string.Join(' ', Probe.Open(args[1..])) });
            return 6;
        }

        if (args is ["linger"])
        {
            Send(0x06, new { stage = "open", done = 0, total = 1, memory_mb = 1 });
            Receive(); // nothing comes
        }

        if (args is ["fail"])
        {
            Send(0x09, new { code = "nothing-usable", message = "asked to fail" });
            return 6;
        }

        var opened = OpenInputs(order, keys);
        Send(0x06, new { stage = "open", done = opened.Count, total = opened.Count, memory_mb = 1 });
        if (order.GetProperty("job").GetString() == "dataset-build") Build(order, opened);
        else Export(order, opened);
        return 0;
    }

    private static List<object> FilesOf(JsonElement order) => [.. order.GetProperty("inputs").EnumerateArray().SelectMany(input => input.GetProperty("files").EnumerateArray()
        .Select(file => (object)new { @object = input.GetProperty("object").GetString(), @class = file.GetProperty("class").GetString() }))];

    private static List<(string Object, string Tag, string Class, byte[] Plaintext)> OpenInputs(JsonElement order, Dictionary<(string, string, string), byte[]> keys)
    {
        var opened = new List<(string, string, string, byte[])>();
        uint stream = 0;
        foreach (var input in order.GetProperty("inputs").EnumerateArray())
        {
            var id = input.GetProperty("object").GetString()!;
            foreach (var file in input.GetProperty("files").EnumerateArray())
            {
                var name = file.GetProperty("class").GetString()!;
                var ciphertext = Fetch(++stream, id, name);
                if (Convert.ToHexStringLower(SHA256.HashData(ciphertext)) != file.GetProperty("sha256").GetString()) throw new InvalidDataException("the ciphertext is not that of the order");
                using var outer = FileKey.From(keys[("outer", id, name)]);
                using var inner = FileKey.From(keys[("inner", id, name)]);
                using var plaintext = new MemoryStream();
                using (var sealedFile = CustodySeal.Open(new MemoryStream(ciphertext), outer, inner)) sealedFile.CopyTo(plaintext);
                opened.Add((id, input.GetProperty("tag").GetString()!, name, plaintext.ToArray()));
            }
        }

        return opened;
    }

    private static void Build(JsonElement order, List<(string Object, string Tag, string Class, byte[] Plaintext)> opened)
    {
        var auditor = AgeRecipient.Parse(order.GetProperty("auditor").GetString()!);
        var persons = order.GetProperty("persons").EnumerateArray().ToDictionary(p => p.GetProperty("tag").GetString()!, p => AgeRecipient.Parse(p.GetProperty("recipient").GetString()!));
        var shards = new List<object>();
        uint stream = 0;
        foreach (var person in opened.GroupBy(o => o.Tag))
        {
            var plaintext = person.SelectMany(o => o.Plaintext).ToArray();
            using var destination = new MemoryStream();
            var file = CustodySeal.Seal(new MemoryStream(plaintext), destination, persons[person.Key], auditor);
            var root = Convert.ToHexStringLower(SHA256.HashData(plaintext));
            SendOutput(++stream, "shard", person.Key, destination.ToArray(), file.OuterHeader, file.InnerHeader, root);
            shards.Add(new { stream, tag = person.Key, root, trajectories = 1, actions = 2, frames = 3 });
        }

        var id = Convert.ToHexStringLower(SHA256.HashData(opened.SelectMany(o => o.Plaintext).ToArray()));
        Send(0x08, new
        {
            job = "dataset-build",
            dataset = new { id, trajectories = 1, actions = 2, frames = 3, gaps = new { }, shards, lineage = opened.Select(o => (o.Object, o.Tag)).Distinct().Select(o => new { @object = o.Object, tag = o.Tag }), card = new { } },
            inputs = new { given = opened.Count, used = opened.Count, refused = Array.Empty<object>() },
        });
    }

    private static void Export(JsonElement order, List<(string Object, string Tag, string Class, byte[] Plaintext)> opened)
    {
        var plaintext = opened.SelectMany(o => o.Plaintext).ToArray();
        using var destination = new MemoryStream();
        using var writer = new AgeWriter(destination, AgeRecipient.Parse(order.GetProperty("export").GetProperty("recipient").GetString()!));
        writer.Write(plaintext);
        writer.Complete();
        SendOutput(1, "export", null, destination.ToArray(), writer.Header.Bytes.ToArray(), null, Convert.ToHexStringLower(SHA256.HashData(plaintext)));
        Send(0x08, new { job = "dataset-export", export = new { stream = 1, format = "agentnet", dataset = order.GetProperty("dataset").GetString(), trajectories = 1, actions = 2, frames = 3 } });
    }

    private static byte[] Fetch(uint stream, string id, string name)
    {
        Send(0x02, new { stream, @object = id, @class = name });
        using var bytes = new MemoryStream();
        while (true)
        {
            var (type, payload) = Receive();
            if (type == 0x44) return JsonSerializer.Deserialize<JsonElement>(payload).GetProperty("ok").GetBoolean() ? bytes.ToArray() : throw new InvalidDataException($"{id} {name} was not served");
            bytes.Write(payload.AsSpan(4));
        }
    }

    private static void SendOutput(uint stream, string kind, string? tag, byte[] bytes, byte[] outer, byte[]? inner, string digest)
    {
        Send(0x03, new { stream, kind, tag });
        foreach (var part in bytes.Chunk(100_000))
        {
            var payload = new byte[4 + part.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(payload, stream);
            part.CopyTo(payload, 4);
            Send(0x04, payload);
        }

        Send(0x05, new { stream, size = bytes.Length, sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)), outer, inner, digest });
    }

    private static void ReadBundle(byte[] bundle, TagIdentity identity, Dictionary<(string, string, string), byte[]> keys)
    {
        using var reader = AgeReader.Open(new MemoryStream(bundle), identity);
        using var json = JsonDocument.Parse(reader);
        foreach (var key in json.RootElement.GetProperty("keys").EnumerateArray())
            keys.Add((json.RootElement.GetProperty("layer").GetString()!, key.GetProperty("object").GetString()!, key.GetProperty("class").GetString()!), key.GetProperty("key").GetBytesFromBase64());
    }

    private static void Send(byte type, object message) => Send(type, JsonSerializer.SerializeToUtf8Bytes(message, Wire.Json));

    private static void Send(byte type, byte[] payload)
    {
        var header = new byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
        header[4] = type;
        Out.Write(header);
        Out.Write(payload);
        Out.Flush();
    }

    private static byte[] Receive(byte expected)
    {
        var (type, payload) = Receive();
        return type == expected ? payload : throw new InvalidDataException($"frame 0x{type:x2} instead of 0x{expected:x2}");
    }

    private static (byte Type, byte[] Payload) Receive()
    {
        var header = new byte[5];
        while (true)
        {
            In.ReadExactly(header);
            var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
            In.ReadExactly(payload);
            if (header[4] != 0x46) return (header[4], payload); // leases: this job lives as long as its pipe
        }
    }
}
