using System.Security.Cryptography;

namespace Tutelage.Server.Ingest;

/// <summary>A request's body, read once from front to back, digested as it passes, never held whole.</summary>
internal sealed class UploadBody(Stream body) : IDisposable
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _at;
    private int _end;

    /// <summary>The bytes before the next <c>\n</c>, which is taken too; null if there is none within <paramref name="limitBytes"/> or before the end.</summary>
    public async ValueTask<byte[]?> ReadLineAsync(int limitBytes, CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        while (true)
        {
            if (_at == _end && !await FillAsync(cancellation)) return null;
            var feed = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)'\n');
            var take = feed < 0 ? _end - _at : feed;
            if (line.Length + take > limitBytes) return null;
            line.Write(_buffer, _at, take);
            _at += take;
            if (feed < 0) continue;
            _at++;
            return line.ToArray();
        }
    }

    /// <returns>0 at the end of the body.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        if (_at < _end)
        {
            var take = Math.Min(destination.Length, _end - _at);
            _buffer.AsMemory(_at, take).CopyTo(destination);
            _at += take;
            return take;
        }
        var got = await body.ReadAsync(destination, cancellation);
        _digest.AppendData(destination.Span[..got]);
        return got;
    }

    /// <summary>Reads and forgets up to <paramref name="limitBytes"/>, so that a client which is still writing comes to read our answer.</summary>
    /// <returns>True if that was the end of the body.</returns>
    public async ValueTask<bool> DrainAsync(long limitBytes, CancellationToken cancellation)
    {
        var scratch = new byte[64 * 1024];
        for (var left = limitBytes; left > 0;)
        {
            var got = await ReadAsync(scratch, cancellation);
            if (got == 0) return true;
            left -= got;
        }
        return false;
    }

    /// <summary>SHA-256 of everything read so far. Once.</summary>
    public byte[] Digest() => _digest.GetHashAndReset();

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        (_at, _end) = (0, await body.ReadAsync(_buffer, cancellation));
        _digest.AppendData(_buffer, 0, _end);
        return _end > 0;
    }

    public void Dispose() => _digest.Dispose();
}
