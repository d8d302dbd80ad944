using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>How a spool file ended.</summary>
public enum SpoolEnding
{
    /// <summary>Not read to its end yet.</summary>
    Unknown,

    /// <summary>Completed by its writer: an ordinary age file.</summary>
    Complete,

    /// <summary>The writer died, or is still writing: whole chunks and the last tail.</summary>
    Torn,
}

/// <summary>Reads spool files, complete ones and torn ones, as a stream of plaintext. Not thread-safe.</summary>
/// <remarks>
/// The first chunk that is not whole ends a torn file. The tail then tells: it names the chunk that it begins, and every chunk before that one was on disk
/// when it was written. So a chunk missing below it is no crash but damage, and is refused.
/// </remarks>
public sealed class SpoolFileReader : ReadOnlyStream
{
    private const int BindingSize = 32;

    private readonly string _path;
    private readonly AgeIdentity _identity;
    private readonly FileStream _main;
    private readonly PayloadChunks _chunks;
    private readonly byte[] _binding;
    private readonly byte[] _sealed = new byte[PayloadChunks.SealedSize + 1];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(PayloadChunks.PlainSize, pinned: true);
    private int _sealedCount;
    private int _plainStart;
    private int _plainEnd;
    private long _position;
    private ulong _opened; // chunks

    private SpoolFileReader(string path, AgeIdentity identity, FileStream main)
    {
        (_path, _identity, _main) = (path, identity, main);
        var header = AgeHeader.Read(main);
        using var key = header.Unwrap(identity);
        Span<byte> nonce = stackalloc byte[PayloadChunks.NonceSize];
        if (main.ReadAtLeast(nonce, nonce.Length, throwOnEndOfStream: false) < nonce.Length)
            throw new AgeFormatException($"spool file {path} ends within the nonce behind its header");
        _chunks = new PayloadChunks(key, nonce);
        _binding = SpoolFile.Binding(header.Bytes.Span, nonce);
    }

    /// <summary>Known once a read has returned 0.</summary>
    public SpoolEnding Ending { get; private set; }

    /// <summary>Plaintext bytes read so far.</summary>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <param name="identity">Used until the reader is disposed; stays the caller's.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AgeFormatException">Not an age file.</exception>
    /// <exception cref="NoMatchingIdentityException">Sealed to others.</exception>
    public static SpoolFileReader Open(string path, AgeIdentity identity)
    {
        var main = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return new SpoolFileReader(path, identity, main);
        }
        catch
        {
            main.Dispose();
            throw;
        }
    }

    /// <exception cref="PayloadAuthenticationException">Damage that no crash explains.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        if (_plainStart == _plainEnd && Ending == SpoolEnding.Unknown)
        {
            _sealedCount += _main.ReadAtLeast(_sealed.AsSpan(_sealedCount), _sealed.Length - _sealedCount, throwOnEndOfStream: false);
            OpenChunk();
        }
        var count = Math.Min(buffer.Length, _plainEnd - _plainStart);
        _plain.AsSpan(_plainStart, count).CopyTo(buffer);
        _plainStart += count;
        _position += count;
        return count;
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_plain);
        (_plainStart, _plainEnd) = (0, 0);
        _chunks.Dispose();
        _main.Dispose();
        base.Dispose(disposing);
    }

    private void OpenChunk()
    {
        var isWhole = _sealedCount >= PayloadChunks.SealedSize;
        if (isWhole && _chunks.TryOpen(_opened, _sealed.AsSpan(0, PayloadChunks.SealedSize), last: false, _plain))
        {
            _opened++;
            (_plainStart, _plainEnd) = (0, PayloadChunks.PlainSize);
            _sealed[0] = _sealed[PayloadChunks.SealedSize];
            _sealedCount -= PayloadChunks.SealedSize;
        }
        else if (_sealedCount < _sealed.Length && _chunks.TryOpen(_opened, _sealed.AsSpan(0, _sealedCount), last: true, _plain))
        {
            _opened++;
            (_plainStart, _plainEnd) = (0, _sealedCount - PayloadChunks.TagSize);
            Ending = SpoolEnding.Complete;
        }
        else
        {
            OpenTail();
        }
    }

    private void OpenTail()
    {
        (_plainStart, _plainEnd) = (0, ReadTail());
        Ending = SpoolEnding.Torn;
    }

    /// <summary>How many bytes of <see cref="_plain"/> the tail gave; 0 without one, or with one whose chunk is whole in the file.</summary>
    private int ReadTail()
    {
        FileStream file;
        try
        {
            file = File.OpenRead(SpoolFile.TailPath(_path));
        }
        catch (FileNotFoundException)
        {
            return 0;
        }

        using var _ = file;
        using var tail = AgeReader.Open(file, _identity);
        Span<byte> prefix = stackalloc byte[BindingSize + sizeof(ulong)];
        if (tail.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length || !CryptographicOperations.FixedTimeEquals(prefix[..BindingSize], _binding))
            throw new PayloadAuthenticationException($"the tail beside spool file {_path} belongs to another file; look at what moved them");
        var chunk = BinaryPrimitives.ReadUInt64BigEndian(prefix[BindingSize..]);
        if (chunk > _opened)
            throw new PayloadAuthenticationException($"spool file {_path} is damaged: chunk {_opened} was on disk once and is not whole now");
        if (chunk < _opened) return 0;

        var count = tail.ReadAtLeast(_plain, _plain.Length, throwOnEndOfStream: false);
        Span<byte> more = stackalloc byte[1];
        if (tail.Read(more) != 0) throw new PayloadAuthenticationException($"the tail beside spool file {_path} holds more than a chunk");
        return count;
    }
}
