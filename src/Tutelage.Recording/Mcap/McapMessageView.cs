namespace Tutelage.Recording.Mcap;

/// <summary>A message in its reader's buffer, valid until the next read. <c>default</c> is no message.</summary>
public readonly ref struct McapMessageView
{
    internal McapMessageView(McapChannel channel, uint sequence, ulong logTimeNs, ulong publishTimeNs, ReadOnlySpan<byte> data, long offset)
    {
        Channel = channel;
        Sequence = sequence;
        LogTimeNs = logTimeNs;
        PublishTimeNs = publishTimeNs;
        Data = data;
        Offset = offset;
    }

    public McapChannel Channel { get; }
    public uint Sequence { get; }
    public ulong LogTimeNs { get; }
    public ulong PublishTimeNs { get; }
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Of <see cref="Data"/> in the file; in a compressed chunk counted from the chunk's own place.</summary>
    public long Offset { get; }
}
