using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>Passes on what is written to it and takes its SHA-256. The destination stays open.</summary>
internal sealed class HashingStream(Stream destination) : SequentialWriteStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public byte[] GetHash() => _hash.GetCurrentHash();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        destination.Write(buffer);
        _hash.AppendData(buffer);
        _position += buffer.Length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await destination.WriteAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span);
        _position += buffer.Length;
    }

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
