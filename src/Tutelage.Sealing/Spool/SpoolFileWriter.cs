using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>Writes a sealed file that survives a crash up to the last <see cref="FlushTail"/>. Not thread-safe.</summary>
/// <remarks>
/// Whole chunks go to <c>path</c>, which is an age file in the making; the unfilled rest goes, at each flush, to <c>path.tail</c>, a small age file with a
/// key of its own. If this were wrong, a crash would lose what a person was told is kept, or a chunk would be sealed twice under one nonce. So a chunk is
/// sealed once, its ciphertext waits in RAM until the disk has it, and a write that failed is repeated with the same bytes at the same place.
/// <para>Disposing without <see cref="Complete"/> leaves a torn file, which <see cref="SpoolFileReader"/> reads up to the last flush.</para>
/// </remarks>
public sealed class SpoolFileWriter : SequentialWriteStream
{
    /// <summary>Sealed chunks that may wait in RAM while the disk takes none (1 MiB), until <see cref="Write(ReadOnlySpan{byte})"/> refuses.</summary>
    internal const int MaxWaitingChunks = 16;

    private const int TailPrefixSize = 32 + sizeof(ulong);

    private readonly string _path;
    private readonly AgeRecipient _recipient;
    private readonly Action<SpoolStep> _before;
    private readonly FileStream _main;
    private readonly PayloadChunks _chunks;
    private readonly byte[] _binding;
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(PayloadChunks.PlainSize, pinned: true);
    private readonly Queue<byte[]> _waiting = new();
    private int _plainCount;
    private long _mainSize;
    private long _position;
    private long _tailPosition = -1;
    private bool _mainDirty;
    private bool _tailExists;
    private bool _sealedLast;
    private bool _completed;
    private string? _broken;

    private SpoolFileWriter(string path, AgeRecipient recipient, Action<SpoolStep>? before)
    {
        _path = path;
        _recipient = recipient;
        _before = before ?? (static _ => { });

        using var key = FileKey.Generate();
        var header = AgeHeader.Create(key, [recipient]).Bytes.Span;
        var nonce = RandomNumberGenerator.GetBytes(PayloadChunks.NonceSize);
        _chunks = new PayloadChunks(key, nonce);
        _binding = SpoolFile.Binding(header, nonce);
        if (File.Exists(path)) throw new IOException($"spool file {path} exists; a spool file is never written twice");
        _main = SpoolFile.CreatePart(path);
        try
        {
            _main.Write([.. header, .. nonce]);
            _main.Flush(flushToDisk: true);
            // If we crash here, a .part file stands that holds nothing; nobody reads it and the next Create of this path replaces it.
            File.Move(path + SpoolFile.PartSuffix, path, overwrite: false);
            // If we crash here, the file is there or not; if it is, its header is whole and it reads as torn and empty.
            SpoolFile.SyncFolderOf(path);
        }
        catch
        {
            _main.Dispose();
            _chunks.Dispose();
            throw;
        }
        _mainSize = header.Length + nonce.Length;
    }

    /// <summary>Plaintext bytes accepted so far.</summary>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>Creates <paramref name="path"/> (mode 0600), which MUST NOT exist, in a folder that does.</summary>
    /// <exception cref="IOException">It exists, or the disk failed.</exception>
    public static SpoolFileWriter Create(string path, AgeRecipient recipient) => new(path, recipient, null);

    /// <param name="before">Called before each step at which the disk can fail; what it throws is that failure.</param>
    internal static SpoolFileWriter Create(string path, AgeRecipient recipient, Action<SpoolStep> before) => new(path, recipient, before);

    /// <summary>Takes all of <paramref name="buffer"/> or, if it is at most 64 KiB, nothing of it.</summary>
    /// <exception cref="IOException">
    /// The disk has taken nothing for a megabyte: nothing accepted before is lost; write the same bytes again when there is room. Or a sync failed, and then
    /// this writer takes nothing more (<see cref="InvalidOperationException"/>) and what was flushed is to be recovered.
    /// </exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowIfClosed();
        while (!buffer.IsEmpty)
        {
            if (_plainCount == _plain.Length)
            {
                if (_waiting.Count >= MaxWaitingChunks) Drain();
                QueueChunk(last: false);
                DrainIfPossible();
            }
            else if (_plainCount + buffer.Length > _plain.Length && _waiting.Count >= MaxWaitingChunks)
            {
                Drain();
            }
            var count = Math.Min(buffer.Length, _plain.Length - _plainCount);
            buffer[..count].CopyTo(_plain.AsSpan(_plainCount));
            _plainCount += count;
            _position += count;
            buffer = buffer[count..];
        }
    }

    /// <summary>As <see cref="Write(ReadOnlySpan{byte})"/>; never waits for anything but the disk.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>When it returns, everything written so far is on disk and a crash loses none of it.</summary>
    /// <exception cref="IOException">The disk refused (full?). Nothing is lost; call again when there is room.</exception>
    /// <exception cref="InvalidOperationException">A sync failed before, or the file is complete.</exception>
    public void FlushTail()
    {
        ThrowIfClosed();
        Drain();
        SyncMain();
        if (_position == _tailPosition || _plainCount == 0) return;
        WriteTail();
        _tailPosition = _position;
    }

    /// <summary>Ends the file as an ordinary age file and removes the tail.</summary>
    /// <exception cref="IOException">The disk refused. Nothing is lost; call again when there is room. Nothing more can be written, though.</exception>
    public void Complete()
    {
        if (!_sealedLast)
        {
            ThrowIfClosed();
            QueueChunk(last: true);
            _sealedLast = true;
        }
        if (_broken is not null) ThrowIfClosed();
        // If we crash here, the last chunk is whole in the file, or torn and the tail has what was flushed.
        Drain();
        SyncMain();
        // If we crash here, the file is complete; a reader ignores the tail, and SpoolFile.Delete removes it.
        RemoveTail();
        _completed = true;
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_plain);
        _chunks.Dispose();
        _main.Dispose();
        _broken ??= "it is disposed";
        base.Dispose(disposing);
    }

    private void QueueChunk(bool last)
    {
        var chunk = new byte[_plainCount + PayloadChunks.TagSize];
        _chunks.Seal(_plain.AsSpan(0, _plainCount), last, chunk);
        _waiting.Enqueue(chunk);
        _plainCount = 0;
    }

    private void DrainIfPossible()
    {
        try
        {
            Drain();
            // The tail's chunk is whole now. It may go only when the disk has the whole one.
            if (!_tailExists) return;
            SyncMain();
            RemoveTail();
        }
        catch (IOException) when (_broken is null)
        {
            // The chunks wait in RAM, sealed; FlushTail says so within its period, and Write when too many wait.
        }
    }

    private void Drain()
    {
        while (_waiting.TryPeek(out var chunk))
        {
            _before(SpoolStep.AppendChunk);
            // If we crash here, the file ends within a chunk; the reader stops before it and the tail, if flushed, still has its bytes.
            RandomAccess.Write(_main.SafeFileHandle, chunk, _mainSize);
            _mainSize += chunk.Length;
            _mainDirty = true;
            _waiting.Dequeue();
        }
    }

    private void SyncMain()
    {
        if (!_mainDirty) return;
        try
        {
            _before(SpoolStep.SyncMain);
            RandomAccess.FlushToDisk(_main.SafeFileHandle);
        }
        catch (IOException e)
        {
            // After a failed fsync the kernel may drop the pages and call the next one a success: what the disk holds is unknown.
            _broken = $"the disk failed to sync it ({e.Message})";
            throw;
        }
        _mainDirty = false;
    }

    private void WriteTail()
    {
        var tailPath = SpoolFile.TailPath(_path);
        _before(SpoolStep.WriteTail);
        using (var file = SpoolFile.CreatePart(tailPath))
        {
            using var tail = new AgeWriter(file, _recipient);
            Span<byte> prefix = stackalloc byte[TailPrefixSize];
            _binding.CopyTo(prefix);
            BinaryPrimitives.WriteUInt64BigEndian(prefix[32..], _chunks.Count);
            tail.Write(prefix);
            tail.Write(_plain.AsSpan(0, _plainCount));
            tail.Complete();
            file.Flush(flushToDisk: true);
        }
        _before(SpoolStep.ReplaceTail);
        // If we crash here, the older tail stands: what was written since the flush before is lost, as promised.
        File.Move(tailPath + SpoolFile.PartSuffix, tailPath, overwrite: true);
        _tailExists = true;
        // If we crash here, either tail stands, and both are whole.
        SpoolFile.SyncFolderOf(_path);
    }

    private void RemoveTail()
    {
        if (!_tailExists) return;
        _before(SpoolStep.RemoveTail);
        // If we crash here, a tail stands whose chunk is whole in the file; the reader ignores it.
        File.Delete(SpoolFile.TailPath(_path));
        _tailExists = false;
        SpoolFile.SyncFolderOf(_path);
    }

    private void ThrowIfClosed()
    {
        if (_broken is not null) throw new InvalidOperationException($"spool file {_path} takes nothing more: {_broken}; recover it with SpoolFileReader");
        if (_sealedLast || _completed) throw new InvalidOperationException($"spool file {_path} is complete");
    }
}

/// <summary>Where the disk can fail.</summary>
internal enum SpoolStep
{
    AppendChunk,
    SyncMain,
    WriteTail,
    ReplaceTail,
    RemoveTail,
}
