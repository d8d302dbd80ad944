namespace Tutelage.Desktop;

/// <summary>A desktop that we know by name and cannot record yet; it says why instead of failing somewhere inside.</summary>
internal sealed class UnsupportedDesktop(string name, string missing, string whatToDo) : IDesktopAdapter
{
    public string Name => name;

    public DesktopCheck Check() => new(false, [missing], whatToDo);

    public IDesktopCapture OpenCapture(CaptureOptions options) => throw Refusal();

    public IDesktopActor OpenActor() => throw Refusal();

    private DesktopUnavailableException Refusal() => new(name, $"{missing} is missing. {whatToDo}");
}
