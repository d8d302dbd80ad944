using Tutelage.Desktop.X11;

namespace Tutelage.Desktop.Tests;

public sealed class InputMergeTests
{
    private const int Key = Xlib.KeyPress, KeyUp = Xlib.KeyRelease, Button = Xlib.ButtonPress, Motion = Xlib.MotionNotify;
    private const int Seed = 4711;

    [Fact]
    public void What_both_report_stands_once_as_RECORD_saw_it()
    {
        var merge = new InputMerge();
        merge.Add(new RawEvent(Key, 38, 10, 5, null, null));
        merge.Add(new DeviceEvent(Key, 38, 10, 7, 8, 1));
        merge.Add(new DeviceEvent(KeyUp, 38, 12, 7, 8, 1));
        merge.Add(new RawEvent(KeyUp, 38, 12, 5, null, null));
        merge.Ready.ShouldBe([new(Key, 38, 10, 7, 8, 1), new(KeyUp, 38, 12, 7, 8, 1)]);
        merge.IsWaiting.ShouldBeFalse();
    }

    [Fact]
    public void Repeats_and_warps_need_no_raw_event()
    {
        var merge = new InputMerge();
        merge.Add(new DeviceEvent(Key, 38, 500, 7, 8, 0));
        merge.Add(new DeviceEvent(Motion, 0, 501, 90, 91, 0));
        merge.Ready.Count.ShouldBe(2);
    }

    [Fact]
    public void A_key_that_RECORD_dropped_is_made_up_for_in_its_place()
    {
        var merge = new InputMerge();
        merge.Add(new DeviceEvent(Motion, 0, 9, 70, 80, 0));
        merge.Add(new RawEvent(Key, 38, 10, 5, null, null));
        merge.Add(new RawEvent(KeyUp, 38, 12, 5, null, null));
        merge.Add(new DeviceEvent(KeyUp, 38, 12, 70, 80, 1));
        merge.Ready.Skip(1).ShouldBe([new(Key, 38, 10, 70, 80, 1), new(KeyUp, 38, 12, 70, 80, 1)]);
        merge.Restored.ShouldBe(1);
    }

    [Fact]
    public void The_last_event_is_made_up_for_when_it_is_given_up()
    {
        var merge = new InputMerge();
        merge.Add(new RawEvent(Button, 1, 10, 4, null, null));
        merge.Add(new RawEvent(Button, 3, 20, 4, null, null));
        merge.GiveUp(10, 4);
        merge.Ready.ShouldBe([new(Button, 1, 10, 0, 0, 4)]);
        merge.IsWaiting.ShouldBeTrue();
        merge.GiveUp(0);
        merge.Ready.Count.ShouldBe(2);
    }

    [Fact]
    public void What_was_given_up_too_early_is_not_reported_twice()
    {
        var merge = new InputMerge();
        merge.Add(new RawEvent(Key, 38, 10, 5, null, null));
        merge.GiveUp(10, 0);
        merge.Add(new DeviceEvent(Key, 38, 10, 0, 0, 0));
        merge.Add(new DeviceEvent(KeyUp, 38, 12, 0, 0, 0));
        merge.Ready.Select(ready => ready.Type).ShouldBe([Key, KeyUp]);
    }

    [Fact]
    public void Two_times_of_one_event_may_differ_by_a_millisecond()
    {
        var merge = new InputMerge();
        merge.Add(new RawEvent(Motion, 0, 94, 4, 1200, 10));
        merge.Add(new RawEvent(Button, 1, 96, 4, null, null));
        merge.Add(new DeviceEvent(Motion, 0, 95, 1200, 10, 0));
        merge.Add(new DeviceEvent(Button, 1, 97, 1200, 10, 0));
        merge.Ready.Select(ready => ready.Type).ShouldBe([Motion, Button]);
        merge.LostMotions.ShouldBe(0);
        merge.IsWaiting.ShouldBeFalse();
    }

    [Fact]
    public void A_dropped_motion_of_a_mouse_is_counted_and_not_invented()
    {
        var merge = new InputMerge();
        merge.Add(new RawEvent(Motion, 0, 10, 9, 3, -1));
        merge.Add(new RawEvent(Motion, 0, 11, 9, 3, -1));
        merge.Add(new DeviceEvent(Motion, 0, 11, 106, 98, 0));
        merge.Ready.ShouldHaveSingleItem().X.ShouldBe(106);
        merge.LostMotions.ShouldBe(1);
    }

    [Fact]
    public void A_motion_given_up_too_early_is_lost_only_if_RECORD_goes_past_it()
    {
        var late = new InputMerge();
        late.Add(new RawEvent(Motion, 0, 10, 9, 3, -1));
        late.GiveUp(0);
        late.Add(new DeviceEvent(Motion, 0, 10, 106, 98, 0));
        late.Add(new DeviceEvent(Key, 38, 12, 106, 98, 0));
        late.Ready.Count.ShouldBe(2);
        late.LostMotions.ShouldBe(0);

        var dropped = new InputMerge();
        dropped.Add(new RawEvent(Motion, 0, 10, 9, 3, -1));
        dropped.GiveUp(0);
        dropped.LostMotions.ShouldBe(0);
        dropped.Add(new DeviceEvent(Key, 38, 12, 106, 98, 0));
        dropped.LostMotions.ShouldBe(1);
    }

    [Fact]
    public void Whatever_RECORD_drops_and_however_reading_interleaves_everything_stands_once_and_in_order()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var random = new Random(Seed + round);
            var events = new List<(RawEvent Raw, DeviceEvent Recorded)>();
            uint time = uint.MaxValue - 50;
            for (var i = 0; i < 120; i++)
            {
                time = unchecked(time + (uint)random.Next(0, 3));
                var (type, detail) = random.Next(4) switch { 0 => (Key, (byte)(24 + i % 40)), 1 => (Button, (byte)(1 + i % 40)), _ => (Motion, (byte)0) };
                int x = 10 + i, y = 5 + i % 100;
                events.Add((new(type, detail, time, 4, type == Motion ? x : null, type == Motion ? y : null), new(type, detail, time, x, y, 0)));
            }

            var merge = new InputMerge();
            // The device shows once that its values are pixels.
            merge.Add(new RawEvent(Motion, 0, time - 200, 4, 3, 4));
            merge.Add(new DeviceEvent(Motion, 0, time - 200, 3, 4, 0));
            merge.Ready.Clear();

            // Raw events may be read up to 10 events later or earlier than RECORD's; the last one is never dropped twice.
            int raw = 0, recorded = 0;
            while (raw < events.Count || recorded < events.Count)
            {
                if (raw < events.Count && (recorded >= events.Count || raw - recorded < -3 || (raw - recorded < 10 && random.Next(2) == 0))) merge.Add(events[raw++].Raw);
                else if (random.Next(8) == 0 && raw > recorded) recorded++;
                else merge.Add(events[recorded++].Recorded);
            }

            merge.GiveUp(0);
            merge.LostMotions.ShouldBe(0, $"seed {Seed + round}");
            Sorted(merge.Ready).ShouldBe(Sorted(events.Select(pair => pair.Recorded)), $"seed {Seed + round}");
            merge.Ready.Select(ready => unchecked(ready.TimeMs - (time - 400))).ShouldBeInOrder();
        }

        // Within one millisecond a made-up event may trade places with its neighbours, and a made-up button takes the position known then.
        static List<(uint, int, byte, int)> Sorted(IEnumerable<DeviceEvent> events) =>
            [.. events.Select(e => (unchecked(e.TimeMs + 1000), e.Type, e.Detail, e.Type == Motion ? e.X : 0)).Order()];
    }
}
