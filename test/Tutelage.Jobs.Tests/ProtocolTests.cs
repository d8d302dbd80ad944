using System.Text;
using System.Text.Json;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Hosting;
using Tutelage.Jobs.Protocol;
using Tutelage.Testing;

namespace Tutelage.Jobs.Tests;

public sealed class ProtocolTests
{
    private static readonly int Rounds = FuzzRounds.Count;
    private const int Seed = 20260722;

    [Fact]
    public void Frames_come_out_as_they_went_in()
    {
        using var pipe = new MemoryStream();
        Frames.Write(pipe, FrameType.Order, "{}"u8);
        Frames.Write(pipe, FrameType.Blob, [1, 0, 0, 0], new byte[FrameLimits.ChunkBytes]);
        Frames.Write(pipe, FrameType.Stop, []);
        pipe.ToArray()[..7].ShouldBe([2, 0, 0, 0, 0x41, (byte)'{', (byte)'}']);
        pipe.Position = 0;
        Read(pipe).ShouldBe([(FrameType.Order, 2), (FrameType.Blob, 4 + FrameLimits.ChunkBytes), (FrameType.Stop, 0)]);
    }

    [Fact]
    public void A_frame_over_its_limit_is_refused_before_it_is_read()
    {
        using var pipe = new MemoryStream([255, 255, 255, 127, 0x41]);
        Should.Throw<PipeProtocolException>(() => Frames.Read(pipe)).Message.ShouldContain("Order");
        Should.Throw<PipeProtocolException>(() => Frames.Write(Stream.Null, FrameType.Blob, new byte[FrameLimits.ChunkBytes + 5]));
        Should.Throw<PipeProtocolException>(() => Frames.Read(new MemoryStream([0, 0, 0, 0, 0x7f]))).Message.ShouldContain("0x7f");
        Should.Throw<PipeProtocolException>(() => Frames.Read(new MemoryStream([9, 0, 0, 0, 0x45, 1])));
    }

    [Fact]
    public void Mutated_frames_end_in_a_frame_a_protocol_fault_or_the_end()
    {
        using var pipe = new MemoryStream();
        Frames.Write(pipe, FrameType.Order, "{\"version\":1}"u8);
        Frames.Write(pipe, FrameType.BlobEnd, "{\"stream\":1,\"ok\":true}"u8);
        Mutate(pipe.ToArray(), bytes =>
        {
            try
            {
                _ = Read(new MemoryStream(bytes));
            }
            catch (PipeProtocolException)
            {
                // Said so.
            }
        });
    }

    [Fact]
    public void Mutated_orders_end_in_an_order_or_faults()
    {
        using var work = new SealedWork();
        var order = JsonSerializer.SerializeToUtf8Bytes(work.BuildOrder([work.Segment(work.Person(0), new string('a', 32), 0)]));
        var (whole, faults) = WorkOrder.Check(PipeJson.Read(order, PipeJson.Default.WorkOrderRequest, "the order"));
        faults.ShouldBeEmpty();
        whole!.Inputs[0].Files.Count.ShouldBe(4);
        Mutate(order, bytes =>
        {
            try
            {
                var (checkedOrder, found) = WorkOrder.Check(PipeJson.Read(bytes, PipeJson.Default.WorkOrderRequest, "the order"));
                (checkedOrder is null).ShouldBe(found.Count > 0);
            }
            catch (PipeProtocolException)
            {
                // Not JSON of its shape.
            }
        });
    }

    [Fact]
    public void Mutated_key_bundles_end_in_a_bundle_or_a_fault_that_repeats_nothing()
    {
        var bundle = JsonSerializer.SerializeToUtf8Bytes(new { version = 1, grant = "g", layer = "outer", keys = new[] { new { @object = "o1", @class = "input", key = new byte[16] }, new { @object = "o2", @class = "text", key = new byte[16] } } });
        using (var whole = KeyBundle.Parse(bundle, "g")) (whole.Count, whole.Layer, whole.Find("o2", "text") is null, whole.Find("o2", "input") is null).ShouldBe((2, "outer", false, true));
        Mutate(bundle, bytes =>
        {
            try
            {
                KeyBundle.Parse(bytes, "g").Dispose();
            }
            catch (PipeProtocolException fault)
            {
                fault.Message.ShouldNotContain("AAAA");
            }
        });
    }

    [Fact]
    public void A_buffer_keeps_what_is_written_and_gives_its_memory_back()
    {
        var budget = new MemoryBudget(64);
        var random = new Random(Seed);
        for (var round = 0; round < 50; round++)
        {
            using var buffer = new PlainBuffer(budget);
            using var model = new MemoryStream();
            for (var step = 0; step < 30; step++)
            {
                var chunk = new byte[random.Next(100_000)];
                random.NextBytes(chunk);
                if (random.Next(4) == 0) buffer.Position = model.Position = random.NextInt64(model.Length + 1);
                buffer.Write(chunk);
                model.Write(chunk);
            }
            using var copy = new MemoryStream();
            buffer.Rewound().CopyTo(copy);
            copy.ToArray().AsSpan().SequenceEqual(model.ToArray()).ShouldBeTrue($"round {round} of seed {Seed}");
        }
        Should.Throw<JobFailureException>(() =>
        {
            using var buffer = new PlainBuffer(budget);
            for (var at = 0; at < 65; at++) buffer.Write(new byte[1 << 20]);
        }).Code.ShouldBe("memory");
        using var again = new PlainBuffer(budget);
        for (var at = 0; at < 40; at++) again.Write(new byte[1 << 20]);
    }

    private static List<(FrameType, int)> Read(Stream pipe)
    {
        var frames = new List<(FrameType, int)>();
        while (Frames.Read(pipe) is { } frame) frames.Add((frame.Type, frame.Payload.Length));
        return frames;
    }

    private static void Mutate(byte[] sample, Action<byte[]> read)
    {
        var random = new Random(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = (byte[])sample.Clone();
            for (var edits = random.Next(1, 4); edits > 0; edits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            read(bytes);
        }
    }
}
