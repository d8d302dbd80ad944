extern alias vaulthost;

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Attack.Tests.Support;
using Tutelage.Identity;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Recording.Segments;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Server;
using Tutelage.Server.Ingest;
using Tutelage.Testing;
using Tutelage.Vault.Jobs;
using GrantWire = vaulthost::Tutelage.Hosting.GrantWire;
using Wire = vaulthost::Tutelage.Hosting.Wire;

namespace Tutelage.Attack.Tests;

/// <summary>Parsers between our processes, fed with good inputs that were damaged. Each is refused or means what was signed; none crashes or takes much memory.</summary>
/// <remarks>Headers, notes, checkpoints, tiles, age, statements and MCAP have such tests where they are made.</remarks>
public sealed class MutatedInputTests
{
    private const long MostBytesARound = 64L << 20;

    [Fact]
    public void Mutated_upload_preambles_are_refused_or_are_exactly_the_signed_ones()
    {
        using var vault = SigningKey.Generate();
        using var device = SigningKey.Generate();
        var tag = new string('a', 32);
        var manifest = new string('c', 64);
        var header = HeaderBytes.Encode(new(new('0', 32), ObjectKind.Segment, tag, 0, "fuzz-1", manifest, device.Public.Id, [new(DataClass.Input, 9, new byte[32], new byte[] { 1 }, new byte[] { 2 })]));
        var certificate = Encoding.UTF8.GetBytes(SignedStatement.Sign(vault, "device-certificate", new { tag, device_key = device.Public.Text, manifest }).ToJson());
        var signature = Encoding.ASCII.GetBytes(Convert.ToBase64String(device.Sign(header)));
        var trust = new Trust(vault.Public, vault.Public, null);
        new UploadPreamble(header, signature, certificate).Check(trust).Signed.ShouldNotBeNull();
        Fuzz([.. header, (byte)'\n', .. signature, (byte)'\n', .. certificate, (byte)'\n'], FuzzRounds.CountOfSlow, bytes =>
        {
            using var body = new UploadBody(new MemoryStream(bytes), TimeProvider.System, CancellationToken.None);
            if (UploadPreamble.ReadAsync(body).GetAwaiter().GetResult() is not { } preamble) return;
            var (signed, refusal) = preamble.Check(trust);
            if (signed is null) refusal.ShouldNotBeNull().Status.ShouldBeOneOf(400, 403, 413);
            else (preamble.Header.AsSpan().SequenceEqual(header) && signed.Signer.Equals(device.Public)).ShouldBeTrue("only what the device signed");
        });
    }

    [Fact]
    public void Mutated_grant_requests_are_refused_or_read_the_same_way_twice()
    {
        var good = """{"purpose":"train","classes":["input","frames"],"tags":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],"job":"dataset-build","minutes":30,"holder":null}"""u8.ToArray();
        Fuzz(good, FuzzRounds.Count, bytes =>
        {
            if (Wire.Read<GrantWire>(bytes) is not { } wire || wire.Check(out var fault) is not { } request) return;
            var again = Wire.Read<GrantWire>(JsonSerializer.SerializeToUtf8Bytes(GrantWire.Of(request), Wire.Json))?.Check(out fault);
            again.ShouldNotBeNull(fault).EffectDigest("g", "r").ShouldBe(request.EffectDigest("g", "r"), "what is stored is what is approved");
        });
    }

    [Fact]
    public void Mutated_frames_of_the_job_pipe_are_refused_on_both_sides()
    {
        using var pipe = new MemoryStream();
        foreach (var type in new[] { FrameType.Hello, FrameType.Progress, FrameType.Output, FrameType.Order, FrameType.Result }) Frames.Write(pipe, type, RandomNumberGenerator.GetBytes(40));
        Fuzz(pipe.ToArray(), FuzzRounds.Count, bytes =>
        {
            Refusable<PipeProtocolException>(() =>
            {
                using var input = new MemoryStream(bytes);
                while (Frames.Read(input) is { } frame) frame.Payload.Length.ShouldBeLessThanOrEqualTo(FrameLimits.Of(frame.Type));
            });
            Refusable<JobFailedException>(() =>
            {
                using var input = new MemoryStream(bytes);
                while (JobFrames.ReadAsync(input, CancellationToken.None).GetAwaiter().GetResult() is not null)
                {
                }
            });
        });
    }

    [Fact]
    public void Mutated_lengths_of_frames_take_no_memory()
    {
        foreach (var type in Enum.GetValues<FrameType>())
        {
            var header = new byte[5];
            BinaryPrimitives.WriteUInt32LittleEndian(header, uint.MaxValue);
            header[4] = (byte)type;
            var before = GC.GetAllocatedBytesForCurrentThread();
            Should.Throw<PipeProtocolException>(() => Frames.Read(new MemoryStream(header)));
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
        }
    }

    [Fact]
    public void Mutated_segments_are_refused_or_read_within_bounds()
    {
        var files = Enum.GetValues<ContentClass>().ToDictionary(kept => kept, _ => new MemoryStream());
        using (var writer = new SegmentWriter(files.ToDictionary(file => file.Key, file => (Stream)file.Value), new(new('5', 32), 0, DateTimeOffset.UnixEpoch, Markers.Screen, new('a', 64), "r/1", 50, false)))
        {
            writer.Write(new Recording.Events.TaskMark(new(0), "t", Markers.Instruction, false, null));
            using (var frame = Markers.Frame()) writer.Write(new(100), frame);
            for (var step = 0; step < 50; step++) writer.Write(new Recording.Events.PointerMoved(new(200 + step * 20), new(step, step)));
            writer.Complete(new(new(2000), 50, 50, 0, 0, 1));
        }
        foreach (var (mutated, good) in files)
            Fuzz(good.ToArray(), Math.Max(1, FuzzRounds.CountOfSlow / files.Count), bytes => Refusable<RecordingFormatException>(() =>
            {
                var segment = SegmentReader.Open(files.ToDictionary(file => file.Key, file => (Stream)new MemoryStream(file.Key == mutated ? bytes : file.Value.ToArray())));
                foreach (var (_, image) in segment.Frames) image.Dispose();
            }));
    }

    private static void Fuzz(byte[] good, int rounds, Action<byte[]> parse)
    {
        var random = new Random(20_260_722);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = Mutate(random, good);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                parse(bytes);
            }
            catch (Exception fault)
            {
                throw new ShouldAssertException($"round {round}: {Convert.ToBase64String(bytes)}", fault);
            }
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MostBytesARound);
        }
    }

    private static byte[] Mutate(Random random, byte[] good)
    {
        var bytes = good.ToList();
        for (var change = random.Next(1, 4); change > 0 && bytes.Count > 1; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 3: bytes.Insert(at, (byte)random.Next(256)); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at))); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }

    private static void Refusable<TRefusal>(Action parse) where TRefusal : Exception
    {
        try
        {
            parse();
        }
        catch (TRefusal)
        {
            // Refused by name: as good as read.
        }
    }
}
