using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>A file of a segment that was completed: one that breaks off, or fails its seal, is damage, told with the names of segment and file.</summary>
internal sealed class WholeFile(string id, string name, SpoolFileReader file) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => file.Position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var count = file.Read(buffer);
            return file.Ending == SpoolEnding.Torn ? throw new SegmentDamagedException(id, $"{name}: its end was cut off or altered") : count;
        }
        catch (Exception damaged) when (SegmentDamagedException.Explains(damaged))
        {
            throw new SegmentDamagedException(id, $"{name}: {damaged.Message}", damaged);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
