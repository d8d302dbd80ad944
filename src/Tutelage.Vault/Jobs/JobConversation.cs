using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Rules.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Objects;
using Tutelage.Vault.Release;

namespace Tutelage.Vault.Jobs;

/// <summary>What a job sent back: its result and its sealed files by stream number.</summary>
internal sealed record JobOutcome(JsonElement Result, IReadOnlyDictionary<uint, JobOutput> Outputs);

/// <summary>One sealed output, checked for size and digest, lying in the run's folder.</summary>
/// <param name="Digest">Of the plaintext, as the job says: a shard's root, an export's SHA-256.</param>
internal sealed record JobOutput(string Kind, string? Tag, SealedOutput File, string Digest);

/// <summary>Talks with a job from the order to its end: hands it ciphertext, takes sealed outputs. The launcher sees nothing but ciphertext.</summary>
/// <param name="folder">Where outputs lie until the server has them; the caller removes it.</param>
internal sealed class JobConversation(JobProcess job, ObjectServer server, AuditorLease lease, string folder)
{
    /// <summary>One sealed output is at most what the server takes.</summary>
    private const long MaxOutputBytes = 1L << 30;

    /// <param name="allowed">Files the job may ask keys for and fetch: (object, class).</param>
    /// <param name="release">Releases the keys of files that are allowed, at most <see cref="GrantRules.KeysPerRelease"/> of them, each named once.</param>
    /// <param name="onProgress">Receives each progress or refusal line, as JSON.</param>
    /// <exception cref="JobFailedException">It failed, broke the protocol, or ended without a result; its outputs are void.</exception>
    public async Task<JobOutcome> RunAsync(
        ReadOnlyMemory<byte> order, IReadOnlySet<(string Object, string Class)> allowed, Func<IReadOnlyList<(string Object, string Class)>, CancellationToken, Task<ReleasedKeys>> release,
        Func<JsonElement, Task> onProgress, CancellationToken cancellation)
    {
        try
        {
            await job.WriteAsync(JobFrameType.Order, order, cancellation);
            return await ListenAsync(allowed, release, onProgress, cancellation);
        }
        catch (JobFailedException ended) when (ended.Code == JobFailedException.Ended)
        {
            // A job that failed closes its end while we write: its last frame says why.
            if (await LastWordsAsync(cancellation) is { } last) throw last;
            throw;
        }
    }

    private async Task<JobOutcome> ListenAsync(
        IReadOnlySet<(string, string)> allowed, Func<IReadOnlyList<(string, string)>, CancellationToken, Task<ReleasedKeys>> release, Func<JsonElement, Task> onProgress, CancellationToken cancellation)
    {
        var outputs = new Dictionary<uint, JobOutput>();
        OpenOutput? open = null;
        try
        {
            while (await JobFrames.ReadAsync(job.FromJob, cancellation) is { } frame)
            {
                switch (frame.Type)
                {
                    case JobFrameType.Need when open is null:
                        var keys = await release(Wanted(Read<NeedMessage>(frame), allowed), cancellation);

                        // The last look before the keys leave: what was frozen since they were sealed throws them away.
                        if (lease.Fault is var (error, message)) throw new RunRefusedException(error, message);
                        await job.WriteAsync(JobFrameType.Keys, keys.Outer, cancellation);
                        await job.WriteAsync(JobFrameType.Keys, keys.Inner, cancellation);
                        break;
                    case JobFrameType.Fetch:
                        await ServeAsync(Read<FetchMessage>(frame), allowed, cancellation);
                        break;
                    case JobFrameType.Progress or JobFrameType.Refused:
                        await onProgress(Read(frame));
                        break;
                    case JobFrameType.OutputBegin when open is null && Read<OutputBeginMessage>(frame) is { Kind: "shard" or "export" } begin && !outputs.ContainsKey(begin.Stream):
                        open = new OpenOutput(begin, Path.Combine(folder, begin.Stream.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                        break;
                    case JobFrameType.Output when open is not null && frame.Payload.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(frame.Payload) == open.Begin.Stream:
                        await open.WriteAsync(frame.Payload.AsMemory(4), MaxOutputBytes, cancellation);
                        break;
                    case JobFrameType.OutputEnd when open is not null && Read<OutputEndMessage>(frame) is { } end && end.Stream == open.Begin.Stream:
                        outputs.Add(end.Stream, open.Complete(end));
                        open = null;
                        break;
                    case JobFrameType.Result when open is null:
                        var result = Read(frame);
                        var exit = await job.ExitAsync(cancellation);
                        return exit == 0 ? new JobOutcome(result, outputs) : throw new JobFailedException(JobFailedException.Ended, $"the job gave a result and then ended with status {exit}");
                    case JobFrameType.Error:
                        throw FailureOf(frame);
                    default:
                        throw new JobFailedException("protocol", $"the job sent a frame of type {frame.Type} where none belongs");
                }
            }
        }
        finally
        {
            open?.Dispose();
        }

        throw new JobFailedException(JobFailedException.Ended, "the job ended without a result");
    }

    private static List<(string Object, string Class)> Wanted(NeedMessage need, IReadOnlySet<(string, string)> allowed)
    {
        var files = (need.Files ?? []).Select(file => (file?.Object ?? "", file?.Class ?? "")).ToList();
        if (files.Count is < 1 or > GrantRules.KeysPerRelease) throw new JobFailedException("protocol", $"the job asks for {files.Count} keys at once; 1 to {GrantRules.KeysPerRelease} belong in one request");
        return files.All(allowed.Contains) && files.Distinct().Count() == files.Count ? files : throw new JobFailedException("protocol", "the job asks for a key that its grant does not open, or for one twice");
    }

    private async Task ServeAsync(FetchMessage fetch, IReadOnlySet<(string, string)> allowed, CancellationToken cancellation)
    {
        var chunk = new byte[4 + JobFrames.ChunkBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(chunk, fetch.Stream);
        using var answer = allowed.Contains((fetch.Object ?? "", fetch.Class ?? "")) ? await server.OpenFileAsync(fetch.Object!, fetch.Class!, cancellation) : null; // a null is in no allowed pair
        var reason = answer is null ? "missing" : null;
        if (answer is not null)
        {
            await using var file = await answer.Content.ReadAsStreamAsync(cancellation);
            int read;
            while ((read = await ReadPartAsync(file, chunk.AsMemory(4), cancellation)) > 0)
                await job.WriteAsync(JobFrameType.Blob, chunk.AsMemory(0, 4 + read), cancellation);
            if (read < 0) reason = "truncated";
        }

        var end = JsonSerializer.SerializeToUtf8Bytes(new { stream = fetch.Stream, ok = reason is null, reason }, Wire.Json);
        await job.WriteAsync(JobFrameType.BlobEnd, end, cancellation);
    }

    /// <returns>Bytes read, 0 at the end, -1 if the server went away in the middle: the job is told, and not left waiting.</returns>
    private static async Task<int> ReadPartAsync(Stream file, Memory<byte> part, CancellationToken cancellation)
    {
        try
        {
            return await file.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellation);
        }
        catch (Exception away) when (away is IOException or HttpRequestException)
        {
            return -1;
        }
    }

    private async Task<JobFailedException?> LastWordsAsync(CancellationToken cancellation)
    {
        while (await JobFrames.ReadAsync(job.FromJob, cancellation) is { } frame)
        {
            if (frame.Type == JobFrameType.Error) return FailureOf(frame);
        }

        return null;
    }

    private static JobFailedException FailureOf(JobFrame frame)
    {
        var error = Read<ErrorMessage>(frame);
        return new JobFailedException(error.Code ?? "fault", $"the job failed: {error.Message}{(error.Object is null ? "" : $" (object {error.Object})")}");
    }

    private static T Read<T>(JobFrame frame) where T : class => Wire.Read<T>(frame.Payload) ?? throw new JobFailedException("protocol", $"the job's {frame.Type} frame is not JSON of its shape");

    private static JsonElement Read(JobFrame frame)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(frame.Payload, Wire.Json);
        }
        catch (JsonException)
        {
            throw new JobFailedException("protocol", $"the job's {frame.Type} frame is not JSON");
        }
    }

    private sealed record NeedMessage(IReadOnlyList<NeededFile?>? Files);

    private sealed record NeededFile(string? Object, string? Class);

    private sealed record FetchMessage(uint Stream, string? Object, string? Class);

    private sealed record OutputBeginMessage(uint Stream, string? Kind, string? Tag);

    private sealed record OutputEndMessage(uint Stream, long Size, string? Sha256, byte[]? Outer, byte[]? Inner, string? Digest);

    private sealed record ErrorMessage(string? Code, string? Message, string? Object);

    /// <summary>An output as it comes in: counted and digested on the way to disk.</summary>
    private sealed class OpenOutput(OutputBeginMessage begin, string path) : IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _size;

        public OutputBeginMessage Begin => begin;

        public async Task WriteAsync(ReadOnlyMemory<byte> bytes, long maxBytes, CancellationToken cancellation)
        {
            _size += bytes.Length;
            if (_size > maxBytes) throw new JobFailedException("protocol", $"output {begin.Stream} is over {maxBytes} bytes");
            _hash.AppendData(bytes.Span);
            await _file.WriteAsync(bytes, cancellation);
        }

        public JobOutput Complete(OutputEndMessage end)
        {
            var sha256 = _hash.GetHashAndReset();
            Dispose();
            if (end.Size != _size || end.Sha256 != Convert.ToHexStringLower(sha256) || end.Outer is null || end.Digest is null)
                throw new JobFailedException("protocol", $"output {begin.Stream} is not what the job says it is");
            return new JobOutput(begin.Kind ?? "", begin.Tag, new SealedOutput(path, _size, sha256, end.Outer, end.Inner ?? []), end.Digest);
        }

        public void Dispose()
        {
            _file.Dispose();
            _hash.Dispose();
        }
    }
}
