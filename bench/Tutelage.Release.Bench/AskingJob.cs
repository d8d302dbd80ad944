using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Tutelage.Sealing;

namespace Tutelage.Release.Bench;

/// <summary>A job that asks for keys again and again and tells how long each answer took: this program, when the vault starts it.</summary>
internal static class AskingJob
{
    /// <param name="keysPerRequest">Each request names the same files: a key that is released again is a release like any other.</param>
    public static int Run(int requests, int keysPerRequest)
    {
        using var pipe = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        using var identity = TagIdentity.Generate();
        Send(0x01, JsonSerializer.SerializeToUtf8Bytes(new { protocol = 2, recipient = identity.Recipient.Text, jobs = new[] { "dataset-build" }, version = "0", pid = 0, confined = false }));
        var order = JsonSerializer.Deserialize<JsonElement>(Receive());
        var files = order.GetProperty("inputs").EnumerateArray().Select(i => new { @object = i.GetProperty("object").GetString(), @class = "input" }).Take(keysPerRequest).ToList();
        var need = JsonSerializer.SerializeToUtf8Bytes(new { files });
        var times = new List<double>();
        for (var i = 0; i < requests; i++)
        {
            var began = Stopwatch.GetTimestamp();
            Send(0x0a, need);
            Receive();
            Receive();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Send(0x09, JsonSerializer.SerializeToUtf8Bytes(new { code = "measured", message = JsonSerializer.Serialize(new { keys = files.Count, times = times.Select(t => Math.Round(t, 2)) }) }));
        return 6;

        void Send(byte type, byte[] payload)
        {
            var header = new byte[5];
            BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
            header[4] = type;
            output.Write(header);
            output.Write(payload);
            output.Flush();
        }

        byte[] Receive()
        {
            var header = new byte[5];
            while (true)
            {
                pipe.ReadExactly(header);
                var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
                pipe.ReadExactly(payload);
                if (header[4] != 0x46) return payload; // leases
            }
        }
    }
}
