using System.Text;
using Tutelage.Trajectories.Importing;
using Tutelage.Testing;

namespace Tutelage.Trajectories.Tests.Importing;

public sealed class ImportFuzzTests
{
    private const string DuckTrack = """
        {"time_stamp": 1.0, "action": "move", "x": 10.5, "y": 20}
        {"time_stamp": 1.1, "action": "click", "x": 10, "y": 20, "button": "left", "pressed": true}
        {"time_stamp": 1.2, "action": "click", "x": 10, "y": 20, "button": "left", "pressed": false}
        {"time_stamp": 1.3, "action": "press", "name": "shift"}
        {"time_stamp": 1.4, "action": "press", "name": "a"}
        {"time_stamp": 1.5, "action": "release", "name": "shift"}
        {"time_stamp": 1.6, "action": "press", "name": "backspace"}
        {"time_stamp": 1.7, "action": "press", "name": "b"}
        {"time_stamp": 1.8, "action": "scroll", "x": 10, "y": 20, "dx": 0, "dy": -3}
        """;

    private const string MiniWob = """
        {"utterance": "Do it", "rawReward": 1, "states": [
        {"time": 0, "action": null, "dom": {"tag": "BODY", "ref": 1, "left": 0, "top": 0, "width": 160, "height": 210, "children": [{"tag": "INPUT_text", "ref": 2, "left": 1, "top": 2, "width": 30, "height": 9, "value": "", "focused": true, "children": []}]}},
        {"time": 10, "action": {"type": "mousedown", "x": 5, "y": 5, "timing": 1}, "dom": {"tag": "BODY", "ref": 1, "left": 0, "top": 0, "width": 160, "height": 210, "children": []}},
        {"time": 20, "action": {"type": "keydown", "keyCode": 65, "charCode": 0, "timing": 1}, "dom": {"tag": "BODY", "ref": 1, "left": 0, "top": 0, "width": 160, "height": 210, "children": []}},
        {"time": 21, "action": {"type": "keypress", "keyCode": 97, "charCode": 97, "timing": 1}, "dom": {"tag": "BODY", "ref": 1, "left": 0, "top": 0, "width": 160, "height": 210, "children": []}}]}
        """;

    [Fact]
    public void Shift_and_corrections_are_resolved()
    {
        var timeline = DuckTrackRecording.Read(new MemoryStream(Encoding.UTF8.GetBytes(DuckTrack)), out var skipped);
        skipped.ShouldBe(0);
        var actions = ActionReducer.Reduce(timeline);
        actions.Select(action => action.Kind).ShouldBe([ActionKind.Click, ActionKind.Type, ActionKind.Scroll]);
        actions[1].Text.ShouldBe("b");
        actions[1].Corrected.ShouldBeTrue();
        actions[2].ScrollY.ShouldBe(3);
    }

    [Fact]
    public void Damaged_recordings_of_DuckTrack_are_refused_or_read_in_part() =>
        Mutate(DuckTrack, 51, bytes => ActionReducer.Reduce(DuckTrackRecording.Read(new MemoryStream(bytes), out _)));

    [Fact]
    public void Damaged_demonstrations_are_refused() =>
        Mutate(MiniWob, 52, bytes => ActionReducer.Reduce(MiniWobDemonstration.Read(new MemoryStream(bytes), "fuzz").Timeline));

    [Fact]
    public void A_line_without_an_end_is_refused_by_its_number()
    {
        var endless = Encoding.UTF8.GetBytes(DuckTrack + "\n" + new string('x', 100_000));
        Should.Throw<ImportFormatException>(() => DuckTrackRecording.Read(new MemoryStream(endless), out _)).Place.ShouldBe(10);
    }

    private static void Mutate(string text, int seed, Action<byte[]> read)
    {
        var random = new Random(seed);
        var valid = Encoding.UTF8.GetBytes(text);
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var bytes = (byte[])valid.Clone();
            for (var change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)"0123456789-eE.\"{}[],:"[random.Next(21)] : (byte)random.Next(256);
            if (random.Next(6) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                read(bytes);
            }
            catch (ImportFormatException)
            {
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}", fault);
            }
        }
    }
}
