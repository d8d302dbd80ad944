using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Ocr;

/// <summary>Pixels as the models want them: planes B, G, R of normalised floats, resized bilinearly.</summary>
internal static class PixelTensor
{
    /// <param name="stride">Floats per row of a plane, at least <paramref name="width"/>; the rest of a row is left at zero.</param>
    public static void Fill(ScreenImage image, ScreenRect source, float[] target, int width, int height, int stride, float[] mean, float[] deviation)
    {
        var pixels = image.Pixels;
        var columns = new (int Left, int Right, float Part)[width];
        for (var x = 0; x < width; x++) columns[x] = Sample(source.X, source.Width, x, width, image.Size.Width);
        for (var y = 0; y < height; y++)
        {
            var (top, bottom, down) = Sample(source.Y, source.Height, y, height, image.Size.Height);
            var upper = pixels.Slice(top * image.StrideBytes, image.StrideBytes);
            var lower = pixels.Slice(bottom * image.StrideBytes, image.StrideBytes);
            for (var plane = 0; plane < 3; plane++)
            {
                var row = target.AsSpan((plane * height + y) * stride, width);
                var scale = 1 / (255f * deviation[plane]);
                var shift = mean[plane] / deviation[plane];
                for (var x = 0; x < row.Length; x++)
                {
                    var (left, right, along) = columns[x];
                    var above = upper[left * 4 + plane] * (1 - along) + upper[right * 4 + plane] * along;
                    var below = lower[left * 4 + plane] * (1 - along) + lower[right * 4 + plane] * along;
                    row[x] = (above * (1 - down) + below * down) * scale - shift;
                }
            }
        }
    }

    private static (int First, int Second, float Part) Sample(int start, int length, int at, int count, int limit)
    {
        var position = Math.Clamp(start + (at + 0.5f) * length / count - 0.5f, 0, limit - 1);
        var first = (int)position;
        return (first, Math.Min(first + 1, limit - 1), position - first);
    }
}
