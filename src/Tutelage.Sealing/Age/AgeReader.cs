using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>Opens an age file as a stream of plaintext: a chunk is given out only after it was authenticated. Not thread-safe.</summary>
/// <remarks>
/// Where <c>source</c> can seek, so can this: a read opens only the chunks that it touches, and <see cref="Length"/> the last one. Read from the beginning,
/// only a read that returns 0 says that the file was whole; what was read before is authentic but may be a beginning. After a seek, a read that returns 0 says
/// that the length is authentic, not that the chunks passed over are sound.
/// <para>Reads to the end of <c>source</c>, which stays open. Holds two chunks (128 KiB) in memory, whatever the file says.</para>
/// </remarks>
public sealed class AgeReader : ReadOnlyStream
{
    private const long Unknown = -1;
    private const long None = -1;

    private readonly Stream _source;
    private readonly PayloadChunks _chunks;
    private readonly long _payloadStart;
    private readonly long _payloadSize;
    private readonly byte[] _sealed = new byte[PayloadChunks.SealedSize + 1];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(PayloadChunks.PlainSize, pinned: true);
    private int _sealedCount;
    private long _held = None; // number of the chunk in _plain
    private int _heldSize;
    private long _position;
    private long _length = Unknown; // until the last chunk was authenticated
    private long _endedAt = long.MaxValue; // a chunk that was not where it belongs: nothing behind it is given out
    private string _endedWhy = "";

    private AgeReader(Stream source, AgeHeader header, FileKey key, ReadOnlySpan<byte> nonce)
    {
        _source = source;
        Header = header;
        CanSeek = source.CanSeek;
        if (CanSeek) (_payloadStart, _payloadSize) = (source.Position, Math.Max(0, source.Length - source.Position));
        _chunks = new PayloadChunks(key, nonce);
    }

    public AgeHeader Header { get; }

    public override bool CanSeek { get; }

    /// <summary>Where in the plaintext the next read begins; may lie behind its end.</summary>
    /// <exception cref="NotSupportedException">Set, and the source cannot seek.</exception>
    public override long Position
    {
        get => _position;
        set
        {
            if (!CanSeek) throw new NotSupportedException("the source cannot seek");
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <summary>Size of the plaintext in bytes; opens the last chunk.</summary>
    /// <exception cref="PayloadAuthenticationException">The file was cut short or lengthened.</exception>
    public override long Length
    {
        get
        {
            if (!CanSeek) throw new NotSupportedException("the source cannot seek");
            if (_length == Unknown)
            {
                Fetch(LastNumber);
                OpenHeld(LastNumber);
            }
            return _length != Unknown ? _length : throw new PayloadAuthenticationException(_endedWhy);
        }
    }

    private long LastNumber => Math.Max(0, (_payloadSize - 1) / PayloadChunks.SealedSize);

    /// <summary>What the length will be if the last chunk is authentic.</summary>
    private long ClaimedLength =>
        LastNumber * PayloadChunks.PlainSize + Math.Max(0, _payloadSize - LastNumber * PayloadChunks.SealedSize - PayloadChunks.TagSize);

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
        while (Wanted() is var number and not None)
        {
            if (number == _held) return Give(buffer);
            Fetch(number);
            if (IsWholeChunk(number, buffer.Length)) return GiveDirectly(number, buffer);
            OpenHeld(number);
        }
        return 0;
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (Wanted() is var number and not None)
        {
            if (number == _held) return Give(buffer.Span);
            await FetchAsync(number, cancellationToken);
            if (IsWholeChunk(number, buffer.Length)) return GiveDirectly(number, buffer.Span);
            OpenHeld(number);
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_plain);
        _held = None;
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

    /// <summary>The chunk that the next read needs, or <see cref="None"/> at an authentic end.</summary>
    private long Wanted()
    {
        if (_length != Unknown && _position >= _length) return None;
        var number = _position / PayloadChunks.PlainSize;
        if (number > _endedAt) throw new PayloadAuthenticationException(_endedWhy);
        return CanSeek && _position >= ClaimedLength ? LastNumber : number;
    }

    /// <summary>One byte more than a chunk is asked of a source that cannot seek: a chunk is the last if and only if that byte does not come.</summary>
    private void Fetch(long number)
    {
        var room = Room(number);
        _sealedCount += _source.ReadAtLeast(room.Span, room.Length, throwOnEndOfStream: false);
    }

    private async ValueTask FetchAsync(long number, CancellationToken cancellationToken)
    {
        var room = Room(number);
        _sealedCount += await _source.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, cancellationToken);
    }

    private Memory<byte> Room(long number)
    {
        if (!CanSeek) return _sealed.AsMemory(_sealedCount);
        var start = number * PayloadChunks.SealedSize;
        _source.Position = _payloadStart + start;
        _sealedCount = 0;
        return _sealed.AsMemory(0, (int)Math.Min(PayloadChunks.SealedSize, _payloadSize - start));
    }

    private bool IsWholeChunk(long number, int room) =>
        room >= PayloadChunks.PlainSize && _position == number * PayloadChunks.PlainSize;

    private int GiveDirectly(long number, Span<byte> buffer)
    {
        var size = OpenChunk(number, buffer);
        _position += size;
        return size;
    }

    private void OpenHeld(long number)
    {
        _held = None;
        _heldSize = OpenChunk(number, _plain);
        _held = number;
    }

    /// <summary>Opens what was fetched; gives its size.</summary>
    /// <remarks>
    /// A chunk that is sealed as the last though bytes follow, or as another though none do, is authentic: it is given out, as the age test kit has it, and the
    /// read after it fails.
    /// </remarks>
    private int OpenChunk(long number, Span<byte> output)
    {
        var atEnd = CanSeek ? number == LastNumber : _sealedCount < _sealed.Length;
        var size = Math.Min(_sealedCount, PayloadChunks.SealedSize);
        var sealedChunk = _sealed.AsSpan(0, size);
        if (_chunks.TryOpen((ulong)number, sealedChunk, last: atEnd, output))
        {
            if (size == PayloadChunks.TagSize && number > 0)
                throw new PayloadAuthenticationException("the last chunk of an age file is empty though others precede it");
            if (atEnd) _length = number * PayloadChunks.PlainSize + size - PayloadChunks.TagSize;
        }
        else if (size == PayloadChunks.SealedSize && _chunks.TryOpen((ulong)number, sealedChunk, last: !atEnd, output))
        {
            _endedAt = number;
            _endedWhy = atEnd
                ? $"an age file is cut short after chunk {number}; get the file again"
                : $"bytes stand after the last chunk ({number}) of an age file; get the file again";
        }
        else
        {
            throw new PayloadAuthenticationException($"chunk {number} of an age file does not authenticate: altered or cut short; get the file again");
        }
        if (!CanSeek && !atEnd) (_sealed[0], _sealedCount) = (_sealed[PayloadChunks.SealedSize], 1);
        return size - PayloadChunks.TagSize;
    }

    private int Give(Span<byte> buffer)
    {
        var start = (int)(_position - _held * PayloadChunks.PlainSize);
        var count = Math.Min(buffer.Length, _heldSize - start);
        _plain.AsSpan(start, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
