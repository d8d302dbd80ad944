using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Recording.Tests.Segments;

/// <summary>Records of every kind, drawn from a seed; what they say is made up.</summary>
internal static class Samples
{
    public static readonly SegmentOpening Opening = new(
        "00112233445566778899aabbccddeeff", 3, new(2026, 3, 4, 5, 6, 0, TimeSpan.Zero), new(200, 150), new('a', 64), "sample/1", 10, false);

    public static readonly SegmentHealth Health = new(new(60_000), 100, 90, 8, 2, 5);

    private static readonly string[] Keys = ["enter", "tab", "c", "f5", "xf86_forward", "Größe", "xf86_back"];
    private static readonly string[] Words = ["Amount", "Cancel", "Grüße", "日付", "\"quoted\"", "", "\u0000", "Save & close"];

    public static InputEvent Input(Random random, long time)
    {
        var at = new SessionTime(time);
        var wide = random.Next(8) == 0;
        var point = wide ? new ScreenPoint(random.Next(int.MinValue, int.MaxValue), random.Next(int.MinValue, int.MaxValue)) : new(random.Next(-5, 60), random.Next(-5, 60));
        var modifiers = (KeyModifiers)random.Next(32);
        return random.Next(7) switch
        {
            0 => new ButtonChanged(at, Pick(random, Enum.GetValues<PointerButton>()), random.Next(2) == 0, point, modifiers),
            1 => new Scrolled(at, random.Next(-3, 4), random.Next(-100, 100), point, modifiers),
            2 => new KeyChanged(at, Pick(random, Keys), modifiers, random.Next(2) == 0),
            3 => new TypedRun(at, new(time + random.Next(40_000)), random.Next(1000), random.Next(-1, 5000), Shape(random), TextShape.LengthClassOf(random.Next(300)), random.Next(2) == 0),
            _ => new PointerMoved(at, point),
        };
    }

    public static TextShape Shape(Random random) => new(
        TextShape.LengthClassOf(random.Next(2000)), Pick(random, Enum.GetValues<TextKind>()), Pick(random, Enum.GetValues<TextSource>()), random.Next(-1, 50), random.Next(20));

    public static ElementSnapshot Snapshot(Random random, long time) => new(
        new(time),
        new(Word(random), random.Next(2) == 0 ? null : Word(random), random.Next(2) == 0 ? null : Word(random), Rect(random)),
        [.. Enumerable.Range(0, random.Next(6)).Select(id => new RecordedElement(
            id, id - 1, "button", random.Next(2) == 0 ? null : Word(random), random.Next(2) == 0 ? null : Shape(random), null, Shape(random), "hint",
            (ElementStates)random.Next(1 << 17), Rect(random)))],
        random.Next(-1, 6));

    public static string Word(Random random) => Pick(random, Words);

    public static T Pick<T>(Random random, IReadOnlyList<T> list) => list[random.Next(list.Count)];

    /// <summary>The picture before with one rectangle changed inside the damage that it states.</summary>
    public static ScreenImage Next(Random random, ScreenImage before)
    {
        var damage = new ScreenRect(random.Next(before.Size.Width), random.Next(before.Size.Height), random.Next(1, 90), random.Next(1, 60));
        var next = before.Copy(damage);
        if (random.Next(4) != 0) next.Fill(damage, (uint)random.Next(3) * 0x00FF_8040u);
        return next;
    }

    private static ScreenRect Rect(Random random) => new(random.Next(-10, 3000), random.Next(-10, 3000), random.Next(500), random.Next(500));
}
