using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Spool;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Redaction;
using Tutelage.Rules;

namespace Tutelage.Recorder.Tests.Pipeline;

public sealed class SessionTapeTests
{
    private static readonly HashSet<DataClass> All = [DataClass.Input, DataClass.Text, DataClass.Elements, DataClass.Frames];

    [Fact]
    public void Any_sequence_gives_readable_segments_with_gaps_in_order_that_never_overlap()
    {
        for (var seed = 0; seed < 20; seed++) CheckSequence(seed);
    }

    [Fact]
    public void Equal_snapshots_in_a_row_are_stored_once_and_again_at_the_beginning_of_a_segment()
    {
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        for (var at = 0; at < 5; at++) tape.Write(Interval(at * 1000, snapshot: 1), All, new(at * 1000), new(at * 1000 + 900));
        tape.Turn(new(5000));
        tape.Write(Interval(6000), All, new(6000), new(6900));
        tape.Turn(new(7000));

        var segments = Segments(place);
        segments[0].Elements.Select(tree => tree.Time.Milliseconds).ShouldBe([0]);
        segments[1].Elements.Select(tree => tree.Time.Milliseconds).ShouldBe([6000]);
        segments[1].Elements[0].Elements.ShouldBe(segments[0].Elements[0].Elements);
    }

    [Fact]
    public void The_screen_at_a_segments_beginning_is_told_again_at_that_time_and_not_across_a_gap()
    {
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        tape.Write(Interval(0, snapshot: 1, frame: 0x00112233), All, new(0), new(900));
        tape.Turn(new(1000));
        tape.Write(Interval(5000), All, new(5000), new(5900));
        tape.Turn(new(6000));
        tape.Withhold(new(6000), new(7000), GapReason.NotAllowed, 3);
        tape.Write(Interval(9000), All, new(9000), new(9900));
        tape.Turn(new(10_000));

        var segments = Segments(place);
        segments[1].Frames.Single().Time.Milliseconds.ShouldBe(5000);
        segments[2].Frames.ShouldBeEmpty();
        segments[2].Elements.ShouldBeEmpty();
        segments[2].Gaps.ShouldBe([new Gap(new(6000), new(9000), GapReason.NotAllowed)]);
        segments[2].Health!.Withheld.ShouldBe(3);
    }

    [Fact]
    public void A_long_pause_leaves_no_trail_of_segments()
    {
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        tape.Write(Interval(0), All, new(0), new(900));
        for (var at = 1000L; at < 3_600_000; at += 5000)
        {
            tape.Withhold(new(1000), new(at), GapReason.Paused, 0);
            tape.Tick(new(at));
        }
        tape.Write(Interval(3_600_000), All, new(3_600_000), new(3_600_900));
        tape.Turn(new(3_601_000));

        var segments = Segments(place);
        segments.Count.ShouldBe(2);
        var gaps = segments.SelectMany(segment => segment.Gaps).ToList();
        gaps.ShouldAllBe(gap => gap.Reason == GapReason.Paused);
        (gaps[0].Start.Milliseconds, gaps[^1].End.Milliseconds).ShouldBe((1000, 3_596_000));
        gaps[1].Start.ShouldBe(gaps[0].End);
    }

    [Fact]
    public void What_was_forgotten_is_one_gap_and_counts_as_withheld()
    {
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        tape.Mark(new(new(0), "t", "Do it", false, null));
        tape.Write(Interval(10_000, snapshot: 1, frame: 1), All, new(10_000), new(10_900));
        tape.Withhold(new(11_000), new(12_000), GapReason.NotAllowed, 2);
        tape.Forget(new(5_000), new(20_000), 4);
        tape.Write(Interval(21_000), All, new(21_000), new(21_900));
        tape.Turn(new(22_000));

        var segment = Segments(place).Single();
        segment.Gaps.ShouldBe([new Gap(new(0), new(20_000), GapReason.Forgotten)]);
        segment.Input.ShouldAllBe(input => input.Time.Milliseconds >= 21_000);
        segment.Elements.ShouldBeEmpty();
        segment.Frames.ShouldBeEmpty();
        tape.Totals.Withheld.ShouldBe(2 + 1 + 4);
        tape.Totals.Kept.ShouldBe(1);
    }

    [Fact]
    public void Another_epoch_begins_another_segment_that_says_so()
    {
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        tape.EnterEpoch(3, default);
        tape.Write(Interval(0), All, new(0), new(900));
        tape.EnterEpoch(4, new(1000));
        tape.Write(Interval(1000), All, new(1000), new(1900));
        tape.Turn(new(2000));

        place.Spool.Held().Select(id => (place.Read(id).Opening.Number, place.Spool.EpochOf(id))).OrderBy(segment => segment.Number).ShouldBe([(0, 3), (1, 4)]);
    }

    [Fact]
    public void A_hole_that_a_recorder_died_in_or_after_stands_in_the_spool()
    {
        for (var seed = 0; seed < 60; seed++) CheckCrash(seed);
    }

    [Fact]
    public void What_was_forgotten_leaves_the_holes_before_it()
    {
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        tape.Withhold(new(1000), new(4000), GapReason.Paused, 0);
        tape.Tick(new(4000));
        tape.Write(Interval(5000), All, new(5000), new(5900));
        tape.Forget(new(4500), new(6000), 0);
        tape.Turn(new(7000), whole: true);

        Gap.Join(Segments(place).SelectMany(segment => segment.Gaps)).ShouldBe([new Gap(new(1000), new(4000), GapReason.Paused), new Gap(new(4000), new(6000), GapReason.Forgotten)]);
    }

    /// <summary>Any sequence, cut off like a killed process: every hole of which the tape was told two seconds before the last beat is found again, with its reason.</summary>
    private static void CheckCrash(int seed)
    {
        var random = new Random(seed);
        using var place = new SpoolPlace();
        GapReason[] reasons = [GapReason.NotAllowed, GapReason.Paused, GapReason.IndicatorHidden, GapReason.DetectorFailed];
        var holes = new List<(GapReason Reason, long Start, long End, long KnownAt)>();
        var (now, open) = (0L, default(GapReason?));
        using (var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening))
        {
            for (var steps = random.Next(1, 10); steps > 0; steps--)
            {
                var length = random.Next(5) == 0 ? random.Next(70_000) : random.Next(1500);
                switch (random.Next(6))
                {
                    case 0 or 1 or 2:
                        var reason = random.Next(3) == 0 || open is null ? reasons[random.Next(reasons.Length)] : open.Value;
                        if (open == reason) holes[^1] = holes[^1] with { End = now + length };
                        else
                        {
                            if (open is not null) holes[^1] = holes[^1] with { KnownAt = Math.Max(holes[^1].KnownAt, now) };
                            holes.Add((reason, now, now + length, now));
                        }
                        open = reason;
                        tape.Withhold(new(now), new(now + length), reason, 1);
                        break;
                    case 3:
                        tape.Turn(new(now), whole: random.Next(2) == 0);
                        break;
                    default:
                        if (open is not null) holes[^1] = holes[^1] with { KnownAt = now };
                        open = null;
                        tape.Write(Interval(now), All, new(now), new(now + length));
                        break;
                }
                for (var beat = now + 200; beat < now + length; beat += 200) tape.Tick(new(beat));
                now += length;
                tape.Tick(new(now));
            }
            // Disposed without an end: the disk holds what a killed recorder leaves.
        }
        SpoolRecovery.Run(place.Spool);

        var gaps = Segments(place).SelectMany(segment => segment.Gaps).ToList();
        foreach (var hole in holes.Where(hole => now >= hole.KnownAt + SessionTape.FlushMs))
            gaps.ShouldContain(gap => gap.Reason == hole.Reason && gap.Start.Milliseconds <= hole.End && gap.End.Milliseconds >= hole.Start, $"seed {seed}: {hole}");
    }

    private static void CheckSequence(int seed)
    {
        var random = new Random(seed);
        using var place = new SpoolPlace();
        using var tape = new SessionTape(place.Spool, SpoolPlace.Manifest, SpoolPlace.Opening);
        GapReason[] reasons = [GapReason.NotAllowed, GapReason.Paused, GapReason.Blocked, GapReason.DetectorFailed];
        var (now, written) = (0L, new List<long>());
        for (var step = 0; step < 120; step++)
        {
            var length = random.Next(6) == 0 ? random.Next(40_000) : random.Next(1000);
            var (start, end) = (new SessionTime(now), new SessionTime(now + length));
            switch (random.Next(8))
            {
                case 0 or 1: tape.Withhold(start, end, reasons[random.Next(reasons.Length)], random.Next(3)); break;
                case 2: tape.Turn(start, whole: random.Next(2) == 0); break;
                case 3:
                    tape.Write(Interval(now, gap: new(start, start, GapReason.EventsLost)), All, start, end);
                    written.Add(now);
                    break;
                case 4: tape.Mark(new(start, "task", "Do it", random.Next(2) == 0, null)); break;
                default:
                    tape.Write(Interval(now, snapshot: random.Next(3), frame: (uint)random.Next(3)), All, start, end);
                    written.Add(now);
                    break;
            }
            now += length;
            tape.Tick(new(now));
        }
        tape.Turn(new(now), whole: true);

        var segments = Segments(place);
        segments.Select(segment => segment.Opening.Number).ShouldBe(Enumerable.Range(0, segments.Count));
        segments.SelectMany(segment => segment.Input).Select(input => input.Time.Milliseconds).ShouldBe(written, $"seed {seed}");
        var gaps = segments.SelectMany(segment => segment.Gaps).ToList();
        for (var index = 0; index < gaps.Count; index++)
        {
            (gaps[index].End >= gaps[index].Start && (index == 0 || gaps[index].Start >= gaps[index - 1].End)).ShouldBeTrue($"seed {seed}, gap {index}");
        }
        foreach (var segment in segments)
        {
            var times = segment.Frames.Select(frame => frame.Time.Milliseconds).ToList();
            times.ShouldBe(times.Order());
            foreach (var (first, second) in segment.Elements.Zip(segment.Elements.Skip(1)).Where(pair => pair.First.Elements.SequenceEqual(pair.Second.Elements)))
                gaps.Exists(gap => gap.Start >= first.Time && gap.End <= second.Time).ShouldBeTrue($"seed {seed}");
        }
        segments.Sum(segment => segment.Health!.Kept).ShouldBe(written.Count);
        tape.Totals.Seen.ShouldBe(tape.Totals.Kept + tape.Totals.Withheld + tape.Totals.Lost);
    }

    private static RedactedInterval Interval(long ms, int snapshot = 0, uint frame = 0, Gap? gap = null) => new()
    {
        Inputs = [new PointerMoved(new(ms), new(3, 4))],
        Elements = snapshot == 0 ? [] : [new(new(ms), SpoolPlace.Context, [SpoolPlace.Element(snapshot, "button", $"Save {snapshot}", new(0, 0, 9, 9))], -1)],
        Frames = frame == 0 ? [] : [new(new(ms), SpoolPlace.Image(frame))],
        Gaps = gap is null ? [] : [gap],
        Counts = new(1, 1, 0, 0, 0, 0, 0),
    };

    private static List<SegmentReader> Segments(SpoolPlace place) => place.Spool.Held().Select(place.Read).OrderBy(segment => segment.Opening.Number).ToList();
}
