using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>A spool file's plaintext on its way to the disk: a write never fails, what the disk does not take waits here.</summary>
/// <remarks>
/// A record written in half would damage everything behind it. So the segment's writer always succeeds, into RAM, and <see cref="Push"/> moves whole
/// pieces on; when the disk refuses, the rest stays and is pushed again. Little can wait: capture closes at the first refusal.
/// </remarks>
internal sealed class StagedFile(SpoolFileWriter file) : IDisposable
{
    /// <summary>What <see cref="SpoolFileWriter.Write(ReadOnlySpan{byte})"/> takes as a whole or not at all.</summary>
    private const int PieceBytes = 64 << 10;

    private int _pushed;

    /// <summary>Where the segment's writer writes.</summary>
    public MemoryStream Waiting { get; } = new();

    /// <exception cref="IOException">The disk refused; call again when there is room.</exception>
    public void Push()
    {
        while (_pushed < Waiting.Length)
        {
            var piece = Waiting.GetBuffer().AsSpan(_pushed, Math.Min(PieceBytes, (int)Waiting.Length - _pushed));
            file.Write(piece);
            _pushed += piece.Length;
        }
        Waiting.SetLength(0);
        _pushed = 0;
    }

    /// <inheritdoc cref="SpoolFileWriter.FlushTail"/>
    public void MakeDurable()
    {
        Push();
        file.FlushTail();
    }

    /// <inheritdoc cref="SpoolFileWriter.Complete"/>
    public void Complete()
    {
        Push();
        file.Complete();
    }

    public void Dispose()
    {
        Waiting.Dispose();
        file.Dispose();
    }
}
