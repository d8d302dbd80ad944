using Tutelage.Recorder.Pipeline;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using static Tutelage.Recorder.Tests.Support.Captures;

namespace Tutelage.Recorder.Tests.Pipeline;

public sealed class IntervalAssemblerTests
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(600);
    private static readonly DesktopContext Page = Context("chromium", 2, "http://127.0.0.1/");
    private static readonly DesktopContext OtherPage = Context("chromium", 2, "http://127.0.0.1/other");
    private static readonly DesktopContext Vault = Context("keepassxc", 3);

    [Fact]
    public void Any_stream_is_cut_without_losing_doubling_mixing_or_cutting_what_is_being_typed()
    {
        for (var seed = 0; seed < 200; seed++) CheckCut(seed);
    }

    [Fact]
    public void A_tree_of_the_window_before_does_not_bring_its_context_back()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        assembler.Add(Enter(100, Vault));
        assembler.Add(Tree(101, Page, 4));
        assembler.Add(Key(200, "x", true));

        var intervals = TakeAll(assembler, 10_000);
        intervals.Single(interval => interval.Events.OfType<CapturedKey>().Any()).Context.App.ShouldBe("keepassxc");
        intervals.SelectMany(interval => interval.Events).OfType<CapturedElements>().ShouldBeEmpty();
    }

    [Fact]
    public void A_focus_that_accessibility_tells_late_does_not_cut_a_number_in_two()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        assembler.Add(Tree(10, Page, 4));
        for (var digit = 0; digit < 8; digit++) Type(assembler, 2000 + digit * 100, "4");
        assembler.Add(Tree(2810, Page, 7));
        for (var digit = 8; digit < 16; digit++) Type(assembler, 2000 + digit * 100, "4");

        TakeAll(assembler, 60_000).Single(interval => interval.HasTyping).Events.OfType<CapturedKey>().Count(key => key.Down).ShouldBe(16);
    }

    [Fact]
    public void A_press_ends_what_was_being_typed_and_begins_the_next_interval()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        Type(assembler, 100, "a");
        assembler.Add(Press(300, true));
        assembler.Add(Press(340, false));
        Type(assembler, 500, "b");

        var intervals = TakeAll(assembler, 60_000);
        intervals[0].Boundary.ShouldBe(Boundary.Press);
        intervals[1].Events[0].ShouldBeOfType<CapturedButton>();
    }

    [Fact]
    public void Keys_held_when_capture_stops_do_not_hold_anything_up_afterwards()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        assembler.Add(Key(10, "Control_L", true));
        assembler.Add(Press(20, true));
        assembler.Drop().ShouldBe(2);
        assembler.Add(Move(1000));
        assembler.Tick(At(2001));
        assembler.TakeSettled(At(3000)).ShouldNotBeNull().Boundary.ShouldBe(Boundary.Age);
    }

    [Fact]
    public void Lost_events_end_the_interval_as_one_that_keeps_no_text()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        Type(assembler, 100, "a");
        assembler.Add(new CapturedFault(At(200), GapReason.EventsLost, false));
        Type(assembler, 300, "b");

        var intervals = TakeAll(assembler, 60_000);
        intervals[0].Boundary.ShouldBe(Boundary.Lost);
        intervals[0].Events.OfType<CapturedKey>().Count(key => key.Down).ShouldBe(1);
    }

    [Fact]
    public void A_frame_that_was_painted_over_is_not_taken_for_settled()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        assembler.Add(Frame(900, new(0, 0, 64, 64)));
        assembler.Tick(At(1000));
        assembler.Add(Frame(1100, new(0, 0, 10, 10)));
        assembler.TakeSettled(At(1650)).ShouldNotBeNull().SettledAt.ShouldBe(At(1100));

        assembler = new(Settle);
        assembler.Add(Enter(0, Page));
        assembler.Add(Frame(900, new(0, 0, 20, 20)));
        assembler.Tick(At(1000));
        assembler.Add(Frame(1100, new(40, 40, 10, 10)));
        assembler.TakeSettled(At(1650)).ShouldNotBeNull().SettledAt.ShouldBe(At(1650));
    }

    [Fact]
    public void Pixels_that_wait_stay_within_their_bound_and_what_was_dropped_is_still_a_change()
    {
        var assembler = new IntervalAssembler(Settle);
        assembler.Add(Enter(0, Page));
        var size = new ScreenSize(1280, 800);
        var union = default(ScreenRect);
        for (var index = 0; index < 120; index++)
        {
            if (index % 3 == 0) Type(assembler, index * 240, "a");
            var damage = new ScreenRect(index * 10, index, 10, 10);
            union = union.Union(damage);
            assembler.Add(Frame(index * 240 + 100, damage, size));
            assembler.FrameBytes.ShouldBeLessThanOrEqualTo(64L << 20);
        }

        var kept = TakeAll(assembler, 100_000).SelectMany(interval => interval.Events).OfType<CapturedFrame>().ToList();
        kept.Aggregate(default(ScreenRect), (all, frame) => all.Union(frame.Image.Damage)).ShouldBe(union);
        kept[^1].Time.ShouldBe(At(119 * 240 + 100));
        foreach (var frame in kept) frame.Image.Dispose();
    }

    private static void CheckCut(int seed)
    {
        var random = new Random(seed);
        var assembler = new IntervalAssembler(Settle);
        DesktopContext[] contexts = [Page, OtherPage, Vault, Editor];
        var (context, ms, sent, taken) = (Page, 0.0, new List<CapturedEvent>(), new List<WaitingInterval>());
        var held = new List<string>();
        Send(Enter(0, Page));
        for (var step = 0; step < 400; step++)
        {
            ms += random.Next(10) == 0 ? random.Next(4000) : random.Next(200);
            switch (random.Next(12))
            {
                case 0: Send(Enter(ms, context = contexts[random.Next(contexts.Length)])); break;
                case 1: Send(Tree(ms, context, random.Next(4) - 1)); break;
                case 2: Send(Frame(ms, new(random.Next(60), random.Next(60), 4, 4))); break;
                case 3: Send(Press(ms, random.Next(2) == 0)); break;
                case 4: Send(Key(ms, "Return", true)); Send(Key(ms + 1, "Return", false)); break;
                case 5 or 6 or 7 or 8:
                    var key = "abc"[random.Next(3)].ToString();
                    Send(Key(ms, key, !held.Remove(key)));
                    if (sent[^1] is CapturedKey { Down: true }) held.Add(key);
                    break;
                case 9: Collect(ms); break;
                default: Send(Move(ms)); break;
            }
        }
        Collect(ms);
        assembler.Close(At(ms), Boundary.Flush);
        Collect(ms + 100_000);

        var kept = taken.SelectMany(interval => interval.Events).ToList();
        kept.SequenceEqual(sent, ReferenceEqualityComparer.Instance).ShouldBeTrue($"seed {seed}");
        foreach (var interval in taken)
        {
            var sound = interval.Events.OfType<CapturedContext>().All(entered => Same(entered.Context, interval.Context))
                && interval.Events.OfType<CapturedElements>().All(tree => Same(tree.Tree.Context, interval.Context))
                && interval.Events[^1].Time - interval.Start <= IntervalAssembler.Longest && interval.SettledAt >= interval.End;
            sound.ShouldBeTrue($"seed {seed}");
        }
        for (var index = 1; index < taken.Count; index++)
        {
            // Between two letters less than an idle pause apart there is a cut only where something ends typing.
            var (before, after) = (taken[index - 1], taken[index]);
            if (before.Boundary is not (Boundary.Age or Boundary.Idle or Boundary.Focus)) continue;
            var last = before.Events.OfType<CapturedKey>().LastOrDefault(WaitingInterval.WritesText);
            var next = after.Events.OfType<CapturedKey>().FirstOrDefault(WaitingInterval.WritesText);
            if (last is not null && next is not null && Same(before.Context, after.Context)) (next.Time - last.Time >= Settle).ShouldBeTrue($"seed {seed}, cut by {before.Boundary}");
        }

        void Send(CapturedEvent captured)
        {
            sent.Add(captured);
            assembler.Add(captured);
        }

        void Collect(double now)
        {
            assembler.Tick(At(now));
            while (assembler.TakeSettled(At(now)) is { } interval) taken.Add(interval);
        }
    }

    private static void Type(IntervalAssembler assembler, double ms, string letter)
    {
        assembler.Add(Key(ms, letter, true));
        assembler.Add(Key(ms + 40, letter, false));
    }

    private static List<WaitingInterval> TakeAll(IntervalAssembler assembler, double ms)
    {
        assembler.Tick(At(ms));
        assembler.Close(At(ms), Boundary.Flush);
        var taken = new List<WaitingInterval>();
        while (assembler.TakeSettled(At(ms + 10_000)) is { } interval) taken.Add(interval);
        return taken;
    }

    private static bool Same(DesktopContext left, DesktopContext right) => left.Window == right.Window && left.Document == right.Document;
}
