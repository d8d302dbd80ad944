using System.Formats.Tar;
using System.Text.Json;
using Tutelage.Trajectories.AgentNet;
using Tutelage.Trajectories.DataSets;
using Tutelage.Trajectories.Tests.DataSets;
using Tutelage.Testing;

namespace Tutelage.Trajectories.Tests.AgentNet;

public sealed class AgentNetTests
{
    [Fact]
    public void Every_line_reads_back_and_every_image_is_there()
    {
        var built = DataSetTests.Build(["ana", "ben", "cho"]);
        var output = new MemoryStream();
        var summary = AgentNetExport.Write(built.Set.Shards.Select(shard => new MemoryStream(built.Shards[shard.Tag])), output);
        var (lines, images) = Open(output);
        lines.Count.ShouldBe(built.Set.Trajectories);
        images.Count.ShouldBe(summary.Images);
        summary.Steps.ShouldBe(built.Set.Actions);
        foreach (var line in lines)
        {
            line.GetProperty("task_id").GetString().ShouldNotBeNullOrEmpty();
            foreach (var step in line.GetProperty("traj").EnumerateArray())
            {
                if (step.GetProperty("image").GetString() is { } image) images.ShouldContain(image);
                var code = step.GetProperty("value").GetProperty("code").GetString()!;
                var calls = PyCode.Parse(code);
                calls.Count.ShouldBeGreaterThan(0);
                PyCode.Write(calls).ShouldBe(code);
                foreach (var number in calls.SelectMany(call => call.Arguments).Where(argument => argument.Name is "x" or "y")) number.Number!.Value.ShouldBeInRange(0, 1);
            }
        }
    }

    [Fact]
    public void The_same_shards_give_the_same_export()
    {
        var built = DataSetTests.Build(["ana", "ben"]);
        byte[] Export()
        {
            var output = new MemoryStream();
            AgentNetExport.Write(built.Shards.Values.Select(shard => new MemoryStream(shard)), output);
            return output.ToArray();
        }

        Export().ShouldBe(Export());
    }

    [Fact]
    public void Any_text_survives_quoting()
    {
        var random = new Random(31);
        for (var round = 0; round < 10_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(4) switch { 0 => "\\'\"\n\r\t"[random.Next(6)], 1 => (char)random.Next(128), 2 => (char)random.Next(0xD800, 0xE000), _ => (char)random.Next(65_536) }));
            var calls = PyCode.Parse($"pyautogui.write(message={PyCode.Quote(text)})");
            calls.Single().Find("message")!.Text.ShouldBe(text, $"seed 31, round {round}");
        }
    }

    [Fact]
    public void A_quote_cannot_leave_its_string()
    {
        var action = new RecordedAction(0, ActionKind.Type, default, default, 0, 0) { Text = "'); import os; os.system('x" };
        var calls = PyCode.Parse(PyCode.Write(AgentNetCode.Of(action, new(100, 100), "", [])));
        calls.Single().Find("message")!.Text.ShouldBe(action.Text);
    }

    [Fact]
    public void Mutated_code_that_is_not_of_the_grammar_is_refused()
    {
        var random = new Random(32);
        const string Valid = "pyautogui.moveTo(x=0.1, y=0.2)\npyautogui.hotkey(keys=['ctrl', 'c'])";
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var letters = Valid.ToCharArray();
            for (var change = random.Next(1, 5); change > 0; change--) letters[random.Next(letters.Length)] = (char)random.Next(32, 127);
            try
            {
                PyCode.Parse(new string(letters)[..random.Next(letters.Length)]);
            }
            catch (FormatException)
            {
            }
        }

        Should.Throw<FormatException>(() => PyCode.Parse("__import__('os').system('x')"));
    }

    [Theory]
    [InlineData("pyautogui.click(0.5, 0.25)", "pyautogui.click(0.5, 0.25)")]
    [InlineData("pyautogui.press(keys=[\"enter\"])", "pyautogui.press(keys=['enter'])")]
    [InlineData("pyautogui.moveTo(x=0.1, y=1);pyautogui.dragTo(x=0.2, y=0.3, button='left')", "pyautogui.moveTo(x=0.1, y=1)\npyautogui.dragTo(x=0.2, y=0.3, button='left')")]
    public void Spellings_of_others_are_read(string code, string ours) => PyCode.Write(PyCode.Parse(code)).ShouldBe(ours);

    [Fact]
    public void Withheld_text_is_taken_from_the_instruction_where_it_stood_there()
    {
        var copied = new RecordedAction(0, ActionKind.Type, default, default, 0, 0) { Shape = new(8, TextKind.Amount, TextSource.Instruction, 2, 1) };
        AgentNetCode.MessageOf(copied, "Enter the 12.50 here", []).ShouldBe("12.50");
        var lost = new List<string>();
        AgentNetCode.MessageOf(copied with { Shape = new(8, TextKind.Amount) }, "Enter it", lost).ShouldBe("<amount, up to 8 letters>");
        lost.ShouldBe(["text withheld"]);
    }

    [Theory]
    [InlineData(ActionKind.Click, PointerButton.Right, "pyautogui.rightClick(x=0.25, y=0.5)")]
    [InlineData(ActionKind.DoubleClick, PointerButton.Left, "pyautogui.doubleClick(x=0.25, y=0.5)")]
    [InlineData(ActionKind.TripleClick, PointerButton.Left, "computer.tripleClick(x=0.25, y=0.5)")]
    public void Clicks_are_spelled_as_AgentNet_spells_them(ActionKind kind, PointerButton button, string code) =>
        PyCode.Write(AgentNetCode.Of(new(0, kind, default, default, 0, 1) { Button = button, At = new(320, 400) }, new(1280, 800), "", [])).ShouldBe(code);

    private static (List<JsonElement> Lines, HashSet<string> Images) Open(MemoryStream tar)
    {
        var lines = new List<JsonElement>();
        var images = new HashSet<string>();
        tar.Position = 0;
        using var reader = new TarReader(tar);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.Name != "agentnet.jsonl")
            {
                images.Add(entry.Name);
                continue;
            }

            using var text = new StreamReader(entry.DataStream!);
            while (text.ReadLine() is { } line) lines.Add(JsonDocument.Parse(line).RootElement.Clone());
        }

        return (lines, images);
    }
}
