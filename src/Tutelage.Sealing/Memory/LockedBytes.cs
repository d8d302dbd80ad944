namespace Tutelage.Sealing.Memory;

/// <summary>A secret outside the collector's heap: never copied behind our back, never in swap or a core file where the system allows, zeroed on dispose.</summary>
/// <remarks>
/// The owner MUST dispose it and MUST NOT use <see cref="Span"/> afterwards: the place is given to the next secret. There is no finaliser, because one that ran
/// while a span is still read would turn a key into zeros; what nobody disposes stays where it is and shows in <see cref="LockedMemory.Report"/>.
/// Safe to dispose twice. The bytes themselves are no more thread-safe than an array's.
/// </remarks>
public sealed class LockedBytes : IDisposable
{
    private readonly int _length;
    private LockedSlot? _slot;

    /// <summary>So many zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1 or above <see cref="LockedMemory.MaxSizeBytes"/>.</exception>
    public LockedBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LockedMemory.MaxSizeBytes);
        _length = length;
        var slot = LockedMemory.Take(length);
        (_slot, IsLocked) = (slot, slot.IsLocked);
    }

    /// <summary>The bytes, valid until this is disposed.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public unsafe Span<byte> Span => _slot is { } slot ? new Span<byte>((void*)slot.Address, _length) : throw new ObjectDisposedException(nameof(LockedBytes));

    public int Length => _length;

    /// <summary>False where the system refused: then the bytes may be written to swap.</summary>
    public bool IsLocked { get; }

    /// <summary>A copy of <paramref name="bytes"/>, which the caller zeroes.</summary>
    public static LockedBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var copy = new LockedBytes(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _slot, null) is { } slot) LockedMemory.Return(slot);
    }
}
