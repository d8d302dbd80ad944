using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Identity;

/// <summary>The nonces seen within the time for which a request is good. Thread-safe; bounded; when it is full of live nonces it refuses.</summary>
/// <remarks>
/// With a file (<see cref="Open"/>) it outlives the process: a request created ahead of the host's clock, or in the second of a restart, is good in the next
/// process too, and would be accepted twice. Without one, both stay open.
/// </remarks>
public sealed class NonceMemory : IDisposable
{
    /// <summary>About 64 bytes each. A request lives at most 120 s, so this takes 2,184 requests a second.</summary>
    public const int DefaultCapacity = 1 << 18;

    private const int RecordSize = sizeof(long) + 16; // expiry, mark

    private readonly Lock _lock = new();
    private readonly HashSet<UInt128> _seen = []; // under _lock, as are the others
    private readonly PriorityQueue<UInt128, long> _expiries = new();
    private readonly FileStream? _file;
    private long _fileSize;

    /// <param name="capacity">Live nonces at most; 1 and up.</param>
    public NonceMemory(int capacity = DefaultCapacity)
        : this(capacity, null)
    {
    }

    private NonceMemory(int capacity, FileStream? file)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (Capacity, _file) = (capacity, file);
    }

    internal enum Answer
    {
        First,
        Replayed,
        Full,
    }

    public int Capacity { get; }

    /// <summary>Continues with what is in <paramref name="path"/> (created with mode 0600), which holds marks of nonces and no secret. One process at a time.</summary>
    /// <exception cref="IOException">It cannot be read and written, or another process has it.</exception>
    public static NonceMemory Open(string path, int capacity = DefaultCapacity)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var memory = new NonceMemory(capacity, new FileStream(path, options));
        memory.Load();
        return memory;
    }

    public void Dispose() => _file?.Dispose();

    /// <param name="expires">Unix second after which the request is refused for its age anyway.</param>
    /// <exception cref="IOException">The file took no more; the request counts as not seen and MUST be refused.</exception>
    internal Answer Remember(string keyId, string nonce, long expires, long now)
    {
        // Half a SHA-256: two nonces of different requests meet with probability 2^-128 a pair.
        var mark = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{keyId}\n{nonce}")));
        lock (_lock)
        {
            while (_expiries.TryPeek(out var oldest, out var end) && end < now)
            {
                _expiries.Dequeue();
                _seen.Remove(oldest);
            }
            if (_seen.Contains(mark)) return Answer.Replayed;
            if (_seen.Count >= Capacity) return Answer.Full;
            AppendNeedsLock(mark, expires);
            _seen.Add(mark);
            _expiries.Enqueue(mark, expires);
            return Answer.First;
        }
    }

    private void Load()
    {
        var file = _file!; // only Open calls this, with a file
        if (file.Length > (2L * Capacity + 1) * RecordSize)
            throw new IOException($"nonce file {file.Name} has {file.Length} bytes, too many for {Capacity} nonces; open it with its old capacity, or remove it when this host has been down for two minutes");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        for (var at = 0; at + RecordSize <= bytes.Length; at += RecordSize)
        {
            var mark = BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(at + sizeof(long)));
            if (_seen.Add(mark)) _expiries.Enqueue(mark, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)));
        }
        _fileSize = bytes.Length / RecordSize * RecordSize;
    }

    private void AppendNeedsLock(UInt128 mark, long expires)
    {
        if (_file is null) return;
        if (_fileSize >= 2L * Capacity * RecordSize) RewriteNeedsLock();
        Span<byte> record = stackalloc byte[RecordSize];
        BinaryPrimitives.WriteInt64BigEndian(record, expires);
        BinaryPrimitives.WriteUInt128BigEndian(record[sizeof(long)..], mark);
        // If the process dies here, the record is whole or cut off (and then overwritten); the request was not answered. A power cut may lose more: no machine
        // is back and asked again within the second for which that matters, save for requests from clocks that run ahead.
        RandomAccess.Write(_file.SafeFileHandle, record, _fileSize);
        _fileSize += RecordSize;
    }

    /// <summary>Drops what has expired: at most half of a full file is alive.</summary>
    private void RewriteNeedsLock()
    {
        var live = new byte[_expiries.Count * RecordSize];
        var at = 0;
        foreach (var (mark, expires) in _expiries.UnorderedItems)
        {
            BinaryPrimitives.WriteInt64BigEndian(live.AsSpan(at), expires);
            BinaryPrimitives.WriteUInt128BigEndian(live.AsSpan(at + sizeof(long)), mark);
            at += RecordSize;
        }
        // If the process dies between these two, old records stand behind the live ones and are read again: a nonce too many is remembered, none too few.
        RandomAccess.Write(_file!.SafeFileHandle, live, 0); // only AppendNeedsLock calls this, with a file
        _file.SetLength(live.Length);
        _fileSize = live.Length;
    }
}
