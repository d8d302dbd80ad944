using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Recorder.Tests.Support;

/// <summary>Captured events as a desktop would report them. Times in milliseconds.</summary>
internal static class Captures
{
    public static DesktopContext Editor { get; } = Context("mousepad", 1);

    public static DesktopContext Context(string app, long window, string? document = null) => new(app, 10, window, "notes - Mousepad", document, new(0, 0, 64, 64), false);

    public static MonotonicTime At(double ms) => MonotonicTime.FromMilliseconds(ms);

    public static CapturedContext Enter(double ms, DesktopContext context) => new(At(ms), context);

    public static CapturedMove Move(double ms, int x = 1, int y = 1) => new(At(ms), new(x, y));

    public static CapturedButton Press(double ms, bool down) => new(At(ms), PointerButton.Left, down, new(1, 1), KeyModifiers.None);

    public static CapturedKey Key(double ms, string key, bool down) => new(At(ms), key, key.Length == 1 && down ? key : key == "Return" && down ? "\r" : null, KeyModifiers.None, down, false);

    public static CapturedElements Tree(double ms, DesktopContext context, int focus, params CapturedElement[] elements) => new(At(ms), new(context, elements, focus));

    public static CapturedFrame Frame(double ms, ScreenRect damage, ScreenSize? size = null) => new(At(ms), ScreenImage.Rent(size ?? new(64, 64), damage));
}
