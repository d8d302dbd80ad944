using System.Security.Cryptography;

namespace Tutelage.Jobs.Memory;

/// <summary>Bytes in RAM that grow without being copied, charged to a budget and zeroed at the end. Written at its end, read at its position.</summary>
/// <remarks>A <see cref="MemoryStream"/> would leave a copy of plaintext behind at every doubling, and ends at 2 GB. One thread.</remarks>
internal sealed class PlainBuffer(MemoryBudget budget) : Stream
{
    private const int PageBytes = 256 * 1024;

    private readonly List<byte[]> _pages = [];
    private long _length;
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => true;
    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => _position = value is >= 0 && value <= _length ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Back to the first byte.</summary>
    public PlainBuffer Rewound()
    {
        _position = 0;
        return this;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes at the position; writers that go back (a tar's header, say) overwrite.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_position == (long)_pages.Count * PageBytes)
            {
                budget.Charge(PageBytes);
                _pages.Add(GC.AllocateUninitializedArray<byte>(PageBytes));
            }
            var at = (int)(_position % PageBytes);
            var take = Math.Min(buffer.Length, PageBytes - at);
            buffer[..take].CopyTo(_pages[(int)(_position / PageBytes)].AsSpan(at));
            _position += take;
            _length = Math.Max(_length, _position);
            buffer = buffer[take..];
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var total = 0;
        while (!buffer.IsEmpty && _position < _length)
        {
            var at = (int)(_position % PageBytes);
            var take = (int)Math.Min(Math.Min(buffer.Length, PageBytes - at), _length - _position);
            _pages[(int)(_position / PageBytes)].AsSpan(at, take).CopyTo(buffer);
            _position += take;
            total += take;
            buffer = buffer[take..];
        }
        return total;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        SeekOrigin.End => _length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var page in _pages) CryptographicOperations.ZeroMemory(page);
            budget.Release((long)_pages.Count * PageBytes);
            _pages.Clear();
            (_length, _position) = (0, 0);
        }
        base.Dispose(disposing);
    }
}
