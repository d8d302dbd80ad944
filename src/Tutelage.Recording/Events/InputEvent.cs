namespace Tutelage.Recording.Events;

/// <summary>Stored input, class <see cref="ContentClass.Input"/>: what a hand did, without the letters it wrote.</summary>
public abstract record InputEvent(SessionTime Time);

/// <summary>The pointer came to <paramref name="Position"/>.</summary>
public sealed record PointerMoved(SessionTime Time, ScreenPoint Position) : InputEvent(Time);

/// <summary>A button went down or up.</summary>
public sealed record ButtonChanged(SessionTime Time, PointerButton Button, bool Down, ScreenPoint Position, KeyModifiers Modifiers = KeyModifiers.None) : InputEvent(Time);

/// <summary>The wheel turned, in notches; positive <paramref name="Dy"/> is down, positive <paramref name="Dx"/> right.</summary>
public sealed record Scrolled(SessionTime Time, int Dx, int Dy, ScreenPoint Position, KeyModifiers Modifiers = KeyModifiers.None) : InputEvent(Time);

/// <summary>A key that writes nothing by itself: a shortcut, a navigation or function key, a modifier. Letters without a modifier are never here.</summary>
/// <param name="Key">Canonical lower-case name: <c>enter</c>, <c>tab</c>, <c>escape</c>, <c>backspace</c>, <c>delete</c>, <c>up</c>, <c>home</c>, <c>f5</c>, <c>control</c>, <c>c</c> (only with Control, Alt or Super).</param>
/// <param name="Modifiers">Held before this event.</param>
public sealed record KeyChanged(SessionTime Time, string Key, KeyModifiers Modifiers, bool Down) : InputEvent(Time);

/// <summary>A run of typing into one field, as shape. Its letters, where the manifest lets them stand, are a <see cref="TypedText"/> of the same <paramref name="Run"/>.</summary>
/// <param name="Run">Counts from 0 within the session.</param>
/// <param name="ElementId">The field, -1 if not observed.</param>
/// <param name="Shape">Of the text that the run left behind (corrections applied).</param>
/// <param name="Keystrokes">Length class of the number of key presses (<see cref="TextShape.LengthClassOf"/>).</param>
/// <param name="Corrected">The run holds corrections (Backspace, Delete, overwritten selection).</param>
public sealed record TypedRun(SessionTime Time, SessionTime End, int Run, int ElementId, TextShape Shape, int Keystrokes, bool Corrected) : InputEvent(Time);
