namespace Tutelage.Sealing;

/// <summary>Writes a sealed file that survives a crash up to the last <see cref="FlushTail"/>.</summary>
/// <remarks>Dispose without <see cref="Complete"/> leaves a torn file, which <see cref="SpoolFileReader"/> reads up to the last flush.</remarks>
public sealed class SpoolFileWriter : Stream
{
    private SpoolFileWriter() => throw new NotImplementedException();

    /// <summary>Creates <paramref name="path"/> (mode 0600), which MUST NOT exist.</summary>
    public static SpoolFileWriter Create(string path, AgeRecipient recipient) => throw new NotImplementedException();

    /// <summary>When it returns, everything written so far is on disk.</summary>
    /// <exception cref="IOException">It is not (disk full?). Nothing is lost; call again when there is room.</exception>
    public void FlushTail() => throw new NotImplementedException();

    /// <summary>Ends the file as an ordinary age file and removes the tail.</summary>
    public void Complete() => throw new NotImplementedException();
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotImplementedException(); set => throw new NotSupportedException(); }
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotImplementedException();
}

/// <summary>How a spool file ended.</summary>
public enum SpoolEnding
{
    /// <summary>Not read to its end yet.</summary>
    Unknown,

    /// <summary>Completed by its writer: an ordinary age file.</summary>
    Complete,

    /// <summary>The writer died: whole chunks and the last tail.</summary>
    Torn,
}

/// <summary>Reads complete spool files and torn ones.</summary>
public sealed class SpoolFileReader : Stream
{
    private SpoolFileReader() => throw new NotImplementedException();

    public static SpoolFileReader Open(string path, AgeIdentity identity) => throw new NotImplementedException();

    /// <summary>Known once <see cref="Read(byte[],int,int)"/> has returned 0.</summary>
    public SpoolEnding Ending => throw new NotImplementedException();
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotImplementedException(); set => throw new NotSupportedException(); }
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotImplementedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The files that make up a spool file.</summary>
public static class SpoolFile
{
    /// <summary>Removes the file and what stands beside it; what is not there is no fault.</summary>
    public static void Delete(string path) => throw new NotImplementedException();
}
