using FsCheck;
using FsCheck.Fluent;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Segments;

public sealed class InputBatchTests
{
    [Fact]
    public void Any_events_come_back_from_a_batch() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll<int, byte>((seed, size) =>
    {
        var random = new Random(seed);
        var quantum = random.Next(3) switch { 0 => 1, 1 => 10, _ => 50 };
        var time = random.Next(100_000) * (long)quantum;
        var events = Enumerable.Range(0, size + 1).Select(_ => Samples.Input(random, time = Math.Max(0, time + random.Next(-2, 40) * quantum))).ToList();
        Decode(Encode(events, quantum)).ShouldBe(events);
    }));

    [Fact]
    public void Times_that_are_no_multiple_of_the_quantum_are_kept()
    {
        InputEvent[] events = [new PointerMoved(new(7), new(1, 2)), new PointerMoved(new(23), new(1, 3))];
        Decode(Encode(events, quantumMs: 10)).ShouldBe(events);
    }

    [Fact]
    public void A_small_move_takes_two_bytes_and_a_middling_one_three()
    {
        int SizeOf(int step) => Encode([.. Enumerable.Range(0, 100).Select(i => new PointerMoved(new(i * 10), new(i * step, i * -step)))], 10).Length;
        SizeOf(7).ShouldBeLessThan(100 * 2 + 12);
        SizeOf(60).ShouldBeLessThan(100 * 3 + 12);
    }

    [Fact]
    public void What_no_batch_can_hold_is_refused_and_the_batch_it_came_to_is_kept()
    {
        InputEvent[] outside =
        [
            new PointerMoved(new(-1), default), new PointerMoved(new((1L << 43) + 1), default), new ButtonChanged(new(1), (PointerButton)4, true, default),
            new KeyChanged(new(1), new('k', 65), KeyModifiers.None, true), new KeyChanged(new(1), "c", (KeyModifiers)32, true),
            new TypedRun(new(1), new(2), -1, 0, default, 0, false), new TypedRun(new(1), new(2), 0, 0, new(1, (TextKind)99), 0, false),
        ];
        var output = new MemoryStream();
        using var writer = new SegmentWriter(new Dictionary<ContentClass, Stream> { [ContentClass.Input] = output }, Samples.Opening);
        writer.Write(new PointerMoved(new(0), new(1, 2)));
        foreach (var input in outside) Should.Throw<ArgumentOutOfRangeException>(() => writer.Write(input));
        writer.Complete(Samples.Health);
        output.Position = 0;
        SegmentReader.Open(new Dictionary<ContentClass, Stream> { [ContentClass.Input] = output }).Input.Count.ShouldBe(1);
    }

    [Fact]
    public void Mutated_batches_give_the_named_error_and_nothing_else()
    {
        var random = new Random(5);
        var batches = Enumerable.Range(0, 20).Select(_ => Encode([.. Enumerable.Range(0, 30).Select(i => Samples.Input(random, i * 20))], 10)).ToArray();
        for (var seed = 0; seed < FuzzRounds.Count; seed++)
        {
            var events = new List<InputEvent>();
            try { InputBatch.Decode(Mutations.Of(batches[seed % 20], seed), 0, events); }
            catch (RecordingFormatException) { }
            events.Count.ShouldBeLessThanOrEqualTo(InputBatch.MaxEvents);
        }
    }

    private static byte[] Encode(IReadOnlyList<InputEvent> events, int quantumMs)
    {
        var buffer = new ByteBuffer();
        InputBatch.Encode(buffer, events, quantumMs);
        return buffer.Written.ToArray();
    }

    private static List<InputEvent> Decode(byte[] bytes)
    {
        var events = new List<InputEvent>();
        InputBatch.Decode(bytes, 0, events);
        return events;
    }
}
