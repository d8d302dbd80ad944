using System.Runtime.InteropServices;

namespace Tutelage.Desktop.X11;

/// <summary>One device event as the server processed it.</summary>
/// <param name="Type">KeyPress to MotionNotify.</param>
/// <param name="Detail">Keycode or button.</param>
/// <param name="State">Modifiers, buttons and layout group before the event.</param>
internal readonly record struct DeviceEvent(int Type, byte Detail, uint TimeMs, short X, short Y, ushort State);

/// <summary>Every key, button and motion of the display, whoever has the focus or a grab.</summary>
/// <remarks>
/// <para>
/// Two extensions, because neither is enough. XInput2's raw events come the moment something happens, but without the pointer's position
/// and the modifiers, and not at all for keys that repeat or a pointer that was warped (measured on X.Org 21.1). RECORD's device events
/// carry position, modifiers and repeats exactly as the server applied them, but the server may sit on the last of them until it has
/// something else to send. So RECORD is what is recorded and a raw event is the alarm: if it is not followed by its RECORD event
/// within <see cref="SettleMs"/>, one round trip makes the server send what it holds.
/// </para>
/// <para>If this is wrong, events are lost or land in the wrong context; the tests drive it with known XTEST sequences and count.</para>
/// </remarks>
internal sealed unsafe class InputStream : IDisposable
{
    public const int SettleMs = 8;

    private const int FromServer = 0;
    private const nuint AllClients = 3;
    private const int AllMasterDevices = 1;
    private const int RawKeyPress = 13, RawMotion = 17;
    private const int CoreEventBytes = 32;

    private readonly XConnection _control;
    private readonly XConnection _wire;
    private readonly int _xinput;
    private readonly GCHandle _self;
    private nint _context;

    /// <exception cref="DesktopUnavailableException">The server lacks XInput 2 or RECORD.</exception>
    public InputStream(XConnection control)
    {
        _control = control;
        int major = 2, minor = 0;
        if (Xlib.XQueryExtension(control.Display, "XInputExtension", out _xinput, out _, out _) == 0 || Xlib.XIQueryVersion(control.Display, ref major, ref minor) != 0)
            throw new DesktopUnavailableException(control.Name, "its X server lacks the XInput extension, version 2");
        if (Xlib.XRecordQueryVersion(control.Display, out _, out _) == 0)
            throw new DesktopUnavailableException(control.Name, "its X server lacks the RECORD extension");
        _wire = XConnection.OpenOrThrow(control.Name);
        _self = GCHandle.Alloc(this);
    }

    public int Fd => _wire.Fd;

    public bool IsLost => _wire.IsLost;

    /// <summary>What has been read and not been taken yet, oldest first.</summary>
    public Queue<DeviceEvent> Pending { get; } = new();

    /// <summary>A raw event came whose RECORD event may still be held by the server.</summary>
    public bool MayLag { get; set; }

    /// <summary>Starts or stops reading; while stopped the server sends nothing at all.</summary>
    public void SetReading(bool reading)
    {
        if (reading == (_context != 0)) return;
        if (reading) Start();
        else Stop();
        var mask = stackalloc byte[4];
        new Span<byte>(mask, 4).Clear();
        if (reading)
            for (var type = RawKeyPress; type <= RawMotion; type++) mask[type >> 3] |= (byte)(1 << (type & 7));
        var masks = new Xlib.XIEventMask { Device = AllMasterDevices, MaskLength = 4, Mask = mask };
        _ = Xlib.XISelectEvents(_control.Display, _control.Root, &masks, 1);
        _ = Xlib.XSync(_control.Display, 0);
    }

    /// <summary>True if <paramref name="event"/> of the control connection was a raw event.</summary>
    public bool IsAlarm(Xlib.XEvent* @event) =>
        @event->Type == Xlib.GenericEvent && @event->Extension == _xinput && @event->ExtensionType is >= RawKeyPress and <= RawMotion;

    /// <summary>Reads into <see cref="Pending"/> what has arrived; never waits.</summary>
    public void Read()
    {
        if (_context == 0 || _wire.IsLost) return;
        Xlib.XRecordProcessReplies(_wire.Display);
    }

    /// <summary>Makes the server send what it holds, and reads it.</summary>
    public void Settle()
    {
        MayLag = false;
        if (_context == 0 || _control.IsLost) return;
        _ = Xlib.XSync(_control.Display, 0);
        Read();
        MayLag = false;
    }

    public void MarkLost() => _wire.MarkLost();

    public void Dispose()
    {
        if (_context != 0 && !_control.IsLost && !_wire.IsLost) Stop();
        _wire.Dispose();
        _self.Free();
    }

    private void Start()
    {
        var range = Xlib.XRecordAllocRange();
        range->DeviceEventsFirst = Xlib.KeyPress;
        range->DeviceEventsLast = Xlib.MotionNotify;
        var clients = AllClients;
        _context = Xlib.XRecordCreateContext(_control.Display, FromServer, &clients, 1, &range, 1);
        _ = Xlib.XFree((nint)range);
        _ = Xlib.XSync(_control.Display, 0);
        if (_context == 0 || Xlib.XRecordEnableContextAsync(_wire.Display, _context, &OnIntercepted, GCHandle.ToIntPtr(_self)) == 0)
            throw new DesktopUnavailableException(_control.Name, "its X server refused to record input (RECORD)");
        _ = Xlib.XFlush(_wire.Display);
    }

    private void Stop()
    {
        _ = Xlib.XRecordDisableContext(_control.Display, _context);
        _ = Xlib.XSync(_control.Display, 0);
        Xlib.XRecordProcessReplies(_wire.Display);
        _ = Xlib.XRecordFreeContext(_control.Display, _context);
        _ = Xlib.XSync(_control.Display, 0);
        _context = 0;
        MayLag = false;
    }

    /// <summary>xEvent of the core protocol: type, detail, sequence, time, root, event, child, root x and y, event x and y, state.</summary>
    [UnmanagedCallersOnly]
    private static void OnIntercepted(nint closure, Xlib.XRecordInterceptData* data)
    {
        if (data->Category == FromServer && data->Bytes != null && GCHandle.FromIntPtr(closure).Target is InputStream stream)
        {
            var bytes = new ReadOnlySpan<byte>(data->Bytes, checked((int)data->Length * 4));
            for (; bytes.Length >= CoreEventBytes; bytes = bytes[CoreEventBytes..])
            {
                stream.Pending.Enqueue(new(
                    bytes[0] & 0x7f, bytes[1], MemoryMarshal.Read<uint>(bytes[4..]), MemoryMarshal.Read<short>(bytes[20..]),
                    MemoryMarshal.Read<short>(bytes[22..]), MemoryMarshal.Read<ushort>(bytes[28..])));
            }
        }

        Xlib.XRecordFreeData(data);
    }
}
