using Tutelage.Recording.Captured;

namespace Tutelage.Recording.Tests;

/// <summary>Pictures like screens: plain areas, lines, a gradient, a corner of noise.</summary>
internal static class Pictures
{
    public static ScreenImage Random(ScreenSize size, int seed)
    {
        var random = new Random(seed);
        var image = ScreenImage.Rent(size, size.Bounds);
        image.Fill(size.Bounds, (uint)random.Next(1 << 24));
        for (var i = 0; i < 12; i++)
            image.Fill(new(random.Next(size.Width), random.Next(size.Height), random.Next(1, 1 + size.Width / 2), random.Next(1, 1 + size.Height / 3)), (uint)random.Next());
        for (var y = 0; y < Math.Min(40, size.Height); y++)
            for (var x = 0; x < Math.Min(90, size.Width); x++)
                image.Fill(new(x, y, 1, 1), x < 45 ? (uint)random.Next() : (uint)(x * 3 | y * 5 << 8 | 200 << 16));
        return image;
    }

    /// <summary>Equal in blue, green and red.</summary>
    public static bool Same(ScreenImage left, ScreenImage right)
    {
        if (left.Size != right.Size) return false;
        var a = left.Pixels;
        var b = right.Pixels;
        for (var i = 0; i < a.Length; i++)
            if (i % 4 != 3 && a[i] != b[i]) return false;
        return true;
    }
}
