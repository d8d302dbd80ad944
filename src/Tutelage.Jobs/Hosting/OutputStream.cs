using System.Buffers.Binary;
using System.Security.Cryptography;
using Tutelage.Jobs.Protocol;

namespace Tutelage.Jobs.Hosting;

/// <summary>Ciphertext on its way to the launcher, in frames, counted and digested.</summary>
internal sealed class OutputStream(uint number, Stream pipe) : Stream
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _chunk = new byte[FrameLimits.ChunkBytes];
    private int _filled;

    public uint Number { get; } = number;

    public long SizeBytes { get; private set; }

    /// <summary>Of everything written, lower-case hex. Once, after the last byte.</summary>
    public string Sha256() => Convert.ToHexStringLower(_digest.GetHashAndReset());

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        SizeBytes += buffer.Length;
        _digest.AppendData(buffer);
        while (!buffer.IsEmpty)
        {
            var take = Math.Min(buffer.Length, _chunk.Length - _filled);
            buffer[..take].CopyTo(_chunk.AsSpan(_filled));
            _filled += take;
            buffer = buffer[take..];
            if (_filled == _chunk.Length) Flush();
        }
    }

    public override void Flush()
    {
        if (_filled == 0) return;
        Span<byte> stream = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(stream, Number);
        Frames.Write(pipe, FrameType.Output, stream, _chunk.AsSpan(0, _filled));
        _filled = 0;
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => SizeBytes; set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _digest.Dispose();
        base.Dispose(disposing);
    }
}
