using System.Buffers.Binary;
using System.Text;

namespace Tutelage.Desktop.DBus;

/// <summary>What a D-Bus message is for.</summary>
internal enum DBusMessageType : byte
{
    Call = 1, Reply = 2, Error = 3, Signal = 4,
}

/// <summary>A message that was read. Fields it lacks are null.</summary>
/// <param name="Body">Little endian, to be read with <see cref="Read"/>.</param>
internal sealed record DBusMessage(
    DBusMessageType Type, uint Serial, uint ReplySerial, string? Sender, string? Path, string? Interface, string? Member, string? ErrorName, string Signature, ReadOnlyMemory<byte> Body)
{
    /// <summary>The specification allows 128 MiB; accessibility answers are a few kilobytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const int FixedBytes = 16;

    public DBusReader Read() => new(Body.Span);

    /// <summary>Bytes of the whole message that begins in <paramref name="bytes"/>, null if more are needed to tell.</summary>
    /// <exception cref="DBusException">Not a message, big endian, or larger than <see cref="MaxBytes"/>.</exception>
    public static int? Measure(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedBytes) return null;
        if (bytes[0] != (byte)'l' || bytes[3] != 1) throw new DBusException("the peer does not speak little-endian D-Bus, version 1");
        long body = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), fields = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var total = Align(FixedBytes + fields, 8) + body;
        if (total > MaxBytes) throw new DBusException($"a message of {total} bytes is over the limit of {MaxBytes}");
        return (int)total;
    }

    /// <param name="bytes">Exactly one message, as <see cref="Measure"/> found it.</param>
    /// <exception cref="DBusException">It is malformed.</exception>
    public static DBusMessage Parse(ReadOnlySpan<byte> bytes)
    {
        if (Measure(bytes) != bytes.Length) throw new DBusException("a message ends early");
        var type = (DBusMessageType)bytes[1];
        var bodyLength = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var serial = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        string? path = null, @interface = null, member = null, error = null, sender = null;
        var signature = "";
        uint replySerial = 0;
        var reader = new DBusReader(bytes[..^bodyLength], FixedBytes);
        var end = FixedBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        while (reader.Position < end)
        {
            reader.Pad(8);
            var code = reader.Byte();
            var fieldSignature = reader.Signature();
            switch (code, fieldSignature)
            {
                case (1, "o"): path = reader.String(); break;
                case (2, "s"): @interface = reader.String(); break;
                case (3, "s"): member = reader.String(); break;
                case (4, "s"): error = reader.String(); break;
                case (5, "u"): replySerial = reader.UInt32(); break;
                case (7, "s"): sender = reader.String(); break;
                case (8, "g"): signature = reader.Signature(); break;
                default: reader.Skip(fieldSignature); break;
            }
        }

        return new(type, serial, replySerial, sender, path, @interface, member, error, signature, bytes[^bodyLength..].ToArray());
    }

    public override string ToString() => $"{Type} {Interface}.{Member}";

    internal static long Align(long position, int alignment) => (position + alignment - 1) & -alignment;
}

/// <summary>A call that is to be sent. Its body is made of strings, object paths, numbers, a boolean in a variant, and empty arrays of strings (which take no argument).</summary>
internal sealed record DBusCall(string Destination, string Path, string Interface, string Member, string Signature = "", params object[] Arguments)
{
    public void Write(DBusWriter writer, uint serial)
    {
        var body = new DBusWriter();
        var argument = 0;
        for (var i = 0; i < Signature.Length; i++)
        {
            if (Signature[i] == 'a')
            {
                // Only empty arrays of strings are ever sent.
                body.UInt32(0);
                i++;
                continue;
            }

            switch (Signature[i], argument < Arguments.Length ? Arguments[argument++] : null)
            {
                case ('s' or 'o', string text): body.String(text); break;
                case ('u', uint number): body.UInt32(number); break;
                case ('i', int number): body.UInt32(unchecked((uint)number)); break;
                case ('v', bool value): body.Signature("b"); body.UInt32(value ? 1u : 0u); break;
                default: throw new ArgumentException($"'{Signature}' at {i} does not fit its argument", nameof(writer));
            }
        }

        writer.Begin();
        writer.Byte((byte)'l');
        writer.Byte((byte)DBusMessageType.Call);
        writer.Byte(0);
        writer.Byte(1);
        writer.UInt32((uint)body.Length);
        writer.UInt32(serial);
        var lengthAt = writer.Length;
        writer.UInt32(0);
        var fieldsAt = writer.Length;
        Field(writer, 1, "o", Path);
        Field(writer, 2, "s", Interface);
        Field(writer, 3, "s", Member);
        Field(writer, 6, "s", Destination);
        if (Signature.Length > 0)
        {
            writer.Pad(8);
            writer.Byte(8);
            writer.Signature("g");
            writer.Signature(Signature);
        }

        writer.PatchUInt32(lengthAt, (uint)(writer.Length - fieldsAt));
        writer.Pad(8);
        writer.Bytes(body.Written);
    }

    public override string ToString() => $"{Interface}.{Member}";

    private static void Field(DBusWriter writer, byte code, string signature, string value)
    {
        writer.Pad(8);
        writer.Byte(code);
        writer.Signature(signature);
        writer.String(value);
    }
}

/// <summary>Grows. Alignment counts from where the message began, for nothing stands between two messages.</summary>
internal sealed class DBusWriter
{
    private byte[] _bytes = new byte[256];
    private int _origin;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = _origin = 0;

    /// <summary>A message begins here.</summary>
    public void Begin() => _origin = Length;

    public void Byte(byte value) => Take(1)[0] = value;

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    public void Pad(int alignment) => Take((int)DBusMessage.Align(Length - _origin, alignment) - (Length - _origin)).Clear();

    public void UInt32(uint value)
    {
        Pad(4);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    }

    public void PatchUInt32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), value);

    public void String(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        UInt32((uint)count);
        Encoding.UTF8.GetBytes(value, Take(count));
        Byte(0);
    }

    public void Signature(string value)
    {
        Byte((byte)value.Length);
        Encoding.ASCII.GetBytes(value, Take(value.Length));
        Byte(0);
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}

/// <summary>The peer broke the protocol, or the bus refused or closed the connection.</summary>
internal sealed class DBusException(string message) : Exception(message);
