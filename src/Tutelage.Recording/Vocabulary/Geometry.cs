namespace Tutelage.Recording;

/// <summary>A pixel of the whole screen; the origin is its upper left corner. Outside points are kept as they came.</summary>
public readonly record struct ScreenPoint(int X, int Y);

/// <summary>Width and height in pixels.</summary>
public readonly record struct ScreenSize(int Width, int Height)
{
    public ScreenRect Bounds => new(0, 0, Width, Height);
}

/// <summary>A half-open rectangle of screen pixels: <c>[X, X+Width) × [Y, Y+Height)</c>. <c>default</c> is empty.</summary>
public readonly record struct ScreenRect(int X, int Y, int Width, int Height)
{
    public int Right => X + Width;
    public int Bottom => Y + Height;
    public bool IsEmpty => Width <= 0 || Height <= 0;
    public long Area => IsEmpty ? 0 : (long)Width * Height;
    public ScreenPoint Center => new(X + Width / 2, Y + Height / 2);

    public bool Contains(ScreenPoint point) => point.X >= X && point.X < Right && point.Y >= Y && point.Y < Bottom;

    public bool Contains(ScreenRect other) => other.X >= X && other.Y >= Y && other.Right <= Right && other.Bottom <= Bottom;

    public bool Intersects(ScreenRect other) => !Intersect(other).IsEmpty;

    public ScreenRect Intersect(ScreenRect other)
    {
        var x = Math.Max(X, other.X);
        var y = Math.Max(Y, other.Y);
        return new(x, y, Math.Max(0, Math.Min(Right, other.Right) - x), Math.Max(0, Math.Min(Bottom, other.Bottom) - y));
    }

    /// <summary>The smallest rectangle that holds both; an empty one counts for nothing.</summary>
    public ScreenRect Union(ScreenRect other)
    {
        if (IsEmpty) return other;
        if (other.IsEmpty) return this;
        var x = Math.Min(X, other.X);
        var y = Math.Min(Y, other.Y);
        return new(x, y, Math.Max(Right, other.Right) - x, Math.Max(Bottom, other.Bottom) - y);
    }

    public ScreenRect Inflate(int pixels) => new(X - pixels, Y - pixels, Width + 2 * pixels, Height + 2 * pixels);
}
