using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using Tutelage.Recording;
using Tutelage.Redaction.Interface;

namespace Tutelage.Redaction.Pixels;

/// <summary>One byte per pixel of a region: <see cref="Area.Content"/>, <see cref="Area.Unexplained"/> or <see cref="Area.Interface"/>.</summary>
/// <remarks>Ordered from closed to open, so that the smaller of two masks is the careful one.</remarks>
internal sealed class AreaMask : IDisposable
{
    /// <summary>A tree that paints more than this many times the region is hostile: everything in it is filled.</summary>
    private const int MaxOverpaint = 64;

    /// <summary>Width of a field's outline that stays: letters keep more distance than that.</summary>
    private const int FieldOutline = 2;

    /// <summary>Rectangles of elements are clamped to this many pixels from the origin: they are claims of another program.</summary>
    private const int FarAway = 100_000;

    private readonly byte[] _rented;
    private readonly int _length;

    private AreaMask(ScreenRect region)
    {
        Region = region;
        _length = region.Width * region.Height;
        _rented = ArrayPool<byte>.Shared.Rent(_length);
        Cells.Clear();
    }

    public ScreenRect Region { get; }

    public Span<byte> Cells => _rented.AsSpan(0, _length);

    public ReadOnlySpan<byte> Row(int y) => Cells.Slice((y - Region.Y) * Region.Width, Region.Width);

    /// <summary>Everything is content.</summary>
    public static AreaMask Closed(ScreenRect region) => new(region);

    /// <summary>What one tree says about <paramref name="region"/>.</summary>
    public static AreaMask Of(TreeReading reading, ScreenRect region)
    {
        var mask = new AreaMask(region);
        if (reading.IsCut) return mask;
        var elements = reading.Tree.Elements;
        var budget = (long)MaxOverpaint * region.Area;
        var window = Sane(reading.Tree.Context.Bounds);
        for (var i = 0; i < reading.Verdicts.Length; i++)
            if (elements[i].ParentId < 0) mask.Paint(Sane(elements[i].Bounds).Intersect(window), Area.Unexplained, ref budget);
        for (var i = 0; i < reading.Verdicts.Length; i++)
        {
            var verdict = reading.Verdicts[i];
            if (verdict.Area == Area.Transparent || elements[i].Bounds.IsEmpty) continue;
            var bounds = Sane(elements[i].Bounds).Intersect(window);
            if (verdict.Area == Area.Field)
            {
                mask.Paint(bounds, Area.Interface, ref budget);
                mask.Paint(bounds.Inflate(-FieldOutline), Area.Content, ref budget);
            }
            else mask.Paint(bounds, verdict.Area, ref budget);
        }

        // A secret is filled whatever is drawn above it: order in the tree is a claim too.
        for (var i = 0; i < reading.Verdicts.Length; i++)
            if (reading.Verdicts[i] is { NameSecret: true } or { ValueSecret: true } && elements[i].Bounds.Area < region.Area / 2)
                mask.Paint(Sane(elements[i].Bounds), Area.Content, ref budget);
        if (budget < 0) mask.Cells.Clear();
        return mask;
    }

    /// <summary>Keeps of every pixel the more careful word of the two.</summary>
    public void Narrow(AreaMask other)
    {
        var mine = MemoryMarshal.Cast<byte, Vector<byte>>(Cells);
        var theirs = MemoryMarshal.Cast<byte, Vector<byte>>(other.Cells);
        for (var i = 0; i < mine.Length; i++) mine[i] = Vector.Min(mine[i], theirs[i]);
        for (var i = mine.Length * Vector<byte>.Count; i < _length; i++) Cells[i] = Math.Min(Cells[i], other.Cells[i]);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);

    private void Paint(ScreenRect rect, Area area, ref long budget)
    {
        var clipped = rect.Intersect(Region);
        if (clipped.IsEmpty || (budget -= clipped.Area + clipped.Height) < 0) return;
        for (var y = clipped.Y; y < clipped.Bottom; y++) Cells.Slice((y - Region.Y) * Region.Width + clipped.X - Region.X, clipped.Width).Fill((byte)area);
    }

    private static ScreenRect Sane(ScreenRect rect)
    {
        var x = Math.Clamp(rect.X, -FarAway, FarAway);
        var y = Math.Clamp(rect.Y, -FarAway, FarAway);
        var right = (int)Math.Clamp((long)rect.X + rect.Width, -FarAway, FarAway);
        var bottom = (int)Math.Clamp((long)rect.Y + rect.Height, -FarAway, FarAway);
        return new(x, y, Math.Max(0, right - x), Math.Max(0, bottom - y));
    }
}
