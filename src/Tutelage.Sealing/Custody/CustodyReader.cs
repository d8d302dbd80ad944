using System.Buffers.Binary;

namespace Tutelage.Sealing;

/// <summary>The plaintext of a <see cref="CustodySeal"/> file; seeks where the file can. A read that returns 0 has checked the padding and the outer end too.</summary>
internal sealed class CustodyReader : ReadOnlyStream
{
    private readonly AgeReader _outer;
    private readonly long _innerSize;
    private readonly AgeReader _inner;
    private bool _checked;

    private CustodyReader(AgeReader outer, long innerSize, AgeReader inner) => (_outer, _innerSize, _inner) = (outer, innerSize, inner);

    public override bool CanSeek => _inner.CanSeek;
    public override long Length => _inner.Length;
    public override long Position { get => _inner.Position; set => _inner.Position = value; }

    public static CustodyReader Open(Stream source, FileKey outerKey, FileKey innerKey)
    {
        var outer = AgeReader.OpenWithFileKey(source, outerKey);
        try
        {
            Span<byte> length = stackalloc byte[CustodySeal.LengthSize];
            if (outer.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
                throw new AgeFormatException("a sealed object ends within its length");
            var size = BinaryPrimitives.ReadInt64BigEndian(length);
            if (size is <= 0 or > long.MaxValue / 4) throw new AgeFormatException($"a sealed object says that its inner file has {size} bytes");
            return new CustodyReader(outer, size, AgeReader.OpenWithFileKey(new StreamWindow(outer, size), innerKey));
        }
        catch
        {
            outer.Dispose();
            throw;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var count = _inner.Read(buffer);
        if (count == 0 && !buffer.IsEmpty && !_checked)
        {
            var rest = StartOfPadding();
            int read;
            while ((read = _outer.Read(rest)) > 0) CheckZeros(rest.AsSpan(0, read));
            CheckSize();
        }
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken);
        if (count == 0 && !buffer.IsEmpty && !_checked)
        {
            var rest = StartOfPadding();
            int read;
            while ((read = await _outer.ReadAsync(rest, cancellationToken)) > 0) CheckZeros(rest.AsSpan(0, read));
            CheckSize();
        }
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        _outer.Dispose();
        base.Dispose(disposing);
    }

    private static void CheckZeros(ReadOnlySpan<byte> padding)
    {
        if (padding.ContainsAnyExcept((byte)0)) throw new PayloadAuthenticationException("the padding of a sealed object is not zero");
    }

    private byte[] StartOfPadding()
    {
        if (_outer.CanSeek) _outer.Position = CustodySeal.LengthSize + _innerSize;
        return new byte[PayloadChunks.PlainSize];
    }

    private void CheckSize()
    {
        // A stream that seeks was put behind what its length says is the inner file, whether it reaches so far or not: there only its own end counts.
        var size = _outer.CanSeek ? _outer.Length : _outer.Position;
        if (size != Padme.PaddedSize(CustodySeal.LengthSize + _innerSize))
            throw new PayloadAuthenticationException($"a sealed object has {size} bytes inside its outer seal, which is not the padded size");
        _checked = true;
    }
}

/// <summary>The next bytes of a stream, as if it began and ended there. Seeks where the stream can.</summary>
internal sealed class StreamWindow : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly long _start;
    private readonly long _size;
    private long _position;

    public StreamWindow(Stream source, long sizeBytes)
    {
        (_source, _size) = (source, sizeBytes);
        if (source.CanSeek) _start = source.Position;
    }

    public override bool CanSeek => _source.CanSeek;

    /// <summary>The size that was said, whether the stream has so much or not.</summary>
    public override long Length => _size;

    public override long Position
    {
        get => _position;
        set => _position = CanSeek ? value : throw new NotSupportedException("the source cannot seek");
    }

    public override int Read(Span<byte> buffer)
    {
        var read = _source.Read(buffer[..Room(buffer.Length)]);
        _position += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _source.ReadAsync(buffer[..Room(buffer.Length)], cancellationToken);
        _position += read;
        return read;
    }

    private int Room(int wanted)
    {
        if (CanSeek) _source.Position = _start + _position;
        return (int)Math.Clamp(_size - _position, 0, wanted);
    }
}
