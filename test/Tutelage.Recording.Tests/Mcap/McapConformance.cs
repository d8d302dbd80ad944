using System.Globalization;
using System.Text.Json;
using Tutelage.Recording.Mcap;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Mcap;

/// <summary>Every case of the MCAP conformance suite (foxglove/mcap, MIT), and the OWAMcap recordings (open-world-agents, MIT).</summary>
public sealed class McapConformance
{
    [Fact]
    public void Every_case_reads_to_the_records_of_its_json() => ForEachCase(path =>
    {
        var expected = ConformanceJson.Lines(Json(path).GetProperty("records"));
        // The suite lists what a chunk holds in place of the chunk, and no message indexes.
        var found = Records(path).Where(record => record is not McapMessageIndex)
            .SelectMany(record => record is McapChunk chunk ? McapRecordReader.Open(chunk) : [record]).Select(ConformanceJson.Line).ToArray();
        found.ShouldBe(expected);
    });

    [Fact]
    public void Every_case_read_and_written_again_is_the_same_bytes() => ForEachCase(path =>
    {
        var output = new MemoryStream();
        var writer = new McapRecordWriter(output);
        foreach (var record in Records(path)) writer.Write(record);
        writer.Complete();
        output.ToArray().ShouldBe(File.ReadAllBytes(path));
    });

    [Fact]
    public void Every_case_without_padding_is_written_from_its_json_alone_to_the_same_bytes()
    {
        // Padding (bytes that no field describes) is in the mcap file only; those cases cannot be made from the JSON and are skipped by their feature's name.
        var skipped = 0;
        ForEachCase(path =>
        {
            if (Features(path).Contains("pad")) skipped++;
            else WriteFromJson(path).ShouldBe(File.ReadAllBytes(path));
        });
        if (SharedFolder.Has("mcap-conformance", out _)) Console.WriteLine($"skipped by name: {skipped} cases with the feature 'pad'");
    }

    [Fact]
    public void Every_case_gives_the_same_messages_to_the_message_reader() => ForEachCase(path =>
    {
        using var reader = new McapReader(File.OpenRead(path));
        var found = new List<string>();
        while (reader.TryReadMessage(out var message))
            found.Add(ConformanceJson.Line(new McapMessage(message.Channel.Id, message.Sequence, message.LogTimeNs, message.PublishTimeNs, message.Data.ToArray())));
        found.ToArray().ShouldBe(ConformanceJson.Lines(Json(path).GetProperty("records")).Where(line => line.StartsWith("Message ", StringComparison.Ordinal)).ToArray());
    });

    [Fact]
    public void Every_owamcap_recording_opens()
    {
        if (!SharedFolder.Has("owamcap", out var folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder, "*.mcap"))
        {
            var statistics = Records(path).OfType<McapStatistics>().Single();
            using var reader = new McapReader(File.OpenRead(path));
            var messages = 0UL;
            while (reader.TryReadMessage(out var message))
            {
                messages++;
                message.Channel.MessageEncoding.ShouldBe("json");
                JsonDocument.Parse(message.Data.ToArray()).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
            }
            messages.ShouldBe(statistics.MessageCount, path);
            messages.ShouldBeGreaterThan(0UL);
        }
    }

    private static void ForEachCase(Action<string> check)
    {
        if (!SharedFolder.Has("mcap-conformance", out var folder)) return;
        var paths = Directory.GetFiles(folder, "*.mcap", SearchOption.AllDirectories);
        paths.Length.ShouldBeGreaterThanOrEqualTo(203);
        var failures = new List<string>();
        foreach (var path in paths)
        {
            try { check(path); }
            catch (Exception fault) when (fault is ShouldAssertException or RecordingFormatException) { failures.Add($"{Path.GetFileName(path)}: {fault.Message}"); }
        }
        failures.ShouldBeEmpty();
    }

    private static byte[] WriteFromJson(string path)
    {
        var features = Features(path);
        var output = new MemoryStream();
        using var writer = new McapWriter(output, new()
        {
            Library = "", Chunked = features.Contains("ch"), MessageIndexes = features.Contains("mx"), RepeatSchemas = features.Contains("rsh"), RepeatChannels = features.Contains("rch"),
            Statistics = features.Contains("st"), SummaryOffsets = features.Contains("sum"), Indexes = features.Contains("chx") || features.Contains("ax") || features.Contains("mdx"),
        });
        foreach (var record in Json(path).GetProperty("records").EnumerateArray())
        {
            var fields = record.GetProperty("fields").EnumerateArray().ToDictionary(field => field[0].GetString()!, field => field[1]);
            ulong Number(string name) => ulong.Parse(fields[name].GetString()!, CultureInfo.InvariantCulture);
            string Text(string name) => fields[name].GetString()!;
            KeyValuePair<string, string>[] Map() => [.. fields["metadata"].EnumerateObject().Select(item => KeyValuePair.Create(item.Name, item.Value.GetString()!))];
            switch (record.GetProperty("type").GetString())
            {
                case "Schema":
                    writer.AddSchema(Text("name"), Text("encoding"), ConformanceJson.BytesOf(fields["data"])).ShouldBe((ushort)Number("id"));
                    break;
                case "Channel":
                    writer.AddChannel(Text("topic"), Text("message_encoding"), (ushort)Number("schema_id"), Map()).ShouldBe((ushort)Number("id"));
                    break;
                case "Message":
                    writer.WriteMessage((ushort)Number("channel_id"), (uint)Number("sequence"), Number("log_time"), Number("publish_time"), ConformanceJson.BytesOf(fields["data"]));
                    break;
                case "Attachment":
                    writer.WriteAttachment(Number("log_time"), Number("create_time"), Text("name"), Text("media_type"), ConformanceJson.BytesOf(fields["data"]));
                    break;
                case "Metadata":
                    writer.WriteMetadata(Text("name"), Map());
                    break;
                case "DataEnd":
                    writer.Complete();
                    return output.ToArray();
            }
        }
        throw new InvalidDataException($"{path} has no data end");
    }

    private static List<McapRecord> Records(string path)
    {
        using var input = File.OpenRead(path);
        var reader = new McapRecordReader(input);
        var records = new List<McapRecord>();
        while (reader.Read() is { } record) records.Add(record);
        return records;
    }

    private static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(path, ".json"))).RootElement;

    private static HashSet<string> Features(string path) =>
        [.. Json(path).GetProperty("meta").GetProperty("variant").GetProperty("features").EnumerateArray().Select(feature => feature.GetString()!)];
}
