using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>Seals what is written to it. Not thread-safe.</summary>
/// <remarks>
/// The caller MUST call <see cref="Complete"/>: disposing without it leaves a file that no reader accepts to its end, so that a failure half-way never
/// looks like a whole file. Nothing reaches the destination before the first whole chunk or <see cref="Complete"/>. The destination stays open.
/// </remarks>
public sealed class AgeWriter : SequentialWriteStream
{
    /// <summary>A bundle of a few keys or a short file needs no whole chunk: pinned memory is dear to a process that seals hundreds of them a second.</summary>
    private const int FirstPlainSize = 2 * 1024;

    private readonly Stream _destination;
    private readonly PayloadChunks _chunks;
    private byte[] _plain = GC.AllocateUninitializedArray<byte>(FirstPlainSize, pinned: true); // grows to a chunk
    private byte[] _sealed; // grows to header, nonce and a sealed chunk
    private int _plainCount;
    private int _sealedCount;
    private long _position;
    private bool _completed;
    private bool _broken;

    public AgeWriter(Stream destination, params AgeRecipient[] recipients)
    {
        _destination = destination;
        using var key = FileKey.Generate();
        Header = AgeHeader.Create(key, recipients);
        var nonce = RandomNumberGenerator.GetBytes(PayloadChunks.NonceSize);
        _chunks = new PayloadChunks(key, nonce);
        _sealed = new byte[Header.Bytes.Length + nonce.Length];
        Header.Bytes.CopyTo(_sealed);
        nonce.CopyTo(_sealed, Header.Bytes.Length);
        _sealedCount = Header.Bytes.Length + nonce.Length;
    }

    /// <summary>The header of this file.</summary>
    public AgeHeader Header { get; }

    /// <summary>Plaintext bytes written so far.</summary>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <exception cref="IOException">The destination failed; the file is torn and this writer takes nothing more.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowIfClosed();
        while (!buffer.IsEmpty)
        {
            if (SealIfFull()) Send();
            if (IsWholeChunk(buffer.Length))
            {
                SealDirectly(buffer);
                Send();
                buffer = buffer[PayloadChunks.PlainSize..];
            }
            else
            {
                buffer = buffer[Take(buffer)..];
            }
        }
    }

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        while (!buffer.IsEmpty)
        {
            if (SealIfFull()) await SendAsync(cancellationToken);
            if (IsWholeChunk(buffer.Length))
            {
                SealDirectly(buffer.Span);
                await SendAsync(cancellationToken);
                buffer = buffer[PayloadChunks.PlainSize..];
            }
            else
            {
                buffer = buffer[Take(buffer.Span)..];
            }
        }
    }

    /// <summary>Writes the last chunk. The destination is flushed to its stream, not to disk.</summary>
    public void Complete()
    {
        ThrowIfClosed();
        SealChunk(last: true);
        Send();
        _completed = true;
        _destination.Flush();
    }

    /// <inheritdoc cref="Complete"/>
    public async Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        SealChunk(last: true);
        await SendAsync(cancellationToken);
        _completed = true;
        await _destination.FlushAsync(cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_plain);
        _chunks.Dispose();
        _broken |= !_completed;
        base.Dispose(disposing);
    }

    private int Take(ReadOnlySpan<byte> buffer)
    {
        var count = Math.Min(buffer.Length, PayloadChunks.PlainSize - _plainCount);
        MakePlainRoom(_plainCount + count);
        buffer[..count].CopyTo(_plain.AsSpan(_plainCount));
        _plainCount += count;
        _position += count;
        return count;
    }

    /// <summary>A full chunk waits until a byte follows it: only then is it known not to be the last, which has another nonce.</summary>
    private bool SealIfFull()
    {
        if (_plainCount < PayloadChunks.PlainSize) return false;
        SealChunk(last: false);
        return true;
    }

    /// <summary>A chunk of which every byte is at hand, and one behind it.</summary>
    private bool IsWholeChunk(int atHand) => _plainCount == 0 && atHand > PayloadChunks.PlainSize;

    private void SealDirectly(ReadOnlySpan<byte> buffer)
    {
        MakeSealedRoom(PayloadChunks.SealedSize);
        _chunks.Seal(buffer[..PayloadChunks.PlainSize], last: false, _sealed.AsSpan(_sealedCount));
        _sealedCount += PayloadChunks.SealedSize;
        _position += PayloadChunks.PlainSize;
    }

    private void SealChunk(bool last)
    {
        MakeSealedRoom(_plainCount + PayloadChunks.TagSize);
        _chunks.Seal(_plain.AsSpan(0, _plainCount), last, _sealed.AsSpan(_sealedCount));
        _sealedCount += _plainCount + PayloadChunks.TagSize;
        _plainCount = 0;
    }

    private void MakePlainRoom(int size)
    {
        if (size <= _plain.Length) return;
        var larger = GC.AllocateUninitializedArray<byte>(Math.Min(PayloadChunks.PlainSize, Math.Max(size, 4 * _plain.Length)), pinned: true);
        _plain.AsSpan(0, _plainCount).CopyTo(larger);
        CryptographicOperations.ZeroMemory(_plain);
        _plain = larger;
    }

    private void MakeSealedRoom(int size)
    {
        if (_sealed.Length - _sealedCount < size) Array.Resize(ref _sealed, _sealedCount + size);
    }

    private void Send()
    {
        _broken = true; // until the destination has taken the whole chunk
        _destination.Write(_sealed, 0, _sealedCount);
        (_sealedCount, _broken) = (0, false);
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        _broken = true; // until the destination has taken the whole chunk
        await _destination.WriteAsync(_sealed.AsMemory(0, _sealedCount), cancellationToken);
        (_sealedCount, _broken) = (0, false);
    }

    private void ThrowIfClosed()
    {
        if (_completed) throw new InvalidOperationException("this age file is complete; open another writer");
        if (_broken) throw new InvalidOperationException("this age file is torn, because writing failed before or the writer is disposed; start anew");
    }
}
