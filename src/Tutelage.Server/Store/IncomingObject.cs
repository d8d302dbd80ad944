using System.Buffers;
using System.Security.Cryptography;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server.Ingest;

namespace Tutelage.Server.Store;

/// <summary>An upload on its way: files in a folder of its own that is not yet an object. Disposing removes what was not handed over.</summary>
/// <remarks>If we crash at any point here, the folder stays in <c>incoming/</c> and the next start removes it; the client sends again.</remarks>
internal sealed class IncomingObject : IDisposable
{
    private const int BufferBytes = 128 * 1024;

    private IncomingObject(string folder) => Folder = folder;

    public string Folder { get; }

    public static IncomingObject Begin(StoreLayout layout)
    {
        var folder = Path.Combine(layout.Incoming, RandomNumberGenerator.GetHexString(32, lowercase: true));
        DurableFolder.CreatePrivate(folder);
        return new IncomingObject(folder);
    }

    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        using var file = Create(name, bytes.Length);
        file.Write(bytes);
        Finish(file);
    }

    /// <summary>Streams one file out of the body. The outcome is <see cref="FileOutcome.Whole"/> only if size and digest are those of the signed header.</summary>
    public async Task<FileOutcome> WriteAsync(SealedFileHeader expected, UploadBody body, CancellationToken cancellation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var file = Create(Spelling.Of(expected.Class), expected.SizeBytes);
            for (var left = expected.SizeBytes; left > 0;)
            {
                var got = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)));
                if (got == 0) return FileOutcome.Truncated;
                digest.AppendData(buffer, 0, got);
                await file.WriteAsync(buffer.AsMemory(0, got), cancellation);
                left -= got;
            }
            if (!digest.GetHashAndReset().AsSpan().SequenceEqual(expected.Sha256.Span)) return FileOutcome.Altered;
            Finish(file);
            return FileOutcome.Whole;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        try
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // The next start removes it.
        }
    }

    // Space is taken before the first byte, so that a full disk shows at once.
    private FileStream Create(string name, long sizeBytes) => new(Path.Combine(Folder, name), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        PreallocationSize = sizeBytes,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
    });

    private static void Finish(FileStream file)
    {
        file.Flush(flushToDisk: true);
        File.SetLastWriteTimeUtc(file.SafeFileHandle, DateTime.UnixEpoch);
    }
}

internal enum FileOutcome { Whole, Truncated, Altered }
