namespace Tutelage.Recording.Mcap;

public sealed class McapWriter(Stream output, McapWriterOptions options)
{
    public ushort AddSchema(string name, string encoding, ReadOnlySpan<byte> data) => throw new NotImplementedException();
    public ushort AddChannel(string topic, string messageEncoding, ushort schemaId = 0, IReadOnlyList<KeyValuePair<string, string>>? metadata = null) => throw new NotImplementedException();
    public void WriteMessage(ushort channelId, ulong logTimeNs, ReadOnlySpan<byte> data) => throw new NotImplementedException();
    public void WriteMessage(ushort channelId, uint sequence, ulong logTimeNs, ulong publishTimeNs, ReadOnlySpan<byte> data) => throw new NotImplementedException();
    public void WriteMetadata(string name, IReadOnlyList<KeyValuePair<string, string>> metadata) => throw new NotImplementedException();
    public void WriteAttachment(ulong logTimeNs, ulong createTimeNs, string name, string mediaType, ReadOnlySpan<byte> data) => throw new NotImplementedException();
    public void FlushChunk() => throw new NotImplementedException();
    public void Complete() { _ = output; _ = options; throw new NotImplementedException(); }
}
