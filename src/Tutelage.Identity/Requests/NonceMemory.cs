using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tutelage.Identity;

/// <summary>The nonces seen within the time for which a request is good. Thread-safe; bounded; when it is full of live nonces it refuses.</summary>
/// <param name="capacity">Live nonces at most, about 64 bytes each; range 1 and up. A request lives at most 120 s, so the default takes 2,184 requests a second.</param>
public sealed class NonceMemory(int capacity = 1 << 18)
{
    private readonly Lock _lock = new();
    private readonly HashSet<UInt128> _seen = []; // under _lock, as is _expiries
    private readonly PriorityQueue<UInt128, long> _expiries = new();

    public int Capacity { get; } = capacity > 0 ? capacity : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "must be at least 1");

    internal enum Answer
    {
        First,
        Replayed,
        Full,
    }

    /// <param name="expires">Unix second after which the request is refused for its age anyway.</param>
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
            _seen.Add(mark);
            _expiries.Enqueue(mark, expires);
            return Answer.First;
        }
    }
}
