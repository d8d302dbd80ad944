namespace Tutelage.Recording.Captured;

/// <summary>Something the desktop reported, before any decision about it.</summary>
/// <remarks>
/// RAM only, on the recording machine, at most until the gate has decided. Nothing in this namespace is ever serialised; what is stored
/// is made of <c>Tutelage.Recording.Events</c>, which only redaction constructs from these.
/// </remarks>
public abstract record CapturedEvent(MonotonicTime Time)
{
    /// <summary>Captured content never reaches a log or an exception: the text of a captured event is its type only.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>The pointer came to <paramref name="Position"/>.</summary>
public sealed record CapturedMove(MonotonicTime Time, ScreenPoint Position) : CapturedEvent(Time);

/// <summary>A button went down or up.</summary>
public sealed record CapturedButton(MonotonicTime Time, PointerButton Button, bool Down, ScreenPoint Position, KeyModifiers Modifiers) : CapturedEvent(Time);

/// <summary>The wheel turned. Units are notches; positive <paramref name="Dy"/> scrolls down, positive <paramref name="Dx"/> right.</summary>
public sealed record CapturedScroll(MonotonicTime Time, int Dx, int Dy, ScreenPoint Position, KeyModifiers Modifiers) : CapturedEvent(Time);

/// <summary>A key went down or up.</summary>
/// <param name="Key">X keysym name (<c>Return</c>, <c>a</c>, <c>eacute</c>), with the layout and modifiers of the moment applied.</param>
/// <param name="Text">What the key writes, null if nothing. Null also while Control, Alt or Super is held.</param>
/// <param name="Modifiers">Held before this event, this key excluded.</param>
/// <param name="Repeat">A key held down: further downs without an up between.</param>
public sealed record CapturedKey(MonotonicTime Time, string Key, string? Text, KeyModifiers Modifiers, bool Down, bool Repeat) : CapturedEvent(Time);

/// <summary>Another window, document or account has the focus from now on.</summary>
public sealed record CapturedContext(MonotonicTime Time, DesktopContext Context) : CapturedEvent(Time);

/// <summary>The visible elements of the focused window as they are now, and which of them has the keyboard focus.</summary>
public sealed record CapturedElements(MonotonicTime Time, ElementTree Tree) : CapturedEvent(Time);

/// <summary>An element of the focused window got the keyboard focus. Sooner than the tree that shows it, and of every change, also of those between two trees.</summary>
/// <param name="ElementId">As in trees of the same window; it may stand in none of them yet.</param>
public sealed record CapturedFocus(MonotonicTime Time, long Window, int ElementId) : CapturedEvent(Time);

/// <summary>The screen changed inside <see cref="Captured.ScreenImage.Damage"/>.</summary>
/// <remarks>The consumer owns the image and disposes it.</remarks>
public sealed record CapturedFrame(MonotonicTime Time, ScreenImage Image) : CapturedEvent(Time);

/// <summary>A hole that the source itself knows of: events dropped, accessibility gone, indicator hidden.</summary>
public sealed record CapturedFault(MonotonicTime Time, GapReason Reason, bool Over) : CapturedEvent(Time);
