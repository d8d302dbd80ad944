using System.Runtime.InteropServices;

namespace Tutelage.Desktop.X11;

/// <summary>Every key, button and motion of the display, whoever has the focus or a grab.</summary>
/// <remarks>
/// <para>
/// Two extensions, because neither is enough. XInput2's raw events are complete and come at once, but without the pointer's position
/// and the modifiers, and not at all for keys that repeat or a pointer that was warped (measured on X.Org 21.1). RECORD's device events
/// carry position, modifiers and repeats exactly as the server applied them, but some may be missing, and the server may sit on the last of
/// them until it has something else to send. <see cref="InputMerge"/> makes one stream of both; <see cref="Ask"/> makes the server send.
/// </para>
/// <para>If this is wrong, events are lost or land in the wrong context; the tests drive it with known XTEST sequences and count.</para>
/// </remarks>
internal sealed unsafe class InputStream : IDisposable
{
    /// <summary>How long a raw event may wait for its counterpart before the server is asked for it.</summary>
    public const int SettleMs = 8;

    /// <summary>Round trips without anything new after which a counterpart is known not to come.</summary>
    private const int PatientAsks = 4;

    private const int FromServer = 0;
    private const nuint AllClients = 3;
    private const int AllMasterDevices = 1;
    private const int RawKeyPress = 13, RawMotion = 17;
    private const uint CoreKeyboard = 0x100;
    private const int CoreEventBytes = 32;

    private readonly XConnection _control;
    private readonly XConnection _wire;
    private readonly int _xinput;
    private readonly GCHandle _self;
    private nint _context;
    private int _asked;
    private readonly Queue<DeviceEvent> _arrived = new();

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

    public InputMerge Merge { get; } = new();

    /// <summary>Starts or stops reading; while stopped the server sends nothing at all.</summary>
    public void SetReading(bool reading)
    {
        if (reading == (_context != 0)) return;
        // RECORD reads before the first raw event and after the last one: a raw event outside would wait for a counterpart in vain.
        if (reading) Start();
        SelectRaw(reading);
        if (!reading) Stop();
        _arrived.Clear();
        Merge.Clear();
    }

    private void SelectRaw(bool reading)
    {
        var mask = stackalloc byte[4];
        new Span<byte>(mask, 4).Clear();
        if (reading)
            for (var type = RawKeyPress; type <= RawMotion; type++) mask[type >> 3] |= (byte)(1 << (type & 7));
        var masks = new Xlib.XIEventMask { Device = AllMasterDevices, MaskLength = 4, Mask = mask };
        _ = Xlib.XISelectEvents(_control.Display, _control.Root, &masks, 1);
        _ = Xlib.XSync(_control.Display, 0);
    }

    /// <summary>Takes in <paramref name="event"/> of the control connection if it is a raw event.</summary>
    public bool TakeRaw(Xlib.XEvent* @event)
    {
        if (@event->Type != Xlib.GenericEvent || @event->Extension != _xinput) return false;
        if (Xlib.XGetEventData(_control.Display, @event) == 0) return true;
        if (_context != 0 && @event->ExtensionType is >= RawKeyPress and <= RawMotion)
        {
            var raw = @event->Raw;
            var isMotion = @event->ExtensionType == RawMotion;
            Merge.Add(new RawEvent(
                @event->ExtensionType - RawKeyPress + Xlib.KeyPress, isMotion ? (byte)0 : (byte)raw->Detail, (uint)raw->Time, raw->Source,
                isMotion ? Valuator(raw, 0) : null, isMotion ? Valuator(raw, 1) : null));
        }

        Xlib.XFreeEventData(_control.Display, @event);
        return true;
    }

    /// <summary>Reads what RECORD has sent; never waits. It counts once <see cref="Flow"/> is called.</summary>
    public void Read()
    {
        if (_context != 0 && !_wire.IsLost) Xlib.XRecordProcessReplies(_wire.Display);
    }

    /// <summary>Makes the server send what it holds, and reads it; the control connection's events must be read afterwards.</summary>
    public void Ask()
    {
        if (_context == 0 || _control.IsLost) return;
        _ = Xlib.XSync(_control.Display, 0);
        _asked++;
        Read();
    }

    /// <summary>Merges what was read. MUST follow the reading of the control connection: the server sends a raw event before its counterpart.</summary>
    /// <remarks>After asking some times in vain, what still waits is made up for.</remarks>
    public void Flow()
    {
        if (_arrived.Count > 0 || !Merge.IsWaiting) _asked = 0;
        while (_arrived.TryDequeue(out var recorded)) Merge.Add(recorded);
        if (_asked > PatientAsks) GiveUp(untilMs: null);
    }

    /// <summary>Nothing up to <paramref name="untilMs"/> (null: at all) waits any longer.</summary>
    public void GiveUp(uint? untilMs)
    {
        if (!Merge.IsWaiting || _control.IsLost) return;
        Xlib.XkbState state;
        _ = Xlib.XkbGetState(_control.Display, CoreKeyboard, &state);
        var now = (ushort)(state.Mods | state.Group << 13);
        if (untilMs is { } time) Merge.GiveUp(time, now);
        else Merge.GiveUp(now);
        _asked = 0;
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
    }

    /// <summary>The value of valuator <paramref name="index"/> (0 or 1) before acceleration; values stand only for bits that are set.</summary>
    private static double? Valuator(Xlib.XIRawEvent* raw, int index)
    {
        if (raw->ValuatorMaskLength < 1 || (raw->ValuatorMask[0] & (1 << index)) == 0) return null;
        return raw->RawValues[index == 1 && (raw->ValuatorMask[0] & 1) != 0 ? 1 : 0];
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
                var type = bytes[0] & 0x7f;
                stream._arrived.Enqueue(new DeviceEvent(
                    type, type == Xlib.MotionNotify ? (byte)0 : bytes[1], MemoryMarshal.Read<uint>(bytes[4..]), MemoryMarshal.Read<short>(bytes[20..]),
                    MemoryMarshal.Read<short>(bytes[22..]), MemoryMarshal.Read<ushort>(bytes[28..])));
            }
        }

        Xlib.XRecordFreeData(data);
    }
}
