using System.Buffers.Binary;

namespace Tutelage.Jobs.Protocol;

/// <summary>One frame: a type and its payload.</summary>
internal readonly record struct Frame(FrameType Type, ReadOnlyMemory<byte> Payload);

/// <summary>Frames out of a pipe and into it.</summary>
/// <remarks>
/// <code>
/// u32 LE  length of the payload
/// u8      type
/// …       payload
/// </code>
/// Allocates no more than <see cref="FrameLimits.Of"/> the type allows, whatever the length field says. Not thread-safe.
/// </remarks>
internal static class Frames
{
    public const int HeaderBytes = 5;

    /// <summary>The next frame, null if the pipe ended between two frames.</summary>
    /// <exception cref="PipeProtocolException">Unknown type, too long, or the pipe ended within a frame.</exception>
    public static Frame? Read(Stream pipe)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        var got = pipe.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (got == 0) return null;
        if (got < HeaderBytes) throw new PipeProtocolException($"the pipe ended after {got} of {HeaderBytes} bytes of a frame header");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var type = (FrameType)header[4];
        var limit = FrameLimits.Of(type);
        if (limit == 0) throw new PipeProtocolException($"frame type 0x{header[4]:x2} is not known");
        if (length > limit) throw new PipeProtocolException($"a {type} frame of {length} bytes is over its limit of {limit}");
        var payload = GC.AllocateUninitializedArray<byte>((int)length);
        got = pipe.ReadAtLeast(payload, payload.Length, throwOnEndOfStream: false);
        if (got < payload.Length) throw new PipeProtocolException($"the pipe ended after {got} of {length} bytes of a {type} frame");
        return new Frame(type, payload);
    }

    /// <summary>Writes one frame and flushes it.</summary>
    public static void Write(Stream pipe, FrameType type, ReadOnlySpan<byte> payload) => Write(pipe, type, default, payload);

    /// <summary>Writes one frame of <paramref name="first"/> and <paramref name="rest"/> together, and flushes it.</summary>
    /// <exception cref="PipeProtocolException">The payload is over its type's limit.</exception>
    public static void Write(Stream pipe, FrameType type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest)
    {
        var length = first.Length + rest.Length;
        if (length > FrameLimits.Of(type)) throw new PipeProtocolException($"a {type} frame of {length} bytes is over its limit of {FrameLimits.Of(type)}");
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)length);
        header[4] = (byte)type;
        pipe.Write(header);
        pipe.Write(first);
        pipe.Write(rest);
        pipe.Flush();
    }
}
