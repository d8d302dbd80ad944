namespace Tutelage.Recording;

/// <summary>Modifiers held while a key or button went down. Lock keys are not modifiers.</summary>
[Flags]
public enum KeyModifiers
{
    None = 0,
    Shift = 1,
    Control = 2,
    Alt = 4,
    Super = 8,
    AltGr = 16,
}
