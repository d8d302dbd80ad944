using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Identity;

/// <summary>The nonces seen within the time for which a request is good. Thread-safe; bounded; when it is full of live nonces it refuses.</summary>
/// <remarks>
/// With a file (<see cref="Open"/>) it outlives the process: a request created ahead of the host's clock, or in the second of a restart, is good in the next
/// process too, and would be accepted twice. Without one, both stay open. The file says neither when a request came nor from whom: a mark is a digest, and has no time.
/// </remarks>
public sealed class NonceMemory : IDisposable
{
    /// <summary>About 64 bytes each. A request lives at most 120 s, so this takes 2,184 requests a second.</summary>
    public const int DefaultCapacity = 1 << 18;

    private const int RecordSize = 16; // a mark and no time: the file must not tell whoever reads it later when people worked

    /// <summary>Dead marks that the file may hold beside twice the live ones.</summary>
    private const int Slack = 4096;

    /// <summary>Of a mark whose expiry is not known: created at most a window ahead of the clock, good for another.</summary>
    private static readonly long LongestLifeSeconds = 2 * (long)HttpSignatures.Window.TotalSeconds;

    private readonly Lock _lock = new();
    private readonly HashSet<UInt128> _seen = []; // under _lock, as are the others
    private readonly PriorityQueue<UInt128, long> _expiries = new();
    private readonly FileStream? _file;
    private long _fileSize;
    private int _restored; // marks of an earlier process, counted beside the capacity: most of them are dead
    private long? _restoredUntil;

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
            RestoreNeedsLock(now);
            while (_expiries.TryPeek(out var oldest, out var end) && end < now)
            {
                _expiries.Dequeue();
                _seen.Remove(oldest);
            }
            if (_seen.Contains(mark)) return Answer.Replayed;
            if (_seen.Count - _restored >= Capacity || _seen.Count >= 3L * Capacity) return Answer.Full;
            AppendNeedsLock(mark);
            _seen.Add(mark);
            _expiries.Enqueue(mark, expires);
            return Answer.First;
        }
    }

    private void Load()
    {
        var file = _file!; // only Open calls this, with a file
        if (file.Length > 4L * Capacity * RecordSize)
            throw new IOException($"nonce file {file.Name} has {file.Length} bytes, too many for {Capacity} nonces; open it with its old capacity, or remove it when this host has been down for two minutes");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        for (var at = 0; at + RecordSize <= bytes.Length; at += RecordSize) _seen.Add(BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(at)));
        _restored = _seen.Count;
        _fileSize = bytes.Length / RecordSize * RecordSize;
    }

    /// <summary>What an earlier process left is kept for as long as the newest of it could be good.</summary>
    private void RestoreNeedsLock(long now)
    {
        if (_restored == 0) return;
        if (_restoredUntil is null)
        {
            _restoredUntil = now + LongestLifeSeconds;
            foreach (var mark in _seen) _expiries.Enqueue(mark, _restoredUntil.Value);
        }
        if (_restoredUntil < now) _restored = 0; // the caller drops them now, as it drops all that has expired
    }

    private void AppendNeedsLock(UInt128 mark)
    {
        if (_file is null) return;
        // Dead marks go while they are few beside the live ones; soon after a start nearly all count as live, at most three times the capacity.
        var most = Math.Max(Math.Min(2L * Capacity, (2L * _seen.Count) + Slack), _seen.Count + (_seen.Count >> 2));
        if (_fileSize >= most * RecordSize) RewriteNeedsLock();
        Span<byte> record = stackalloc byte[RecordSize];
        BinaryPrimitives.WriteUInt128BigEndian(record, mark);
        // If the process dies here, the record is whole or cut off (and then overwritten); the request was not answered. A power cut may lose more: no machine
        // is back and asked again within the second for which that matters, save for requests from clocks that run ahead.
        RandomAccess.Write(_file.SafeFileHandle, record, _fileSize);
        _fileSize += RecordSize;
        File.SetLastWriteTimeUtc(_file.SafeFileHandle, DateTime.UnixEpoch);
    }

    /// <summary>Drops what has expired: at most half of a full file is alive.</summary>
    private void RewriteNeedsLock()
    {
        var live = new byte[_expiries.Count * RecordSize];
        var at = 0;
        foreach (var (mark, _) in _expiries.UnorderedItems)
        {
            BinaryPrimitives.WriteUInt128BigEndian(live.AsSpan(at), mark);
            at += RecordSize;
        }
        // If the process dies between these two, old records stand behind the live ones and are read again: a nonce too many is remembered, none too few.
        RandomAccess.Write(_file!.SafeFileHandle, live, 0); // only AppendNeedsLock calls this, with a file
        _file.SetLength(live.Length);
        _fileSize = live.Length;
    }
}
