using Tutelage.Recording.Events;

namespace Tutelage.Recording.Segments;

/// <summary>Input events ⇄ the bytes of one batch; normative page docs/formats/batches.md.</summary>
/// <remarks>
/// <code>
/// batch   u8 version 1 | varint tick_ms | varint count | signed first time in ticks | signed x | signed y | count × event
/// event   u8 tag (bits 0-2 kind, bits 3-7 ticks since the event before; 31: a signed varint of ticks follows) | fields of the kind
/// move    0: signed dx | signed dy                      5: u8 (bits 0-3 dx + 8, bits 4-7 dy + 8)
/// button  1: u8 (bits 0-3 button, bit 4 down) | u8 modifiers | signed dx | signed dy
/// scroll  2: u8 modifiers | signed notches x | signed notches y | signed dx | signed dy
/// key     3: u8 (bits 0-4 modifiers, bit 5 down) | varint number of the key; the number after the last known one brings a new name: varint length | UTF-8
/// run     4: signed ms to its end | varint run | signed element | varint length | u8 (bits 0-3 kind, 4-5 source, 6 corrected) | signed source start
///            | varint source count | varint keystrokes
/// </code>
/// One file because writing and reading must keep the same running state (time, position, names): a slip in one shifts every event behind it.
/// </remarks>
internal static class InputBatch
{
    public const int MaxEvents = 512;

    /// <summary>A batch spans at most this, so that a reader that seeks by time finds an event within a second.</summary>
    public const long MaxSpanMs = 1000;

    /// <summary>278 years: more is not a time, and less than 2^64 nanoseconds.</summary>
    public const long MaxTimeMs = 1L << 43;

    private const byte Version = 1;
    private const int MaxTickMs = 60_000;
    private const int MaxKeyNameBytes = 64;
    private const int FarTicks = 31;

    /// <summary>Refuses what no batch can hold, before it joins one that others are in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time outside of any session, a button, modifier or kind outside the vocabulary, a negative count, a key's name over 64 bytes.</exception>
    public static void Require(InputEvent input)
    {
        if (input.Time.Milliseconds is < 0 or > MaxTimeMs) throw new ArgumentOutOfRangeException(nameof(input), input.Time.Milliseconds, "a session time is from 0 to 2^43 ms");
        switch (input)
        {
            case ButtonChanged button when !Enum.IsDefined(button.Button):
                throw new ArgumentOutOfRangeException(nameof(input), button.Button, "not a button of the vocabulary");
            case ButtonChanged { Modifiers: var held } when !Known(held):
            case Scrolled { Modifiers: var during } when !Known(during):
            case KeyChanged { Modifiers: var with } when !Known(with):
                throw new ArgumentOutOfRangeException(nameof(input), input.GetType().Name, "a modifier outside the vocabulary");
            case KeyChanged key when System.Text.Encoding.UTF8.GetByteCount(key.Key) > MaxKeyNameBytes:
                throw new ArgumentOutOfRangeException(nameof(input), key.Key.Length, $"a key's name has at most {MaxKeyNameBytes} bytes");
            case TypedRun run when run.Run < 0 || run.Keystrokes < 0 || run.Shape.Length < 0 || run.Shape.SourceCount < 0
                                   || run.End.Milliseconds is < 0 or > MaxTimeMs || !Enum.IsDefined(run.Shape.Kind) || !Enum.IsDefined(run.Shape.Source):
                throw new ArgumentOutOfRangeException(nameof(input), run.Run, "a typed run with a negative count, or a kind or time outside the vocabulary");
        }
        KindOf(input);
    }

    /// <param name="events">1 to <see cref="MaxEvents"/>, each accepted by <see cref="Require"/>.</param>
    public static void Encode(ByteBuffer buffer, IReadOnlyList<InputEvent> events, int quantumMs)
    {
        var tick = quantumMs is > 1 and <= MaxTickMs && events.All(input => input.Time.Milliseconds % quantumMs == 0) ? quantumMs : 1;
        var time = events[0].Time.Milliseconds / tick;
        var position = events.Select(PositionOf).FirstOrDefault(point => point is not null) ?? default;
        var names = new Dictionary<string, int>();
        buffer.WriteByte(Version);
        buffer.WriteVarint((ulong)tick);
        buffer.WriteVarint((ulong)events.Count);
        buffer.WriteSigned(time);
        buffer.WriteSigned(position.X);
        buffer.WriteSigned(position.Y);
        foreach (var input in events)
        {
            var ticks = input.Time.Milliseconds / tick - time;
            time += ticks;
            var near = PositionOf(input) is { } at && input is PointerMoved && Near(at.X - (long)position.X) && Near(at.Y - (long)position.Y);
            var kind = near ? Kind.NearMove : KindOf(input);
            buffer.WriteByte((byte)((int)kind | (ticks is >= 0 and < FarTicks ? (int)ticks : FarTicks) << 3));
            if (ticks is < 0 or >= FarTicks) buffer.WriteSigned(ticks);
            switch (input)
            {
                case PointerMoved move when near:
                    buffer.WriteByte((byte)(move.Position.X - position.X + 8 | (move.Position.Y - position.Y + 8) << 4));
                    position = move.Position;
                    break;
                case PointerMoved move:
                    WritePosition(buffer, ref position, move.Position);
                    break;
                case ButtonChanged button:
                    buffer.WriteByte((byte)((int)button.Button | (button.Down ? 16 : 0)));
                    buffer.WriteByte((byte)button.Modifiers);
                    WritePosition(buffer, ref position, button.Position);
                    break;
                case Scrolled scroll:
                    buffer.WriteByte((byte)scroll.Modifiers);
                    buffer.WriteSigned(scroll.Dx);
                    buffer.WriteSigned(scroll.Dy);
                    WritePosition(buffer, ref position, scroll.Position);
                    break;
                case KeyChanged key:
                    buffer.WriteByte((byte)((int)key.Modifiers | (key.Down ? 32 : 0)));
                    WriteKey(buffer, names, key.Key);
                    break;
                case TypedRun run:
                    buffer.WriteSigned(run.End - run.Time);
                    buffer.WriteVarint((uint)run.Run);
                    buffer.WriteSigned(run.ElementId);
                    buffer.WriteVarint((uint)run.Shape.Length);
                    buffer.WriteByte((byte)((int)run.Shape.Kind | (int)run.Shape.Source << 4 | (run.Corrected ? 64 : 0)));
                    buffer.WriteSigned(run.Shape.SourceStart);
                    buffer.WriteVarint((uint)run.Shape.SourceCount);
                    buffer.WriteVarint((uint)run.Keystrokes);
                    break;
            }
        }
    }

    /// <summary>Appends the events of one batch to <paramref name="events"/>.</summary>
    /// <param name="offset">Of <paramref name="bytes"/> in their file.</param>
    /// <exception cref="RecordingFormatException">Not a batch of this version.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, long offset, ICollection<InputEvent> events)
    {
        var cursor = new ByteCursor(bytes, offset);
        if (cursor.ReadByte("version") is var version && version != Version) throw cursor.Fault($"batch version {version} is not known");
        var tick = cursor.ReadCount("tick", MaxTickMs);
        var count = cursor.ReadCount("count of events", MaxEvents);
        if (tick == 0 || count == 0) throw cursor.Fault("a batch without tick or events");
        var ticks = cursor.ReadSigned("first time");
        var position = new ScreenPoint(ReadInt(ref cursor, "x"), ReadInt(ref cursor, "y"));
        var names = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var tag = cursor.ReadByte("tag");
            var step = tag >> 3 == FarTicks ? cursor.ReadSigned("ticks") : tag >> 3;
            ticks = unchecked(ticks + step);
            if (ticks < 0 || ticks > MaxTimeMs / tick) throw cursor.Fault("a time outside of any session");
            var time = new SessionTime(ticks * tick);
            switch ((Kind)(tag & 7))
            {
                case Kind.Move:
                    events.Add(new PointerMoved(time, ReadPosition(ref cursor, ref position)));
                    break;
                case Kind.NearMove:
                    var near = cursor.ReadByte("near move");
                    events.Add(new PointerMoved(time, Step(ref cursor, ref position, (near & 15) - 8, (near >> 4) - 8)));
                    break;
                case Kind.Button:
                    var button = cursor.ReadByte("button");
                    if (button > 31 || !Enum.IsDefined((PointerButton)(button & 15))) throw cursor.Fault($"button {button & 15} is not known");
                    var held = ReadModifiers(ref cursor);
                    events.Add(new ButtonChanged(time, (PointerButton)(button & 15), (button & 16) != 0, ReadPosition(ref cursor, ref position), held));
                    break;
                case Kind.Scroll:
                    var modifiers = ReadModifiers(ref cursor);
                    var (dx, dy) = (ReadInt(ref cursor, "notches"), ReadInt(ref cursor, "notches"));
                    events.Add(new Scrolled(time, dx, dy, ReadPosition(ref cursor, ref position), modifiers));
                    break;
                case Kind.Key:
                    var key = cursor.ReadByte("key");
                    if (key > 63) throw cursor.Fault("unknown flags of a key");
                    events.Add(new KeyChanged(time, ReadKey(ref cursor, names), (KeyModifiers)(key & 31), (key & 32) != 0));
                    break;
                case Kind.Run:
                    events.Add(ReadRun(ref cursor, time));
                    break;
                default:
                    throw cursor.Fault($"event kind {tag & 7} is not known");
            }
        }
        if (cursor.Remaining != 0) throw cursor.Fault($"{cursor.Remaining} bytes behind the last event");
    }

    private static TypedRun ReadRun(ref ByteCursor cursor, SessionTime time)
    {
        var span = cursor.ReadSigned("end of run");
        if (span < -time.Milliseconds || span > MaxTimeMs) throw cursor.Fault("a run that ends outside of any session");
        var run = cursor.ReadCount("run", int.MaxValue);
        var element = ReadInt(ref cursor, "element");
        var length = cursor.ReadCount("length", int.MaxValue);
        var flags = cursor.ReadByte("kind of text");
        var (kind, source) = ((TextKind)(flags & 15), (TextSource)(flags >> 4 & 3));
        if (flags > 127 || !Enum.IsDefined(kind)) throw cursor.Fault($"text kind {flags & 15} is not known");
        var shape = new TextShape(length, kind, source, ReadInt(ref cursor, "source start"), cursor.ReadCount("source count", int.MaxValue));
        return new(time, new(time.Milliseconds + span), run, element, shape, cursor.ReadCount("keystrokes", int.MaxValue), (flags & 64) != 0);
    }

    private static KeyModifiers ReadModifiers(ref ByteCursor cursor)
    {
        var value = cursor.ReadByte("modifiers");
        return value <= 31 ? (KeyModifiers)value : throw cursor.Fault($"modifiers {value} are not known");
    }

    private static void WritePosition(ByteBuffer buffer, ref ScreenPoint position, ScreenPoint next)
    {
        buffer.WriteSigned(next.X - (long)position.X);
        buffer.WriteSigned(next.Y - (long)position.Y);
        position = next;
    }

    private static ScreenPoint ReadPosition(ref ByteCursor cursor, ref ScreenPoint position)
    {
        var (x, y) = (cursor.ReadSigned("x"), cursor.ReadSigned("y"));
        return Step(ref cursor, ref position, x, y);
    }

    private static ScreenPoint Step(ref ByteCursor cursor, ref ScreenPoint position, long dx, long dy)
    {
        var (x, y) = (unchecked(position.X + dx), unchecked(position.Y + dy));
        if (x != (int)x || y != (int)y) throw cursor.Fault("a position outside of 32 bits");
        return position = new((int)x, (int)y);
    }

    private static void WriteKey(ByteBuffer buffer, Dictionary<string, int> names, string name)
    {
        if (KeyNames.Numbers.TryGetValue(name, out var number) || names.TryGetValue(name, out number))
        {
            buffer.WriteVarint((ulong)number);
            return;
        }
        var bytes = System.Text.Encoding.UTF8.GetBytes(name);
        number = KeyNames.Known.Length + names.Count;
        names.Add(name, number);
        buffer.WriteVarint((ulong)number);
        buffer.WriteVarint((ulong)bytes.Length);
        buffer.WriteBytes(bytes);
    }

    private static string ReadKey(ref ByteCursor cursor, List<string> names)
    {
        var number = cursor.ReadCount("number of key", KeyNames.Known.Length + names.Count);
        if (number < KeyNames.Known.Length) return KeyNames.Known[number];
        number -= KeyNames.Known.Length;
        if (number < names.Count) return names[number];
        var name = cursor.Text(cursor.Take(cursor.ReadCount("length of key name", MaxKeyNameBytes), "key name"), "key name");
        names.Add(name);
        return name;
    }

    private static int ReadInt(ref ByteCursor cursor, string what)
    {
        var value = cursor.ReadSigned(what);
        return value == (int)value ? (int)value : throw cursor.Fault($"{what} is outside of 32 bits");
    }

    private static bool Known(KeyModifiers modifiers) => ((int)modifiers & ~31) == 0;

    private static bool Near(long delta) => delta is >= -8 and <= 7;

    private static ScreenPoint? PositionOf(InputEvent input) => input switch
    {
        PointerMoved move => move.Position,
        ButtonChanged button => button.Position,
        Scrolled scroll => scroll.Position,
        _ => null,
    };

    private static Kind KindOf(InputEvent input) => input switch
    {
        PointerMoved => Kind.Move,
        ButtonChanged => Kind.Button,
        Scrolled => Kind.Scroll,
        KeyChanged => Kind.Key,
        TypedRun => Kind.Run,
        _ => throw new ArgumentOutOfRangeException(nameof(input), input.GetType().Name, "not an input event of this format"),
    };

    private enum Kind
    {
        Move = 0,
        Button = 1,
        Scroll = 2,
        Key = 3,
        Run = 4,
        NearMove = 5,
    }
}
