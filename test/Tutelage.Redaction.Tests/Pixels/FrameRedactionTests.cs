using System.Runtime.InteropServices;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction.Ocr;
using Tutelage.Redaction.Pixels;
using Tutelage.Redaction.Tests.Ocr;

namespace Tutelage.Redaction.Tests.Pixels;

public sealed class FrameRedactionTests
{
    private static readonly ScreenRect Save = new(40, 40, 120, 32);
    private static readonly ScreenRect Cell = new(40, 100, 200, 24);
    private static readonly ScreenRect Loose = new(320, 200, 160, 24);
    private const uint Paper = 0x00F0F0F0;

    [Fact]
    public void Interface_stays_content_and_loose_text_go()
    {
        using var desk = new Desk();
        using var result = desk.Tree(-1, Button, Content).Frame(Drawn()).Redact();
        var image = result.Frames.ShouldHaveSingleItem().Image;
        AssertSame(image, Save);
        AssertFlat(image, Cell, FrameRedaction.FillColour);
        AssertFlat(image, Loose, Paper);
    }

    [Fact]
    public void No_frame_leaves_without_a_tree()
    {
        using var desk = new Desk();
        using var result = desk.Frame(Drawn()).Redact();
        result.Frames.ShouldBeEmpty();
        result.Counts.FramesWithheld.ShouldBe(1);
    }

    [Fact]
    public void Outside_of_the_window_everything_is_filled()
    {
        using var desk = new Desk();
        var window = new ScreenRect(0, 0, 300, 80);
        var tree = new ElementTree(desk.Context with { Bounds = window }, [Desk.Root with { Bounds = window }, Button], -1);
        using var memory = new SessionMemory(default);
        var events = new CapturedEvent[] { new CapturedElements(new(1), tree), new CapturedFrame(new(2), Drawn()) };
        using var result = new Redactor().Redact(new(desk.Context with { Bounds = window }, events, MonotonicTime.FromMilliseconds(5000)), desk.Policy, memory);
        AssertSame(result.Frames[0].Image, Save);
        AssertFlat(result.Frames[0].Image, new(0, 80, 640, 320), FrameRedaction.FillColour);
        AssertFlat(result.Frames[0].Image, new(300, 0, 340, 400), FrameRedaction.FillColour);
    }

    [Fact]
    public void A_secret_in_a_button_is_filled()
    {
        using var desk = new Desk();
        using var result = desk.Tree(-1, Button with { Name = "Pay 4242 4242 4242 4242" }).Frame(Drawn()).Redact();
        AssertFlat(result.Frames[0].Image, Save, FrameRedaction.FillColour);
    }

    [Fact]
    public void A_field_keeps_its_outline_and_nothing_else_unless_it_is_kept()
    {
        var field = Desk.Field(5, "1234") with { Bounds = Cell };
        using (var desk = new Desk())
        using (var result = desk.Tree(-1, field).Frame(Drawn()).Redact())
        {
            AssertFlat(result.Frames[0].Image, Cell.Inflate(-2), FrameRedaction.FillColour);
        }

        using (var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) })
        using (var result = desk.Tree(-1, field).Frame(Drawn()).Redact())
        {
            AssertSame(result.Frames[0].Image, Cell);
        }

        using (var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) })
        using (var result = desk.Tree(-1, field with { States = field.States | ElementStates.Protected }).Frame(Drawn()).Redact())
        {
            AssertFlat(result.Frames[0].Image, Cell.Inflate(-2), FrameRedaction.FillColour);
        }
    }

    [Fact]
    public void A_kept_field_is_filled_in_every_frame_of_an_interval_in_which_it_comes_to_hold_a_secret()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var field = Desk.Field(5, "4242 4242 42") with { Bounds = Cell };
        using var result = desk.Tree(5, field).Frame(Drawn()).Wait(1000).Tree(5, field with { Value = "4242 4242 4242 4242" }).Frame(Drawn()).Redact();
        result.Frames.Count.ShouldBe(2);
        foreach (var frame in result.Frames) AssertFlat(frame.Image, Cell, FrameRedaction.FillColour);
    }

    [Fact]
    public void While_the_layout_changes_only_what_both_trees_call_interface_stands()
    {
        using var desk = new Desk();
        var moved = Button with { Bounds = Save with { X = 200 } };
        using var result = desk.Tree(-1, Button).Wait(1000).Frame(Drawn()).Wait(100).Tree(-1, moved).Wait(50).Frame(Drawn()).Redact(wait: 100);
        AssertFlat(result.Frames[0].Image, new(56, 48, 90, 16), Paper);
    }

    [Fact]
    public void What_was_filled_for_doubt_is_looked_at_again_with_the_next_frame()
    {
        using var desk = new Desk();
        using var first = desk.Tree(-1, Button).Wait(1000).Frame(Drawn()).Redact(wait: 50);
        AssertFlat(first.Frames[0].Image, Save, FrameRedaction.FillColour);
        using var second = desk.Tree(-1, Button).Frame(Drawn(new(600, 380, 4, 4))).Redact();
        AssertSame(second.Frames[0].Image, Save);
        second.Frames[0].Image.Damage.Contains(Save).ShouldBeTrue();
    }

    [Fact]
    public void Only_changed_regions_are_looked_at()
    {
        using var desk = new Desk();
        using var first = desk.Tree(-1, Button).Frame(Drawn()).Redact();
        using var second = desk.Tree(-1, Button).Frame(Drawn(new(330, 210, 10, 5))).Redact();
        second.Frames[0].Image.Damage.ShouldBe(new ScreenRect(320, 192, 64, 64));
        second.Frames[0].Image.Pixels.SequenceEqual(first.Frames[0].Image.Pixels).ShouldBeTrue();
    }

    [Fact]
    public void Redacting_a_redacted_frame_changes_nothing()
    {
        using var desk = new Desk();
        using var first = desk.Tree(-1, Button, Content).Frame(Drawn()).Redact();
        using var again = new Desk();
        using var second = again.Tree(-1, Button, Content).Frame(first.Frames[0].Image.Copy(Desk.Screen.Bounds)).Redact();
        second.Frames[0].Image.Pixels.SequenceEqual(first.Frames[0].Image.Pixels).ShouldBeTrue();
    }

    [Fact]
    public void A_tree_that_paints_too_much_closes_the_frame()
    {
        using var desk = new Desk();
        var many = Enumerable.Range(1, 200).Select(id => Desk.Element(id, "dialog", at: Desk.WindowBounds)).ToArray();
        using var result = desk.Tree(-1, many).Frame(Drawn()).Redact();
        AssertFlat(result.Frames[0].Image, Desk.WindowBounds, FrameRedaction.FillColour);
    }

    /// <summary>A page drawn by Chromium (Pages/expenses.png): sans-serif text of 12 to 72 px, dark on light, light on dark, faint, in a table.</summary>
    [Fact]
    public void No_text_of_a_drawn_page_survives_where_accessibility_says_nothing()
    {
        using var page = OcrTests.Page();
        using var desk = new Desk();
        var bounds = page.Size.Bounds;
        var context = desk.Context with { Bounds = bounds };
        var tree = new ElementTree(context, [Desk.Root with { Bounds = bounds }, Desk.Element(1, "button", "Save report", at: new(283, 193, 110, 28))], -1);
        using var memory = new SessionMemory(default);
        using var result = new Redactor().Redact(new(context, [new CapturedElements(new(1), tree), new CapturedFrame(new(2), page.Copy(bounds))], MonotonicTime.FromMilliseconds(5000)), desk.Policy, memory);
        var image = result.Frames[0].Image;
        EdgesOutside(image, new(283, 193, 110, 28)).ShouldBeLessThan(EdgesOutside(page, new(283, 193, 110, 28)) / 20);

        if (OcrTests.Engine() is not { } engine) return;
        using (engine)
        {
            string.Concat(engine.Read(image).Select(line => line.Text)).Replace(" ", "").TrimEnd('.').ShouldBe("Savereport");
        }
    }

    private static CapturedElement Button => Desk.Element(1, "button", "Save", at: Save);

    private static CapturedElement Content => Desk.Element(2, "cell", "some words", at: Cell);

    /// <summary>Strong steps between neighbours that are no straight border.</summary>
    private static int EdgesOutside(ScreenImage image, ScreenRect except)
    {
        var pixels = image.Pixels;
        var edges = 0;
        for (var y = 0; y < image.Size.Height - 1; y++)
        {
            for (var x = 0; x < image.Size.Width - 1; x++)
            {
                if (except.Contains(new ScreenPoint(x, y))) continue;
                int here = pixels[y * image.StrideBytes + x * 4 + 1], right = pixels[y * image.StrideBytes + x * 4 + 5], below = pixels[(y + 1) * image.StrideBytes + x * 4 + 1];
                if (Math.Abs(here - right) > 40 && Math.Abs(here - below) > 20) edges++;
            }
        }

        return edges;
    }

    /// <summary>A surface with glyph-like patterns in three places.</summary>
    private static ScreenImage Drawn(ScreenRect? damage = null)
    {
        var image = ScreenImage.Rent(Desk.Screen, damage ?? Desk.Screen.Bounds);
        image.Fill(Desk.Screen.Bounds, Paper);
        foreach (var place in new[] { Save, Cell, Loose })
        {
            var random = new Random(place.X * 31 + place.Y);
            for (var x = place.X + 12; x < place.Right - 12; x += 9)
            {
                for (var bit = 0; bit < 12; bit++)
                    if (random.Next(2) == 0) image.Fill(new(x + bit % 3 * 2, place.Y + 6 + bit / 3 * 3, 2, 3), 0x00202020);
                image.Fill(new(x, place.Y + 6, 2, 12), 0x00202020);
            }
        }

        return image;
    }

    private static void AssertSame(ScreenImage image, ScreenRect rect)
    {
        using var drawn = Drawn();
        for (var y = rect.Y; y < rect.Bottom; y++)
            Row(image, rect, y).SequenceEqual(Row(drawn, rect, y)).ShouldBeTrue($"row {y} was changed");
    }

    private static void AssertFlat(ScreenImage image, ScreenRect rect, uint colour)
    {
        for (var y = rect.Y; y < rect.Bottom; y++)
            foreach (var pixel in Row(image, rect, y))
                (pixel & 0x00FF_FFFF).ShouldBe(colour, $"row {y}");
    }

    private static Span<uint> Row(ScreenImage image, ScreenRect rect, int y) => MemoryMarshal.Cast<byte, uint>(image.Pixels).Slice(y * image.Size.Width + rect.X, rect.Width);
}
