using System.Security.Cryptography;

namespace Tutelage.Server.Ingest;

/// <summary>A request's body, read once from front to back, digested as it passes, never held whole, and not waited for endlessly.</summary>
/// <remarks>
/// Kestrel's own lowest rate is an average: whoever sends much at once could then be silent for days. So each read has its own patience.
/// Not thread-safe.
/// </remarks>
internal sealed class UploadBody : IDisposable
{
    /// <summary>A recorder on a bad line comes back within this, or sends again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Stream _body;
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _patience;
    private readonly CancellationTokenSource _either;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _at;
    private int _end;

    /// <param name="aborted">The client went away.</param>
    public UploadBody(Stream body, TimeProvider time, CancellationToken aborted)
    {
        (_body, _aborted) = (body, aborted);
        _patience = new(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_patience.Token, aborted);
    }

    /// <summary>The bytes before the next <c>\n</c>, which is taken too; null if there is none within <paramref name="limitBytes"/> or before the end.</summary>
    /// <exception cref="BodyStalledException">Nothing came for ten seconds.</exception>
    public async ValueTask<byte[]?> ReadLineAsync(int limitBytes)
    {
        using var line = new MemoryStream();
        while (true)
        {
            if (_at == _end && !await FillAsync()) return null;
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
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        if (_at < _end)
        {
            var take = Math.Min(destination.Length, _end - _at);
            _buffer.AsMemory(_at, take).CopyTo(destination);
            _at += take;
            return take;
        }
        var got = await ReadPatientlyAsync(destination);
        _digest.AppendData(destination.Span[..got]);
        return got;
    }

    /// <summary>Reads and forgets up to <paramref name="limitBytes"/>, so that a client which is still writing comes to read our answer.</summary>
    /// <returns>True if that was the end of the body.</returns>
    public async ValueTask<bool> DrainAsync(long limitBytes)
    {
        var scratch = new byte[64 * 1024];
        for (var left = limitBytes; left > 0;)
        {
            var got = await ReadAsync(scratch);
            if (got == 0) return true;
            left -= got;
        }
        return false;
    }

    /// <summary>SHA-256 of everything read so far. Once.</summary>
    public byte[] Digest() => _digest.GetHashAndReset();

    private async ValueTask<bool> FillAsync()
    {
        (_at, _end) = (0, await ReadPatientlyAsync(_buffer));
        _digest.AppendData(_buffer, 0, _end);
        return _end > 0;
    }

    private async ValueTask<int> ReadPatientlyAsync(Memory<byte> destination)
    {
        _patience.CancelAfter(Patience);
        try
        {
            return await _body.ReadAsync(destination, _either.Token);
        }
        catch (OperationCanceledException) when (!_aborted.IsCancellationRequested)
        {
            throw new BodyStalledException();
        }
        catch (IOException broken) when (broken is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("the body's chunks or its connection broke", broken); // Kestrel gives a chunk of impossible size no type of its own
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _patience.Dispose();
        _digest.Dispose();
    }
}

/// <summary>The client stopped sending within its body; whatever it wanted was not done.</summary>
internal sealed class BodyStalledException : Exception;
