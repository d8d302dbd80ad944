using System.Net;

namespace Tutelage.Recorder.Sending;

/// <summary>A request body of several pieces in RAM, sent without joining them. May be sent again.</summary>
internal sealed class PiecedContent(params ReadOnlyMemory<byte>[] pieces) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var piece in pieces) await stream.WriteAsync(piece);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = pieces.Sum(piece => (long)piece.Length);
        return true;
    }
}
