using System.Runtime.InteropServices;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction.Interface;

namespace Tutelage.Redaction.Pixels;

/// <summary>Redacts the frames of one interval in the order of time.</summary>
/// <remarks>
/// Pixels and trees are two witnesses that never speak at the same instant. A tree is believed alone about changed pixels once nothing has
/// changed there for <see cref="Redactor.SettleMs"/>; until then only what the trees before and after agree on stands, and what was filled for that reason
/// is looked at again with the next frame. Only changed regions are looked at, whole tiles of the recording at a time. If this is wrong, a page's
/// words show in the gaps of the layout before it.
/// </remarks>
internal sealed class FrameRedaction(ScreenMemory screen, FrameOcrCheck? ocr)
{
    /// <summary>One grey for all that is filled, whatever stood there: a sampled colour would be one more thing to think about.</summary>
    public const uint FillColour = 0x00B4B4B4;

    /// <summary>Letters reach over the edge of what changed by less than this.</summary>
    private const int Margin = 8;

    /// <summary>Edge of a recording's tiles (docs/formats/tiles.md); a multiple of <see cref="TextTest.Tile"/>.</summary>
    private const int RecordingTile = 64;

    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(Redactor.SettleMs);

    public long FilledPixels { get; private set; }

    /// <summary>Redacts one frame and disposes it.</summary>
    /// <param name="readings">All trees of the window, oldest first: the last one before the interval to the first one after it.</param>
    /// <param name="touchedNext">When the same region changes again, or the interval's end.</param>
    /// <param name="window">Nothing outside of it is shown.</param>
    /// <param name="masked">Parts in which something was found in this interval.</param>
    /// <returns>Null if no tree says anything about it: nothing leaves.</returns>
    public ScreenImage? Redact(CapturedFrame frame, IReadOnlyList<TreeReading> readings, MonotonicTime touchedNext, ScreenRect window, IReadOnlySet<MaskedPart> masked)
    {
        using var image = frame.Image;
        if (readings.Count == 0) return null;
        var anew = screen.Fit(image.Size) || screen.Window != window;
        screen.Window = window;
        if (!masked.IsSubsetOf(screen.Masked))
        {
            foreach (var part in masked.Except(screen.Masked))
                foreach (var reading in readings)
                    if (reading.Tree.Find(part.ElementId) is { } element) screen.Doubtful = screen.Doubtful.Union(element.Bounds.Intersect(image.Size.Bounds));
            if (screen.Masked.Count > 4096) screen.Masked.Clear();
            screen.Masked.UnionWith(masked);
        }

        var region = Aligned(anew ? image.Size.Bounds : image.Damage.Inflate(Margin).Union(screen.Doubtful), image.Size);
        if (region.IsEmpty) return screen.Stored!.Copy(default);

        using var mask = MaskOf(frame, readings, touchedNext, region, window, out var settled);
        FilledPixels += FillContent(image, mask);
        var lines = ocr?.Read(image, mask);
        FilledPixels += TextTest.Fill(image, mask, lines is null ? null : outline => lines.Any(line => line.Box.Inflate(Margin).Intersects(outline)));
        if (lines is not null) FilledPixels += ocr!.FillFindings(image, lines);
        Store(image, region);
        screen.Doubtful = settled ? default : region;
        return screen.Stored!.Copy(region);
    }

    private static AreaMask MaskOf(CapturedFrame frame, IReadOnlyList<TreeReading> readings, MonotonicTime touchedNext, ScreenRect region, ScreenRect window, out bool settled)
    {
        settled = false;
        TreeReading? before = null, after = null, calm = null;
        foreach (var reading in readings)
        {
            if (reading.Time <= frame.Time) before = reading;
            else after ??= reading;
            if (touchedNext - frame.Time >= Settle && reading.Time + Settle <= touchedNext) calm = reading;
        }

        if (calm is not null)
        {
            settled = true;
            return Inside(AreaMask.Of(calm, region), window);
        }

        if (before is null || after is null) return AreaMask.Closed(region);
        var mask = AreaMask.Of(before, region);
        using var second = AreaMask.Of(after, region);
        mask.Narrow(second);
        return Inside(mask, window);
    }

    /// <summary>Closes what lies outside of the window that the gate decided about.</summary>
    private static AreaMask Inside(AreaMask mask, ScreenRect window)
    {
        var region = mask.Region;
        var visible = window.Intersect(region);
        for (var y = region.Y; y < region.Bottom; y++)
        {
            var row = mask.Cells.Slice((y - region.Y) * region.Width, region.Width);
            if (visible.IsEmpty || y < visible.Y || y >= visible.Bottom) row.Clear();
            else
            {
                row[..(visible.X - region.X)].Clear();
                row[(visible.Right - region.X)..].Clear();
            }
        }

        return mask;
    }

    private static long FillContent(ScreenImage image, AreaMask mask)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        long filled = 0;
        var region = mask.Region;
        for (var y = region.Y; y < region.Bottom; y++)
        {
            var row = mask.Row(y);
            var target = pixels.Slice(y * image.Size.Width + region.X, region.Width);
            for (var x = 0; x < row.Length;)
            {
                var start = row[x..].IndexOf((byte)Area.Content);
                if (start < 0) break;
                x += start;
                var length = row[x..].IndexOfAnyExcept((byte)Area.Content);
                if (length < 0) length = row.Length - x;
                target.Slice(x, length).Fill(FillColour);
                filled += length;
                x += length;
            }
        }

        return filled;
    }

    private void Store(ScreenImage image, ScreenRect region)
    {
        var source = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        var target = MemoryMarshal.Cast<byte, uint>(screen.Stored!.Pixels);
        for (var y = region.Y; y < region.Bottom; y++)
        {
            var at = y * image.Size.Width + region.X;
            source.Slice(at, region.Width).CopyTo(target[at..]);
        }
    }

    private static ScreenRect Aligned(ScreenRect rect, ScreenSize size)
    {
        var clipped = rect.Intersect(size.Bounds);
        if (clipped.IsEmpty) return default;
        var x = clipped.X / RecordingTile * RecordingTile;
        var y = clipped.Y / RecordingTile * RecordingTile;
        var right = (clipped.Right + RecordingTile - 1) / RecordingTile * RecordingTile;
        var bottom = (clipped.Bottom + RecordingTile - 1) / RecordingTile * RecordingTile;
        return new ScreenRect(x, y, right - x, bottom - y).Intersect(size.Bounds);
    }
}
