using Tutelage.Practice.Eyes;
using Tutelage.Practice.Participants;
using Tutelage.Practice.Plants;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;

namespace Tutelage.Practice.Tests;

public sealed class SyntheticParticipantTests
{
    [Fact]
    public async Task A_participant_completes_every_task_on_a_real_desktop_with_real_input()
    {
        if (!ToolsAreThere()) return;
        var script = DemoScript.For(11, participants: 1, pace: 4).Participants[0];
        await using var site = PracticeSite.Start(TimeProvider.System);
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var browser = await desktop.StartBrowserAsync(site.Assign(script)[0].AbsoluteUri);
        await using var eyes = await PageEyes.ConnectAsync(browser.DebuggingPort, TimeProvider.System);
        using var actor = desktop.Adapter.OpenActor();
        var log = new ActorLog(script.Persona.Name);
        var marks = new List<ActorTask>();
        var participant = new SyntheticParticipant(script.Persona, actor, eyes, log, TimeProvider.System)
        {
            OnTask = (mark, _) => { marks.Add(mark); return ValueTask.CompletedTask; },
        };
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));

        await participant.RunAsync(script, desktop, limit.Token);

        log.Tasks.Select(task => task.Task).Order().ShouldBe(DemoScript.Tasks.Order());
        log.Tasks.ShouldAllBe(task => task.Success == true);
        marks.Count.ShouldBe(8);
        log.Actions.Count(action => action.Kind == ActorActionKind.Select).ShouldBe(2);
        log.Actions.ShouldContain(action => action.Kind == ActorActionKind.Type && action.Text == null && action.TextLength > 0);
        log.Actions.ShouldContain(action => action.InOtherApp);
        log.Actions.Where(action => !action.InOtherApp && action.Kind == ActorActionKind.Click).ShouldAllBe(action => action.Target.Role.Length > 0 && action.Target.Box!.Value.Contains(action.Point!.Value));
        log.Plants.Select(plant => plant.Id).Order().ShouldBe(script.Plants.Select(plant => plant.Id).Order());
        log.Plants.Where(plant => plant.Place != PlantPlace.Title).ShouldAllBe(plant => plant.Moments.Any(moment => moment.Boxes.Count > 0));
        if (Environment.GetEnvironmentVariable("TUTELAGE_ACTOR_LOG") is { } path) log.Save(path);
    }

    /// <summary>At home without these programs the test says so and returns; CI must have them.</summary>
    private static bool ToolsAreThere()
    {
        var missing = new[] { "/usr/bin/Xvfb", "/usr/bin/openbox", "/usr/bin/chromium", "/usr/bin/zenity", "/usr/bin/mousepad" }.Where(tool => !File.Exists(tool)).ToArray();
        if (missing.Length == 0) return true;
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new FileNotFoundException($"missing, but CI must have them: {string.Join(", ", missing)}");
        Console.WriteLine($"skipped: {string.Join(", ", missing)} not installed");
        return false;
    }
}
