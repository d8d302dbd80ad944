namespace Tutelage.Jobs.Protocol;

/// <summary>Second field of a frame (docs/formats/job-pipe.md). Below 0x40 the job speaks, from 0x40 the launcher.</summary>
internal enum FrameType : byte
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

/// <summary>How long a payload may be, by type.</summary>
internal static class FrameLimits
{
    /// <summary>Bytes of a stream in one frame, its number not counted: four age chunks, small beside any memory limit.</summary>
    public const int ChunkBytes = 262_144;

    public const int OrderBytes = 16 << 20;

    /// <summary>Inputs of one order; with four files each the order stays under <see cref="OrderBytes"/>.</summary>
    public const int Inputs = 20_000;

    /// <summary>File keys of one request, and so of one entry in the log.</summary>
    public const int KeysPerRequest = 256;

    /// <summary>0 for a type that does not exist.</summary>
    public static int Of(FrameType type) => type switch
    {
        FrameType.Order or FrameType.Keys => OrderBytes,
        FrameType.Blob or FrameType.Output => 4 + ChunkBytes,
        FrameType.Result => 4 << 20,
        FrameType.Hello or FrameType.Need or FrameType.Fetch or FrameType.OutputBegin or FrameType.OutputEnd or FrameType.Progress or FrameType.Refused
            or FrameType.Error or FrameType.BlobEnd or FrameType.Stop or FrameType.Lease => 64 << 10,
        _ => 0,
    };
}
