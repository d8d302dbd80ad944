using System.Buffers.Binary;
using System.Text;

namespace Tutelage.Desktop.DBus;

/// <summary>Reads marshalled values, bounded by their bytes: every length is checked before it is used.</summary>
/// <remarks>Alignment counts from the beginning of the span. Every method throws <see cref="DBusException"/> where the bytes end early or make no sense.</remarks>
internal ref struct DBusReader(ReadOnlySpan<byte> bytes, int position = 0)
{
    /// <summary>The specification's limit on containers inside containers.</summary>
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; } = position;

    public bool AtEnd => Position >= _bytes.Length;

    public void Pad(int alignment) => _ = Take((int)(DBusMessage.Align(Position, alignment) - Position));

    public byte Byte() => Take(1)[0];

    public uint UInt32()
    {
        Pad(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    }

    public int Int32() => unchecked((int)UInt32());

    public double Double()
    {
        Pad(8);
        return BinaryPrimitives.ReadDoubleLittleEndian(Take(8));
    }

    /// <summary>A string or an object path.</summary>
    public string String()
    {
        var text = Take(checked((int)Math.Min(UInt32(), int.MaxValue)));
        _ = Take(1);
        return Encoding.UTF8.GetString(text);
    }

    public string Signature()
    {
        var text = Take(Byte());
        _ = Take(1);
        return Encoding.ASCII.GetString(text);
    }

    /// <summary>Enters an array whose items align to <paramref name="itemAlignment"/>; read until <see cref="Position"/> reaches the returned end.</summary>
    public int ArrayEnd(int itemAlignment)
    {
        var length = UInt32();
        Pad(itemAlignment);
        if (length > _bytes.Length - Position) throw Malformed();
        return Position + (int)length;
    }

    public void Skip(string signature)
    {
        var at = 0;
        while (at < signature.Length) SkipOne(signature, ref at, 0);
    }

    private void SkipOne(string signature, ref int at, int depth)
    {
        if (depth > MaxDepth || at >= signature.Length) throw Malformed();
        switch (signature[at++])
        {
            case 'y': _ = Take(1); break;
            case 'n' or 'q': Pad(2); _ = Take(2); break;
            case 'b' or 'i' or 'u' or 'h': _ = UInt32(); break;
            case 'x' or 't' or 'd': Pad(8); _ = Take(8); break;
            case 's' or 'o': _ = Take(checked((int)Math.Min(UInt32(), int.MaxValue))); _ = Take(1); break;
            case 'g': _ = Signature(); break;
            case 'v':
                var inner = Signature();
                var innerAt = 0;
                SkipOne(inner, ref innerAt, depth + 1);
                break;
            case 'a':
                if (at >= signature.Length) throw Malformed();
                var end = ArrayEnd(AlignmentOf(signature[at]));
                _ = Take(end - Position);
                PassType(signature, ref at, depth + 1);
                break;
            case '(' or '{':
                Pad(8);
                while (at < signature.Length && signature[at] is not (')' or '}')) SkipOne(signature, ref at, depth + 1);
                at++;
                break;
            default: throw Malformed();
        }
    }

    private static void PassType(string signature, ref int at, int depth)
    {
        if (depth > MaxDepth || at >= signature.Length) throw Malformed();
        switch (signature[at++])
        {
            case 'a':
                PassType(signature, ref at, depth + 1);
                break;
            case '(' or '{':
                while (at < signature.Length && signature[at] is not (')' or '}')) PassType(signature, ref at, depth + 1);
                at++;
                break;
        }
    }

    private static int AlignmentOf(char type) => type switch
    {
        'y' or 'g' or 'v' => 1, 'n' or 'q' => 2, 'x' or 't' or 'd' or '(' or '{' => 8, _ => 4,
    };

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _bytes.Length - Position) throw Malformed();
        Position += count;
        return _bytes.Slice(Position - count, count);
    }

    private static DBusException Malformed() => new("a message is malformed");
}
