using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Ocr;

/// <summary>Finds lines of text: a map of how likely each pixel belongs to one, cut into connected patches (differentiable binarisation, Liao et al. 2020).</summary>
internal static class LineFinder
{
    /// <summary>The model halves its input five times.</summary>
    private const int Multiple = 32;

    /// <summary>PP-OCR's own thresholds: of a pixel, and of a patch's mean (lowered: a missed line costs more here than an empty one).</summary>
    private const float PixelThreshold = 0.3f, PatchThreshold = 0.5f;

    /// <summary>The map shows lines shrunk; 2.0 read drawn screens best (PP-OCR itself uses 1.5).</summary>
    private const float Unclip = 2.0f;

    /// <summary>Patches smaller than this are specks.</summary>
    private const int LeastPixels = 10, LeastEdge = 3;

    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Deviation = [0.229f, 0.224f, 0.225f];

    public static IReadOnlyList<ScreenRect> Find(OnnxModel model, ScreenImage image, ScreenRect area)
    {
        var width = Math.Max(Multiple, (area.Width + Multiple / 2) / Multiple * Multiple);
        var height = Math.Max(Multiple, (area.Height + Multiple / 2) / Multiple * Multiple);
        var input = new float[3 * width * height];
        PixelTensor.Fill(image, area, input, width, height, width, Mean, Deviation);
        var (map, _) = model.Run(input, [1, 3, height, width]);

        var boxes = new List<ScreenRect>();
        var stack = new Stack<int>();
        for (var seed = 0; seed < map.Length; seed++)
        {
            if (map[seed] <= PixelThreshold) continue;
            int left = int.MaxValue, right = 0, top = int.MaxValue, bottom = 0, count = 0;
            var sum = 0f;
            Visit(seed);
            while (stack.TryPop(out var at))
            {
                int x = at % width, y = at / width;
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
                if (x > 0) Visit(at - 1);
                if (x < width - 1) Visit(at + 1);
                if (y > 0) Visit(at - width);
                if (y < height - 1) Visit(at + width);
            }

            float wide = right - left + 1, high = bottom - top + 1;
            if (count < LeastPixels || wide < LeastEdge || high < LeastEdge || sum / count < PatchThreshold) continue;
            var grow = wide * high * Unclip / (2 * (wide + high));
            float scaleX = (float)area.Width / width, scaleY = (float)area.Height / height;
            var x0 = (int)MathF.Floor((left - grow) * scaleX);
            var y0 = (int)MathF.Floor((top - grow) * scaleY);
            var box = new ScreenRect(area.X + x0, area.Y + y0, (int)MathF.Ceiling((wide + 2 * grow) * scaleX), (int)MathF.Ceiling((high + 2 * grow) * scaleY)).Intersect(area);
            if (!box.IsEmpty) boxes.Add(box);

            void Visit(int at)
            {
                if (map[at] <= PixelThreshold) return;
                count++;
                sum += map[at];
                map[at] = 0;
                stack.Push(at);
            }
        }

        boxes.Sort((a, b) => a.Y != b.Y ? a.Y.CompareTo(b.Y) : a.X.CompareTo(b.X));
        return boxes;
    }
}
