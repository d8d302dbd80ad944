using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tutelage.Recording;

/// <summary>A growing array that binary layouts are written into, little endian. Not thread-safe.</summary>
internal sealed class ByteBuffer(int capacityBytes = 1024)
{
    private byte[] _bytes = new byte[capacityBytes];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Bytes already appended, to be patched where a length is known only afterwards.</summary>
    public Span<byte> Patch(int offset, int count) => _bytes.AsSpan(0, Length).Slice(offset, count);

    public void Clear() => Length = 0;

    /// <summary>Drops what stands behind <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Room for <paramref name="count"/> bytes at the end; valid until the next append.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Append(int count)
    {
        if (_bytes.Length - Length < count) Grow(count);
        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));
    public void WriteByte(byte value) => Append(1)[0] = value;
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Append(2), value);
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Append(4), value);
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Append(8), value);

    /// <summary>UTF-8 behind its length as u32, MCAP's string.</summary>
    public void WriteString(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        WriteUInt32((uint)count);
        Encoding.UTF8.GetBytes(value, Append(count));
    }

    /// <summary>LEB128: seven bits a byte, low ones first, the top bit says that more follow.</summary>
    public void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        WriteByte((byte)value);
    }

    /// <summary>A varint of the zigzag form: 0, -1, 1, -2, … become 0, 1, 2, 3, …</summary>
    public void WriteSigned(long value) => WriteVarint((ulong)(value << 1) ^ (ulong)(value >> 63));

    private void Grow(int count) => Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max(_bytes.Length * 2L, (long)Length + count))));
}
