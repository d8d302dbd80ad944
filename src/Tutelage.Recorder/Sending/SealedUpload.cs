using Tutelage.Recorder.Spool;
using Tutelage.Rules.Objects;

namespace Tutelage.Recorder.Sending;

/// <summary>The exact body of one segment's upload, kept beside the segment from before it is first sent until the server has answered.</summary>
/// <remarks>
/// Sealing draws new file keys, so a segment sealed twice is two objects under one id, and the server refuses the second. If an answer is lost nobody here
/// knows whether the server has it; only the same bytes again are answered with yes in both cases. Everything in it is sealed or signed for the server's eyes.
/// </remarks>
/// <param name="IsNew">Never offered to the server before.</param>
internal sealed record SealedUpload(ObjectHeader Header, ReadOnlyMemory<byte> Body, bool IsNew)
{
    public long SealedBytes => Header.Files.Sum(file => file.SizeBytes);

    public long InputBytes => Header.Files.Where(file => file.Class == Rules.DataClass.Input).Sum(file => file.SizeBytes);

    /// <summary>Null if the segment was never offered, or what was kept of it cannot be read: then it is sealed anew.</summary>
    /// <exception cref="IOException">It is there and the disk does not give it.</exception>
    public static SealedUpload? Kept(SpoolFolder spool, string id)
    {
        var path = spool.UploadOf(id);
        if (!File.Exists(path)) return null;
        var body = File.ReadAllBytes(path);
        var end = body.AsSpan().IndexOf((byte)'\n');
        return end >= 0 && HeaderBytes.TryDecode(body.AsSpan(0, end), out var header, out _) && header.ObjectId == id ? new(header, body, IsNew: false) : null;
    }

    /// <exception cref="IOException">There is no room for it; it MUST NOT be sent then.</exception>
    public static SealedUpload Keep(SpoolFolder spool, ObjectHeader header, ReadOnlyMemory<byte> preamble, ReadOnlyMemory<byte> files)
    {
        var body = new byte[preamble.Length + files.Length];
        preamble.CopyTo(body);
        files.CopyTo(body.AsMemory(preamble.Length));
        DurableFile.Write(spool.UploadOf(header.ObjectId), body);
        // If we crash here nothing was sent; the next attempt sends these bytes.
        return new(header, body, IsNew: true);
    }

    /// <summary>The server does not have it and will not take it as it is: the next attempt looks at the segment again and seals it anew.</summary>
    public static void LetGo(SpoolFolder spool, string id) => File.Delete(spool.UploadOf(id));
}
