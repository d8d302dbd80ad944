namespace Tutelage.Recording;

/// <summary>Bytes that are not what their format says. The text never holds captured content.</summary>
/// <param name="message">What is wrong, which value, and what to do.</param>
/// <param name="offset">Where in the stream or message it stands, in bytes; -1 if it belongs to no place.</param>
public sealed class RecordingFormatException(string message, long offset, Exception? inner = null)
    : FormatException(offset < 0 ? message : $"{message} (at byte {offset})", inner)
{
    public long Offset { get; } = offset;
}
