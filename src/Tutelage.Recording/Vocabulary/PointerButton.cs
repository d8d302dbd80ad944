namespace Tutelage.Recording;

/// <summary>A pointer button. X11's scroll buttons 4 to 7 are never buttons here: they are scrolls.</summary>
public enum PointerButton
{
    Left = 1,
    Middle = 2,
    Right = 3,
    Back = 8,
    Forward = 9,
}
