using System.Buffers.Binary;

namespace Tutelage.Vault.Jobs;

/// <summary>Type of a frame between launcher and job (docs/formats/job-pipe.md). Below 0x40 the job speaks.</summary>
internal enum JobFrameType : byte
{
    Hello = 0x01,
    Fetch = 0x02,
    OutputBegin = 0x03,
    Output = 0x04,
    OutputEnd = 0x05,
    Progress = 0x06,
    Refused = 0x07,
    Result = 0x08,
    Error = 0x09,
    Need = 0x0a,
    Order = 0x41,
    Keys = 0x42,
    Blob = 0x43,
    BlobEnd = 0x44,
    Stop = 0x45,
    Lease = 0x46,
}

internal readonly record struct JobFrame(JobFrameType Type, byte[] Payload);

/// <summary>The launcher's side of the pipe. What a job says is bounded before it is believed.</summary>
internal static class JobFrames
{
    /// <summary>Bytes of a stream in one frame, its number not counted.</summary>
    public const int ChunkBytes = 262_144;

    private const int HeaderBytes = 5;

    /// <summary>The next frame; null if the job closed its output.</summary>
    /// <exception cref="JobFailedException">Not a frame that a job may send.</exception>
    public static async Task<JobFrame?> ReadAsync(Stream pipe, CancellationToken cancellation)
    {
        var header = new byte[HeaderBytes];
        var got = await pipe.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellation);
        if (got == 0) return null;
        var type = (JobFrameType)header[4];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (got < HeaderBytes || length > LimitOf(type)) throw new JobFailedException("protocol", $"the job sent a frame of type 0x{header[4]:x2} with {length} bytes, which is none");
        var payload = new byte[length];
        if (await pipe.ReadAtLeastAsync(payload, payload.Length, throwOnEndOfStream: false, cancellation) < payload.Length) throw new JobFailedException("protocol", "the job ended within a frame");
        return new JobFrame(type, payload);
    }

    /// <exception cref="JobFailedException">With code <see cref="JobFailedException.Ended"/>: the job reads no more.</exception>
    public static async Task WriteAsync(Stream pipe, JobFrameType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)payload.Length);
        header[4] = (byte)type;
        try
        {
            await pipe.WriteAsync(header, cancellation);
            await pipe.WriteAsync(payload, cancellation);
            await pipe.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            throw new JobFailedException(JobFailedException.Ended, "the job ended before its result");
        }
    }

    /// <inheritdoc cref="WriteAsync"/>
    public static void Write(Stream pipe, JobFrameType type, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)payload.Length);
        frame[4] = (byte)type;
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        try
        {
            pipe.Write(frame);
            pipe.Flush();
        }
        catch (IOException)
        {
            throw new JobFailedException(JobFailedException.Ended, "the job ended before its result");
        }
    }

    private static int LimitOf(JobFrameType type) => type switch
    {
        JobFrameType.Output => 4 + ChunkBytes,
        JobFrameType.Result => 4 << 20,
        JobFrameType.Hello or JobFrameType.Need or JobFrameType.Fetch or JobFrameType.OutputBegin or JobFrameType.OutputEnd or JobFrameType.Progress or JobFrameType.Refused or JobFrameType.Error => 64 << 10,
        JobFrameType.Order or JobFrameType.Keys or JobFrameType.Blob or JobFrameType.BlobEnd or JobFrameType.Stop or JobFrameType.Lease => -1,
        _ => -1,
    };
}

/// <summary>A job that failed or broke the protocol; nothing of its output is kept.</summary>
internal sealed class JobFailedException(string code, string message) : Exception(message)
{
    /// <summary>The job is gone and has not said why.</summary>
    public const string Ended = "ended";

    public string Code { get; } = code;
}
