namespace Tutelage.Recording.Mcap;

/// <summary>Writes records exactly as they are given: offsets, counts and checksums are the caller's. For copying and repairing files.</summary>
public sealed class McapRecordWriter
{
    private readonly Stream _output;
    private readonly ByteBuffer _buffer = new();

    public McapRecordWriter(Stream output)
    {
        _output = output;
        output.Write(McapFormat.Magic);
    }

    public void Write(McapRecord record)
    {
        _buffer.Clear();
        McapRecordCodec.Encode(_buffer, record);
        _output.Write(_buffer.Written);
    }

    /// <summary>Writes the magic that ends a file.</summary>
    public void Complete() => _output.Write(McapFormat.Magic);
}
