using System.Buffers;

namespace Tutelage.Recording.Captured;

/// <summary>Pixels of the whole screen in RAM: 32 bits each, B G R X in memory, rows without padding.</summary>
/// <remarks>The buffer is rented; whoever holds the image last disposes it. Not thread-safe.</remarks>
public sealed class ScreenImage : IDisposable
{
    private byte[]? _rented;

    private ScreenImage(ScreenSize size, ScreenRect damage, byte[] rented) => (Size, Damage, _rented) = (size, damage, rented);

    public ScreenSize Size { get; }

    /// <summary>What may have changed since the image before; the whole screen for the first one.</summary>
    public ScreenRect Damage { get; }

    public int StrideBytes => Size.Width * 4;

    /// <summary>All rows, top to bottom.</summary>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    public Span<byte> Pixels => (_rented ?? throw new ObjectDisposedException(nameof(ScreenImage))).AsSpan(0, StrideBytes * Size.Height);

    public static ScreenImage Rent(ScreenSize size, ScreenRect damage) =>
        new(size, damage, ArrayPool<byte>.Shared.Rent(checked(size.Width * size.Height * 4)));

    /// <summary>A copy of its own with another damage.</summary>
    public ScreenImage Copy(ScreenRect damage)
    {
        var copy = Rent(Size, damage);
        Pixels.CopyTo(copy.Pixels);
        return copy;
    }

    /// <summary>The same pixels with another damage, without copying: this image is disposed of and the new one owns them.</summary>
    public ScreenImage WithDamage(ScreenRect damage) =>
        new(Size, damage, Interlocked.Exchange(ref _rented, null) ?? throw new ObjectDisposedException(nameof(ScreenImage)));

    /// <summary>Paints <paramref name="rect"/> (clipped to the screen) in one colour, <paramref name="bgrx"/> as in memory, little endian.</summary>
    public void Fill(ScreenRect rect, uint bgrx)
    {
        var clipped = rect.Intersect(Size.Bounds);
        if (clipped.IsEmpty) return;
        var pixels = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(Pixels);
        for (var y = clipped.Y; y < clipped.Bottom; y++) pixels.Slice(y * Size.Width + clipped.X, clipped.Width).Fill(bgrx);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
    }
}
