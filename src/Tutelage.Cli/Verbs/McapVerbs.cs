using System.CommandLine;
using System.Globalization;
using Tutelage.Recording;
using Tutelage.Recording.Mcap;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage mcap info</c>: what any MCAP file holds, ours or not.</summary>
internal static class McapVerbs
{
    public static Command Create() => new("mcap", "MCAP files, the container of recordings.\n\nExample: tutelage mcap info recording.mcap") { InfoVerb() };

    private static Command InfoVerb()
    {
        var file = new Argument<string>("FILE") { Description = "An MCAP file." };
        var json = Options.Json();
        var verb = new Command("info", "Counts what an MCAP file holds; reads a broken-off file up to its last whole record.\n\nExample: tutelage mcap info recording.mcap --json") { file, json };
        verb.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            if (Directory.Exists(path)) throw new VerbFailedException($"{path} is a folder", "name an MCAP file in it");
            if (!File.Exists(path)) throw new VerbFailedException($"there is no file {path}");
            var contents = Read(path);
            if (parsed.GetValue(json)) Output.Json(contents);
            else Show(path, contents);
            return CliExit.Done;
        });
        return verb;
    }

    private static McapContents Read(string path)
    {
        try
        {
            return Contents(path);
        }
        catch (RecordingFormatException foreign)
        {
            throw new VerbFailedException($"{path} is not an MCAP file, or is damaged: {foreign.Message}");
        }
    }

    private static McapContents Contents(string path)
    {
        var options = new McapReaderOptions { AllowTruncated = true };
        var (counts, bytes) = (new SortedDictionary<ushort, long>(), new Dictionary<ushort, long>());
        var (first, last) = (ulong.MaxValue, 0UL);
        using var messages = File.OpenRead(path);
        using var reader = new McapReader(messages, options);
        while (reader.TryReadMessage(out var message))
        {
            counts[message.Channel.Id] = counts.GetValueOrDefault(message.Channel.Id) + 1;
            bytes[message.Channel.Id] = bytes.GetValueOrDefault(message.Channel.Id) + message.Data.Length;
            (first, last) = (Math.Min(first, message.LogTimeNs), Math.Max(last, message.LogTimeNs));
        }

        using var whole = File.OpenRead(path);
        var records = new McapRecordReader(whole, options);
        var (chunks, attachments, stored, opened) = (new SortedDictionary<string, long>(StringComparer.Ordinal), 0L, 0UL, 0UL);
        while (records.Read() is { } record)
        {
            if (record is McapAttachment) attachments++;
            if (record is not McapChunk chunk) continue;
            var compression = chunk.Compression.Length == 0 ? "none" : chunk.Compression;
            chunks[compression] = chunks.GetValueOrDefault(compression) + 1;
            stored += (ulong)chunk.Records.Length;
            opened += chunk.UncompressedSizeBytes;
        }
        return new(
            reader.Header?.Profile ?? "", reader.Header?.Library ?? "", whole.Length, reader.Truncated, counts.Values.Sum(), counts.Count == 0 ? null : first, counts.Count == 0 ? null : last,
            chunks, stored, opened, attachments, reader.Metadata.Select(metadata => metadata.Name).ToList(),
            reader.Channels.Values.OrderBy(channel => channel.Id).Select(channel => new McapChannelContents(
                channel.Id, channel.Topic, channel.MessageEncoding, reader.Schemas.TryGetValue(channel.SchemaId, out var schema) ? schema.Name : null,
                counts.GetValueOrDefault(channel.Id), bytes.GetValueOrDefault(channel.Id))).ToList());
    }

    private static void Show(string path, McapContents contents)
    {
        Output.Line($"{path}: {Output.Size(contents.SizeBytes)}, {contents.Messages} messages on {contents.Channels.Count} channels{(contents.Truncated ? ", BROKEN OFF: it ends before its end" : "")}");
        Output.Line($"profile   {(contents.Profile.Length == 0 ? "none" : contents.Profile)}");
        Output.Line($"library   {contents.Library}");
        if (contents is { FirstNs: { } first, LastNs: { } last }) Output.Line($"time      {Time(first)} to {Time(last)}, {Output.Length((long)((last - first) / 1_000_000))}");
        Output.Line($"chunks    {(contents.Chunks.Count == 0 ? "none" : string.Join(", ", contents.Chunks.Select(chunk => $"{chunk.Value} {chunk.Key}")) + $" ({Output.Size((long)contents.ChunkBytes)} of {Output.Size((long)contents.UncompressedBytes)})")}");
        if (contents.Attachments > 0) Output.Line($"attached  {contents.Attachments}");
        if (contents.Metadata.Count > 0) Output.Line($"metadata  {string.Join(", ", contents.Metadata)}");
        Output.Table(["channel", "topic", "encoding", "schema", "messages", "bytes"], contents.Channels.Select(channel => (string?[])
        [
            $"{channel.Id}", channel.Topic, channel.Encoding, channel.Schema, $"{channel.Messages}", Output.Size(channel.Bytes),
        ]));
    }

    /// <summary>Times since 2001 are shown as dates; smaller ones count from the beginning of a session or machine.</summary>
    private static string Time(ulong nanoseconds) => nanoseconds is > 978_307_200_000_000_000 and < 4_102_444_800_000_000_000
        ? DateTimeOffset.FromUnixTimeMilliseconds((long)(nanoseconds / 1_000_000)).ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : SessionTime.FromNanoseconds(nanoseconds).Milliseconds.ToString(CultureInfo.InvariantCulture) + " ms";

    /// <param name="Chunks">Number by compression.</param>
    private sealed record McapContents(
        string Profile, string Library, long SizeBytes, bool Truncated, long Messages, ulong? FirstNs, ulong? LastNs, IReadOnlyDictionary<string, long> Chunks, ulong ChunkBytes,
        ulong UncompressedBytes, long Attachments, IReadOnlyList<string> Metadata, IReadOnlyList<McapChannelContents> Channels);

    private sealed record McapChannelContents(ushort Id, string Topic, string Encoding, string? Schema, long Messages, long Bytes);
}
