using System.Threading.Channels;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Desktop;

/// <summary>One operating system's desktop: the plug-in point for capture and acting.</summary>
public interface IDesktopAdapter
{
    /// <summary>Short name for messages, such as <c>x11</c>.</summary>
    string Name { get; }

    /// <summary>Can this machine be recorded, and if not, what is missing? Opens nothing that stays open and never throws.</summary>
    DesktopCheck Check();

    /// <summary>Starts to capture. The first events are the context, and a complete frame.</summary>
    /// <exception cref="DesktopUnavailableException">The desktop cannot be reached; <see cref="Check"/> says why.</exception>
    IDesktopCapture OpenCapture(CaptureOptions options);

    /// <summary>Opens the hands: pointer and keys on the same desktop.</summary>
    /// <exception cref="DesktopUnavailableException">The desktop cannot be reached; <see cref="Check"/> says why.</exception>
    IDesktopActor OpenActor();
}

/// <summary>What a desktop reports, in the order in which it happened.</summary>
public interface IDesktopCapture : IAsyncDisposable
{
    /// <summary>Completes when capture was disposed or the desktop is gone (then its last event is a <see cref="CapturedFault"/>).</summary>
    /// <remarks>One reader. Bounded: see <see cref="CaptureOptions.QueueCapacity"/>. Whoever reads a <see cref="CapturedFrame"/> owns its image.</remarks>
    ChannelReader<CapturedEvent> Events { get; }

    /// <summary>Events that were dropped because nobody read, since the beginning. Each stretch of them is also a <see cref="CapturedFault"/>.</summary>
    long Lost { get; }

    ScreenSize Screen { get; }

    /// <summary>False: input, screen and elements are no longer read at all; contexts and faults go on, so that the owner can decide to resume.</summary>
    /// <remarks>True again: the current context, a complete frame and the elements come first. Idempotent, thread-safe.</remarks>
    void SetActive(bool active);
}

/// <summary>Acts on a desktop as hands would. Every call has reached the desktop when it returns. One caller at a time.</summary>
public interface IDesktopActor : IDisposable
{
    ScreenSize Screen { get; }

    /// <summary>Where the pointer is now.</summary>
    ScreenPoint Position { get; }

    /// <summary>Moves the pointer in one step; paths are the caller's.</summary>
    void Move(ScreenPoint position);

    void Button(PointerButton button, bool down);

    /// <summary>Turns the wheel by notches: positive <paramref name="dy"/> is down, positive <paramref name="dx"/> right.</summary>
    void Scroll(int dx, int dy);

    /// <summary>Presses or releases the key that carries <paramref name="keysym"/> (an X keysym name: <c>a</c>, <c>Return</c>, <c>eacute</c>, <c>U0107</c>).</summary>
    /// <remarks>
    /// A keysym that needs Shift or AltGr brings that modifier along unless it is already held. One that is on no key of the layout
    /// borrows an unused key; the layout is as before once the actor is disposed.
    /// </remarks>
    /// <exception cref="ArgumentException">No such keysym.</exception>
    void Key(string keysym, bool down);

    /// <summary>The whole screen as it is. The caller disposes it.</summary>
    ScreenImage Grab();
}
