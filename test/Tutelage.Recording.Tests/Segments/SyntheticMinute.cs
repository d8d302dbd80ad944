using Tutelage.Recording.Events;

namespace Tutelage.Recording.Tests.Segments;

/// <summary>A minute of office work at 35 events a second: pointer paths at 125 Hz with pauses, clicks, wheel, shortcuts, typed runs; seeded.</summary>
internal static class SyntheticMinute
{
    public static List<InputEvent> Events(int seed)
    {
        var random = new Random(seed);
        var events = new List<InputEvent>();
        var (time, x, y, run) = (0.0, 800.0, 450.0, 0);
        while (time < 60_000)
        {
            var (toX, toY) = (random.Next(1600), random.Next(900));
            var steps = random.Next(20, 70);
            for (var i = 0; i < steps; i++, time += 8)
            {
                (x, y) = (x + (toX - x) * i / steps, y + (toY - y) * i / steps);
                events.Add(new PointerMoved(At(time), Point()));
            }
            for (var click = random.Next(1, 3); click > 0; click--, time += 180)
            {
                events.Add(new ButtonChanged(At(time), PointerButton.Left, true, Point()));
                events.Add(new ButtonChanged(At(time + 80), PointerButton.Left, false, Point()));
            }
            for (var notch = random.Next(6); notch > 0; notch--, time += 40) events.Add(new Scrolled(At(time), 0, 1, Point()));
            if (random.Next(3) == 0)
            {
                events.Add(new TypedRun(At(time), At(time + 900), run++, 40, new(8, TextKind.Word), 8, false));
                events.Add(new KeyChanged(At(time + 950), "tab", KeyModifiers.None, true));
                events.Add(new KeyChanged(At(time + 990), "tab", KeyModifiers.None, false));
                time += 1000;
            }
            time += random.Next(300, 1100);
        }
        return events;

        SessionTime At(double milliseconds) => new((long)milliseconds);
        ScreenPoint Point() => new((int)x, (int)y);
    }
}
