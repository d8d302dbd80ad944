using Tutelage.Recording;

namespace Tutelage.Practice.Participants;

/// <summary>The way of a hand from one point to another: a bowed curve travelled with minimum jerk, a little tremor on it.</summary>
/// <remarks>Duration by Fitts's law; speed profile by Flash and Hogan (1985), s(t) = 10t³ − 15t⁴ + 6t⁵.</remarks>
internal static class PointerPath
{
    /// <summary>A common mouse reports 125 times a second.</summary>
    public const double SampleMs = 8;

    private const double FittsInterceptMs = 80;
    private const double FittsSlopeMs = 125;

    /// <summary>Points with the millisecond at which each is reached, counted from the start; the last is <paramref name="to"/>.</summary>
    public static IReadOnlyList<(double AtMs, ScreenPoint Point)> Between(ScreenPoint from, ScreenPoint to, double targetWidth, Persona persona, SeededDraw draw)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y;
        var distance = Math.Sqrt(dx * dx + dy * dy);
        if (distance < 1) return [(SampleMs, to)];
        var duration = (FittsInterceptMs + FittsSlopeMs * Math.Log2(distance / Math.Max(6, targetWidth) + 1)) * draw.Between(0.85, 1.2) / persona.Pace;
        var count = Math.Max(3, (int)(duration / SampleMs));

        var (nx, ny) = (-dy / distance, dx / distance);
        var bow = persona.Bow * distance * draw.Between(0.4, 1.5) * (dx < 0 ? -1 : 1);
        var (early, late) = (draw.Between(0.2, 0.4), draw.Between(0.6, 0.85));
        var (ax, ay) = (from.X + dx * early + nx * bow, from.Y + dy * early + ny * bow);
        var (bx, by) = (from.X + dx * late + nx * bow * 0.6, from.Y + dy * late + ny * bow * 0.6);
        var tremor = Math.Min(1.6, distance / 60);
        var (phase, waves) = (draw.Between(0, 2 * Math.PI), draw.Between(2, 5));

        var path = new List<(double, ScreenPoint)>(count);
        for (var i = 1; i <= count; i++)
        {
            var t = (double)i / count;
            var s = t * t * t * (10 + t * (-15 + 6 * t));
            var r = 1 - s;
            var shake = tremor * Math.Sin(phase + waves * 2 * Math.PI * t) * (1 - t);
            var x = r * r * r * from.X + 3 * r * r * s * ax + 3 * r * s * s * bx + s * s * s * to.X + nx * shake;
            var y = r * r * r * from.Y + 3 * r * r * s * ay + 3 * r * s * s * by + s * s * s * to.Y + ny * shake;
            var point = i == count ? to : new ScreenPoint((int)Math.Round(x), (int)Math.Round(y));
            if (path.Count == 0 || path[^1].Item2 != point || i == count) path.Add((t * duration, point));
        }
        return path;
    }
}
