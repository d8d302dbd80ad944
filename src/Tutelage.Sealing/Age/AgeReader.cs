namespace Tutelage.Sealing;

/// <summary>Opens an age file as a stream of plaintext, chunk by authenticated chunk.</summary>
public sealed class AgeReader : Stream
{
    private AgeReader() => throw new NotImplementedException();
    public static AgeReader Open(Stream source, AgeIdentity identity) => throw new NotImplementedException();
    public static AgeReader OpenWithFileKey(Stream source, FileKey key) => throw new NotImplementedException();
    public static Task<AgeReader> OpenAsync(Stream source, AgeIdentity identity, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public static Task<AgeReader> OpenWithFileKeyAsync(Stream source, FileKey key, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotImplementedException(); set => throw new NotSupportedException(); }
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotImplementedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
