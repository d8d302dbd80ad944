using Tutelage.Practice;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Participants;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Testing;

namespace Tutelage.Recorder.Tests;

/// <summary>A real recorder watches a synthetic participant work in a real browser.</summary>
public sealed class RecordingTests
{
    [Fact]
    public async Task What_a_participant_does_is_kept_and_what_they_write_is_not()
    {
        if (!RequiredPrograms.AreThere("Xvfb", "openbox", "chromium", "zenity", "mousepad")) return;
        var script = DemoScript.For(23, participants: 1, episodes: 1, pace: 4).Participants[0];
        await using var site = PracticeSite.Start(TimeProvider.System);
        using var person = new EnrolledPerson(EnrolledPerson.ManifestFor(site.Address));
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var browser = await desktop.StartBrowserAsync(site.Assign(script)[0].AbsoluteUri);
        await using var eyes = await PageEyes.ConnectAsync(browser.DebuggingPort, TimeProvider.System);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        using var actor = desktop.Adapter.OpenActor();
        var log = new ActorLog(script.Persona.Name);
        var participant = new SyntheticParticipant(script.Persona, actor, eyes, log, TimeProvider.System)
        {
            OnTask = async (mark, _) => await recorder.AskAsync(new("task", TaskId: mark.Id, Instruction: mark.Instruction, Ended: mark.EndMs is not null, Success: mark.Success)),
        };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        await participant.RunAsync(script, desktop, limit.Token);
        var status = await recorder.StopAsync();

        status.Lost.ShouldBe(0);
        var segments = person.Held();
        if (Environment.GetEnvironmentVariable("TUTELAGE_LOOK") is { } look) Look(look, person, log);
        segments.SelectMany(segment => segment.Tasks).Count(mark => mark.Ended && mark.Success == true).ShouldBe(1);
        segments.SelectMany(segment => segment.Input).OfType<ButtonChanged>().ShouldNotBeEmpty();
        segments.SelectMany(segment => segment.Gaps).ShouldContain(gap => gap.Reason == GapReason.NotAllowed);
        var kept = string.Join('\n', segments.SelectMany(segment => segment.Elements).SelectMany(tree => tree.Elements).SelectMany(element => new[] { element.Name, element.Value })
            .Concat(segments.SelectMany(segment => segment.Texts).Select(text => text.Text)).Where(text => text is not null));
        foreach (var plant in script.Plants) kept.ShouldNotContain(plant.Value);
        segments.SelectMany(segment => segment.Elements).SelectMany(tree => tree.Elements).ShouldContain(element => element.Role == "button" && element.Name != null);
    }

    private static void Look(string folder, EnrolledPerson person, ActorLog log)
    {
        Directory.CreateDirectory(folder);
        log.Save(Path.Combine(folder, "actor.json"));
        using var text = File.CreateText(Path.Combine(folder, "timeline.txt"));
        var number = 0;
        foreach (var segment in person.Held())
        {
            text.WriteLine(segment.Opening);
            var lines = segment.Input.Where(input => input is not PointerMoved).Select(input => (input.Time, input.ToString()))
                .Concat(segment.Texts.Select(typed => (typed.Time, typed.ToString())))
                .Concat(segment.Tasks.Select(task => (task.Time, task.ToString())))
                .Concat(segment.Gaps.Select(gap => (gap.Start, gap.ToString())))
                .Concat(segment.Elements.Select(tree => (tree.Time, $"tree {tree.Elements.Count} focus {tree.FocusedId} {tree.Context}\n    "
                    + string.Join("\n    ", tree.Elements.Select(element => $"{element.Id}<{element.ParentId} {element.Role} '{element.Name}' {element.NameShape} = '{element.Value}' {element.ValueShape} [{element.Hint}] {element.States} {element.Bounds}")))));
            foreach (var (time, line) in lines.OrderBy(line => line.Item1)) text.WriteLine($"{time.Milliseconds,7} {line}");
            text.WriteLine(segment.Health);
            foreach (var (time, image) in segment.Frames)
            {
                using var file = File.Create(Path.Combine(folder, $"{number++:000}-{time.Milliseconds}.png"));
                using (image) Recording.Images.Png.Write(file, image);
            }
        }
    }
}
