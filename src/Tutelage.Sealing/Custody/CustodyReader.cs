using System.Buffers.Binary;

namespace Tutelage.Sealing;

/// <summary>The plaintext of a <see cref="CustodySeal"/> file.</summary>
internal sealed class CustodyReader : SequentialReadStream
{
    private readonly AgeReader _outer;
    private readonly long _innerSize;
    private readonly AgeReader _inner;
    private bool _checked;

    private CustodyReader(AgeReader outer, long innerSize, AgeReader inner) => (_outer, _innerSize, _inner) = (outer, innerSize, inner);

    public override long Position { get => _inner.Position; set => throw new NotSupportedException(); }

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
            return new CustodyReader(outer, size, AgeReader.OpenWithFileKey(new PrefixStream(outer, size), innerKey));
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
            var rest = new byte[PayloadChunks.PlainSize];
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
            var rest = new byte[PayloadChunks.PlainSize];
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

    private void CheckSize()
    {
        if (_outer.Position != Padme.PaddedSize(CustodySeal.LengthSize + _innerSize))
            throw new PayloadAuthenticationException($"a sealed object has {_outer.Position} bytes inside its outer seal, which is not the padded size");
        _checked = true;
    }
}

/// <summary>The first bytes of a stream, as if it ended there.</summary>
internal sealed class PrefixStream(Stream source, long sizeBytes) : SequentialReadStream
{
    private long _left = sizeBytes;

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }
}
