using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tutelage.Jobs.Protocol;

namespace Tutelage.Jobs.Hosting;

/// <summary>The job's end of the pipe: one thread listens, so that a stop is heard while the job works; everything else is the job's own thread.</summary>
internal sealed class LauncherPipe
{
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Action _ended;
    private readonly JobLease _lease;

    // Filled by the listening thread, emptied by the job's. Full: the listener waits, then the pipe, then the launcher.
    private readonly BlockingCollection<Frame> _frames = new(boundedCapacity: 8);
    private volatile PipeProtocolException? _broken; // set by the listener before it completes _frames
    private volatile bool _finished; // set by the job's thread before its last frame
    private uint _nextFetch;
    private uint _nextOutput;

    /// <param name="ended">Called on any thread when the launcher says stop or goes away, or the lease has run out; MUST end the process.</param>
    public LauncherPipe(Stream input, Stream output, Action ended)
    {
        (_input, _output, _ended) = (input, output, ended);
        _lease = new JobLease(EndUnlessFinished);
        new Thread(Listen) { IsBackground = true, Name = "launcher" }.Start();
    }

    public void Send<T>(FrameType type, T message, JsonTypeInfo<T> json) => Frames.Write(_output, type, JsonSerializer.SerializeToUtf8Bytes(message, json));

    /// <summary>Sends the last frame: from now on the launcher may hang up without that being a stop.</summary>
    public void Finish<T>(FrameType type, T message, JsonTypeInfo<T> json)
    {
        _finished = true;
        Send(type, message, json);
    }

    /// <summary>The next frame, which must be of this type.</summary>
    /// <exception cref="PipeProtocolException">It is of another type, or the launcher broke the protocol.</exception>
    public ReadOnlyMemory<byte> Receive(FrameType expected)
    {
        var frame = Take();
        if (expected is FrameType.Order or FrameType.Keys) _lease.EndUnlessHeld();
        return frame.Type == expected ? frame.Payload : throw new PipeProtocolException($"a {frame.Type} frame came where {expected} belongs");
    }

    /// <summary>Has the launcher send a file, and writes its bytes to <paramref name="destination"/>.</summary>
    /// <returns>Null if size and digest are those of the order; else the reason of docs/formats/job-pipe.md.</returns>
    public string? Fetch(string @object, WorkFile file, Stream destination)
    {
        var stream = _nextFetch++;
        Send(FrameType.Fetch, new FetchMessage(stream, @object, file.Class), PipeJson.Default.FetchMessage);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long size = 0; ;)
        {
            var frame = Take();
            if (frame.Type == FrameType.BlobEnd)
            {
                var end = PipeJson.Read(frame.Payload.Span, PipeJson.Default.BlobEndMessage, "a blob_end");
                if (end.Stream != stream) throw new PipeProtocolException("a blob_end is of another stream");
                if (!end.Ok) return "missing";
                if (size < file.SizeBytes) return "truncated";
                return size == file.SizeBytes && Convert.ToHexStringLower(digest.GetHashAndReset()) == file.Sha256 ? null : "altered";
            }
            if (frame.Type != FrameType.Blob) throw new PipeProtocolException($"a {frame.Type} frame came within a fetch");
            if (frame.Payload.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(frame.Payload.Span) != stream) throw new PipeProtocolException("a blob is of another stream");
            var bytes = frame.Payload.Span[4..];
            size += bytes.Length;
            if (size > file.SizeBytes) continue; // altered; the rest is read and forgotten
            digest.AppendData(bytes);
            destination.Write(bytes);
        }
    }

    /// <summary>Begins an output. Nothing else may be sent until <see cref="End"/>.</summary>
    public OutputStream Begin(string kind, string? tag)
    {
        var stream = _nextOutput++;
        Send(FrameType.OutputBegin, new OutputBeginMessage(stream, kind, tag), PipeJson.Default.OutputBeginMessage);
        return new OutputStream(stream, _output);
    }

    public void End(OutputStream output, byte[] outer, byte[]? inner, string digest)
    {
        output.Flush();
        var message = new OutputEndMessage(output.Number, output.SizeBytes, output.Sha256(), outer, inner, digest);
        Send(FrameType.OutputEnd, message, PipeJson.Default.OutputEndMessage);
    }

    private Frame Take()
    {
        if (_frames.TryTake(out var frame, Timeout.Infinite)) return frame;
        throw _broken ?? new PipeProtocolException("the pipe ended");
    }

    private void Listen()
    {
        try
        {
            while (Frames.Read(_input) is { } frame)
            {
                if (frame.Type == FrameType.Stop) break;
                if (frame.Type != FrameType.Lease) _frames.Add(frame);
                else if (frame.Payload.Length == sizeof(long)) _lease.Renew(BinaryPrimitives.ReadInt64LittleEndian(frame.Payload.Span));
                else throw new PipeProtocolException($"a lease of {frame.Payload.Length} bytes; it has {sizeof(long)}");
            }
            EndUnlessFinished();
        }
        catch (PipeProtocolException fault)
        {
            _broken = fault;
            _frames.CompleteAdding();
        }
        catch (IOException)
        {
            EndUnlessFinished();
        }
    }

    private void EndUnlessFinished()
    {
        if (!_finished) _ended();
    }
}
