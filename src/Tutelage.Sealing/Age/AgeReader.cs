using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>Opens an age file as a stream of plaintext: a chunk is given out only after it was authenticated. Not thread-safe.</summary>
/// <remarks>
/// Only <see cref="Read(Span{byte})"/> returning 0 says that the file was whole; what was read before is authentic but may be a beginning.
/// Reads to the end of <c>source</c>, which stays open. Holds two chunks (128 KiB) in memory, whatever the file says.
/// </remarks>
public sealed class AgeReader : SequentialReadStream
{
    private readonly Stream _source;
    private readonly PayloadChunks _chunks;
    private readonly byte[] _sealed = new byte[PayloadChunks.SealedSize + 1];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(PayloadChunks.PlainSize, pinned: true);
    private int _sealedCount;
    private int _plainStart;
    private int _plainEnd;
    private long _position;
    private bool _ended;
    private string? _misplaced;

    private AgeReader(Stream source, AgeHeader header, FileKey key, ReadOnlySpan<byte> nonce)
    {
        _source = source;
        Header = header;
        _chunks = new PayloadChunks(key, nonce);
    }

    public AgeHeader Header { get; }

    /// <summary>Plaintext bytes read so far.</summary>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <exception cref="AgeFormatException">Not an age file.</exception>
    /// <exception cref="NoMatchingIdentityException">Sealed to others.</exception>
    public static AgeReader Open(Stream source, AgeIdentity identity)
    {
        var header = AgeHeader.Read(source);
        using var key = header.Unwrap(identity);
        return Open(source, header, key);
    }

    /// <exception cref="AgeFormatException">Not an age file, or not this key's.</exception>
    public static AgeReader OpenWithFileKey(Stream source, FileKey key)
    {
        var header = AgeHeader.Read(source);
        header.Authenticate(key);
        return Open(source, header, key);
    }

    /// <inheritdoc cref="Open(Stream, AgeIdentity)"/>
    public static async Task<AgeReader> OpenAsync(Stream source, AgeIdentity identity, CancellationToken cancellationToken = default)
    {
        var header = await AgeHeader.ReadAsync(source, cancellationToken);
        using var key = header.Unwrap(identity);
        return await OpenAsync(source, header, key, cancellationToken);
    }

    /// <inheritdoc cref="OpenWithFileKey"/>
    public static async Task<AgeReader> OpenWithFileKeyAsync(Stream source, FileKey key, CancellationToken cancellationToken = default)
    {
        var header = await AgeHeader.ReadAsync(source, cancellationToken);
        header.Authenticate(key);
        return await OpenAsync(source, header, key, cancellationToken);
    }

    /// <exception cref="PayloadAuthenticationException">The payload was altered or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        if (_plainStart == _plainEnd && !_ended)
        {
            _sealedCount += _source.ReadAtLeast(_sealed.AsSpan(_sealedCount), _sealed.Length - _sealedCount, throwOnEndOfStream: false);
            OpenChunk();
        }
        return Give(buffer);
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (_plainStart == _plainEnd && !_ended)
        {
            _sealedCount += await _source.ReadAtLeastAsync(
                _sealed.AsMemory(_sealedCount), _sealed.Length - _sealedCount, throwOnEndOfStream: false, cancellationToken);
            OpenChunk();
        }
        return Give(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_plain);
        (_plainStart, _plainEnd) = (0, 0);
        _chunks.Dispose();
        base.Dispose(disposing);
    }

    private static AgeReader Open(Stream source, AgeHeader header, FileKey key)
    {
        Span<byte> nonce = stackalloc byte[PayloadChunks.NonceSize];
        if (source.ReadAtLeast(nonce, nonce.Length, throwOnEndOfStream: false) < nonce.Length) throw NoNonce();
        return new AgeReader(source, header, key, nonce);
    }

    private static async Task<AgeReader> OpenAsync(Stream source, AgeHeader header, FileKey key, CancellationToken cancellationToken)
    {
        var nonce = new byte[PayloadChunks.NonceSize];
        if (await source.ReadAtLeastAsync(nonce, nonce.Length, throwOnEndOfStream: false, cancellationToken) < nonce.Length) throw NoNonce();
        return new AgeReader(source, header, key, nonce);
    }

    private static AgeFormatException NoNonce() => new("an age file ends within the nonce behind its header");

    /// <summary>One byte more than a chunk was asked for, so a chunk is the last if and only if that byte did not come.</summary>
    /// <remarks>
    /// A chunk that is sealed as the last though bytes follow, or as another though none do, is authentic: it is given out, as the age test kit has it, and the
    /// read after it fails.
    /// </remarks>
    private void OpenChunk()
    {
        if (_misplaced is { } fault) throw new PayloadAuthenticationException(fault);
        var atEnd = _sealedCount < _sealed.Length;
        var size = Math.Min(_sealedCount, PayloadChunks.SealedSize);
        var number = _chunks.Count;
        var sealedChunk = _sealed.AsSpan(0, size);
        if (!_chunks.TryOpen(sealedChunk, last: atEnd, _plain))
        {
            if (size < PayloadChunks.SealedSize || !_chunks.TryOpen(sealedChunk, last: !atEnd, _plain))
                throw new PayloadAuthenticationException($"chunk {number} of an age file does not authenticate: altered or cut short; get the file again");
            _misplaced = atEnd
                ? $"an age file is cut short after chunk {number}; get the file again"
                : $"bytes stand after the last chunk ({number}) of an age file; get the file again";
        }
        if (size == PayloadChunks.TagSize && number > 0)
            throw new PayloadAuthenticationException("the last chunk of an age file is empty though others precede it");
        (_plainStart, _plainEnd, _ended) = (0, size - PayloadChunks.TagSize, atEnd && _misplaced is null);
        if (atEnd) return;
        _sealed[0] = _sealed[PayloadChunks.SealedSize];
        _sealedCount = 1;
    }

    private int Give(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _plainEnd - _plainStart);
        _plain.AsSpan(_plainStart, count).CopyTo(buffer);
        _plainStart += count;
        _position += count;
        return count;
    }
}
