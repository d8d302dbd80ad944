namespace Tutelage.Desktop.X11;

/// <summary>A desktop behind an X server.</summary>
internal sealed class X11Desktop(string display) : IDesktopAdapter
{
    public string Name => "x11";

    public DesktopCheck Check() => throw new NotImplementedException(display);

    public IDesktopCapture OpenCapture(CaptureOptions options) => throw new NotImplementedException(display);

    public IDesktopActor OpenActor() => throw new NotImplementedException(display);
}
