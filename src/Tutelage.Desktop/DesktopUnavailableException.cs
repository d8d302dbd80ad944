namespace Tutelage.Desktop;

/// <summary>The desktop cannot be reached, or was lost while somebody acted on it.</summary>
public sealed class DesktopUnavailableException(string desktop, string why) : Exception($"desktop '{desktop}' is not available: {why}")
{
    public string Desktop { get; } = desktop;
}
