using System.Buffers.Binary;
using System.Text;

namespace Tutelage.Recording;

/// <summary>Reads binary layouts, little endian, and never past the end of <paramref name="bytes"/>.</summary>
/// <param name="origin">Where <paramref name="bytes"/> begins in its file, for <see cref="RecordingFormatException.Offset"/>.</param>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes, long origin)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly int Remaining => _bytes.Length - _position;
    public readonly long Offset => origin + _position;

    public ReadOnlySpan<byte> Take(int count, string what)
    {
        if ((uint)count > (uint)Remaining) throw Fault($"{what} needs {(uint)count} bytes, {Remaining} are left");
        _position += count;
        return _bytes.Slice(_position - count, count);
    }

    public ReadOnlySpan<byte> TakeRest() => Take(Remaining, "rest");
    public byte ReadByte(string what) => Take(1, what)[0];
    public ushort ReadUInt16(string what) => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, what));
    public uint ReadUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));
    public ulong ReadUInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A length that what is left can hold.</summary>
    public int ReadLength(string what)
    {
        var length = ReadUInt32(what);
        return length <= (uint)Remaining ? (int)length : throw Fault($"length of {what} is {length}, {Remaining} bytes are left");
    }

    /// <summary>As <see cref="ReadLength"/> with 64 bits.</summary>
    public int ReadLongLength(string what)
    {
        var length = ReadUInt64(what);
        return length <= (uint)Remaining ? (int)length : throw Fault($"length of {what} is {length}, {Remaining} bytes are left");
    }

    public string ReadString(string what) => Text(Take(ReadLength(what), what), what);

    public ulong ReadVarint(string what)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadByte(what);
            if (shift == 63 && part > 1) break;
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw Fault($"{what} is longer than 64 bits");
    }

    public long ReadSigned(string what)
    {
        var value = ReadVarint(what);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A varint from 0 to <paramref name="maximum"/>.</summary>
    public int ReadCount(string what, int maximum)
    {
        var value = ReadVarint(what);
        return value <= (uint)maximum ? (int)value : throw Fault($"{what} is {value}, at most {maximum} is allowed");
    }

    public readonly string Text(ReadOnlySpan<byte> utf8, string what)
    {
        try { return StrictUtf8.GetString(utf8); }
        catch (DecoderFallbackException) { throw Fault($"{what} is not UTF-8"); }
    }

    public readonly RecordingFormatException Fault(string message) => new(message, Offset);
}
