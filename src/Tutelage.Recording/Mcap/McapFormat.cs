namespace Tutelage.Recording.Mcap;

/// <summary>Fixed bytes and sizes of docs/formats/mcap.md.</summary>
internal static class McapFormat
{
    /// <summary>Opcode (u8) and length of the body (u64).</summary>
    public const int RecordPrefixBytes = 9;

    /// <summary>Channel (u16), sequence (u32), log and publish time (u64 each), in front of a message's data.</summary>
    public const int MessagePrefixBytes = 22;

    /// <summary>At both ends of a file: 89 "MCAP" "0" 0D 0A.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A];
}
