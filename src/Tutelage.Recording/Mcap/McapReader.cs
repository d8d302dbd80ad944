namespace Tutelage.Recording.Mcap;

public sealed class McapReader(Stream input, McapReaderOptions? options = null)
{
    /// <summary>Reads on to the next message, chunks opened. False at the end.</summary>
    public bool TryReadMessage(out McapMessageView message) { _ = input; _ = options; throw new NotImplementedException(); }
}

/// <summary>A message in the reader's own buffer, valid until the next read.</summary>
public readonly ref struct McapMessageView
{
    public McapChannel Channel { get; init; }
    public uint Sequence { get; init; }
    public ulong LogTimeNs { get; init; }
    public ulong PublishTimeNs { get; init; }
    public ReadOnlySpan<byte> Data { get; init; }
}

public sealed record McapReaderOptions;

public sealed record McapChannel(ushort Id, ushort SchemaId, string Topic, string MessageEncoding, IReadOnlyList<KeyValuePair<string, string>> Metadata);
