using System.Runtime.InteropServices;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Redaction;

namespace Tutelage.Recorder.Tests.Sending;

public sealed class SecondLookTests
{
    private const string Secret = "Zanzibar-Protocol-77";
    private static readonly ScreenRect Box = new(8, 8, 16, 8);

    [Fact]
    public void What_turned_out_to_be_a_secret_later_is_taken_out_of_what_came_before()
    {
        using var memory = new SessionMemory(default);
        memory.RememberSecret(Secret);

        var copy = Copied(memory);

        copy.Texts.ShouldHaveSingleItem().Text.ShouldBe("harmless");
        copy.Input.OfType<TypedRun>().Select(run => run.Shape.Kind).ShouldBe([TextKind.Secret, TextKind.Word]);
        copy.Tasks.Single().Instruction.ShouldNotContain("Zanzibar");
        var elements = copy.Elements.Single().Elements;
        elements[0].Name.ShouldBeNull();
        elements[0].NameShape.ShouldBe(new(16, TextKind.Secret));
        elements[1].Name.ShouldBe("Save");
        copy.Elements.Single().Context.Title.ShouldBeNull();
        foreach (var (_, image) in copy.Frames)
            using (image)
            {
                var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
                (pixels[10 * 64 + 10] & 0xFFFFFF).ShouldBe(0xB4B4B4u);
                (pixels[40 * 64 + 40] & 0xFFFFFF).ShouldNotBe(0xB4B4B4u);
            }
        copy.Frames.Count().ShouldBe(2);
    }

    [Fact]
    public void Without_anything_learnt_the_copy_is_the_same()
    {
        using var memory = new SessionMemory(default);
        var copy = Copied(memory);
        copy.Texts.Count.ShouldBe(2);
        copy.Elements.Single().Elements[0].Name.ShouldBe("Open " + Secret);
        copy.Health.ShouldNotBeNull();
        copy.Gaps.Count.ShouldBe(1);
    }

    private static SegmentReader Copied(SessionMemory memory)
    {
        using var place = new SpoolPlace();
        var id = place.Hold(writer =>
        {
            writer.Write(new TypedRun(new(20), new(30), 0, 1, new(32, TextKind.Identifier), 32, true));
            writer.Write(new TypedRun(new(40), new(50), 1, 1, new(8, TextKind.Word), 8, false));
            writer.Write(new TypedText(new(20), 0, "a " + Secret, false));
            writer.Write(new TypedText(new(40), 1, "harmless", false));
            writer.Write(new TaskMark(new(15), "t/1", "Look for " + Secret, false, null));
            writer.Write(new Gap(new(60), new(70), GapReason.NotAllowed));
            writer.Write(new ElementSnapshot(new(10), SpoolPlace.Context with { Title = Secret }, [SpoolPlace.Element(1, "button", "Open " + Secret, Box), SpoolPlace.Element(2, "button", "Save", new(30, 30, 20, 20))], 1));
            using var first = SpoolPlace.Image(0x00102030);
            writer.Write(new SessionTime(12), first);
            using var second = first.Copy(new(40, 40, 4, 4));
            second.Fill(new(40, 40, 4, 4), 0x00FFFFFF);
            writer.Write(new SessionTime(900), second);
        });
        var output = Enum.GetValues<ContentClass>().ToDictionary(kept => kept, _ => new MemoryStream());
        using (var opened = place.Spool.Open(id))
        {
            var reader = SegmentReader.Open(opened.Files);
            using var writer = new SegmentWriter(output.ToDictionary(file => file.Key, file => (Stream)file.Value), reader.Opening);
            new SecondLook(memory).Copy(reader, writer);
        }
        foreach (var file in output.Values) file.Position = 0;
        return SegmentReader.Open(output.ToDictionary(file => file.Key, file => (Stream)file.Value));
    }
}
