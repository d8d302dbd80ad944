namespace Tutelage.Sealing;

/// <summary>Seals what is written to it.</summary>
/// <remarks>
/// The caller MUST call <see cref="Complete"/>: disposing without it leaves a file that no reader accepts to its end, so that a failure half-way never looks like
/// a whole file. The destination stays open and is the caller's.
/// </remarks>
public sealed class AgeWriter : Stream
{
    public AgeWriter(Stream destination, params AgeRecipient[] recipients) => throw new NotImplementedException();
    public ReadOnlyMemory<byte> Header => throw new NotImplementedException();
    public void Complete() => throw new NotImplementedException();
    public Task CompleteAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotImplementedException(); set => throw new NotSupportedException(); }
    public override void Flush() => throw new NotImplementedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotImplementedException();
}
