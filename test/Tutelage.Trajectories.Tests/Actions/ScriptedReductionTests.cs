using Xunit.Abstractions;

namespace Tutelage.Trajectories.Tests.Actions;

public sealed class ScriptedReductionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false, 50, 0.99)]
    [InlineData(false, 1, 0.99)]
    [InlineData(true, 50, 0.97)]
    public void Scripts_come_back_as_the_actions_that_were_meant(bool edge, int quantum, double floor)
    {
        var score = new ReductionScore();
        for (var seed = 1; seed <= 200; seed++)
        {
            var (timeline, meant) = ActionScript.Render(seed, actions: 40, edge, quantum);
            score.Add(seed, meant, [.. ActionReducer.Reduce(timeline).Select(Meant.Of)]);
        }

        foreach (var (kind, f1, count) in score.Kinds)
        {
            var line = $"scripts 1 to 200, quantum {quantum} ms{(edge ? ", at the edge" : "")}: {kind} F1 {f1:F4} of {count}";
            output.WriteLine(line);
            Console.WriteLine(line);
        }

        foreach (var difference in score.Differences.Take(40)) output.WriteLine(difference);
        score.Kinds.ShouldAllBe(kind => kind.F1 >= floor);
    }

    [Fact]
    public void Every_raw_event_is_explained_and_every_action_names_its_own()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var (timeline, _) = ActionScript.Render(seed, actions: 40);
            AssertAccounted(seed, timeline);
        }
    }

    [Fact]
    public void Any_order_of_any_events_is_explained_too()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var assembly = new TimelineAssembly("noise", SyntheticPage.Screen);
            long now = 0;
            for (var at = 0; at < 200; at++)
            {
                now += random.Next(5) == 0 ? random.Next(2_000) : random.Next(60);
                var time = new SessionTime(now);
                var point = new ScreenPoint(random.Next(1280), random.Next(800));
                string[] keys = ["control", "shift", "a", "enter", "down", "capslock"];
                assembly.Add((InputEvent)(random.Next(6) switch
                {
                    0 => new ButtonChanged(time, (PointerButton)random.Next(1, 4), random.Next(2) == 0, point, (KeyModifiers)random.Next(4)),
                    1 => new Scrolled(time, random.Next(-2, 3), random.Next(-2, 3), point),
                    2 or 3 => new KeyChanged(time, keys[random.Next(keys.Length)], (KeyModifiers)random.Next(8), random.Next(2) == 0),
                    4 => new TypedRun(time, new(now + random.Next(500)), at, random.Next(-1, 60), new(4, TextKind.Word), 4, false),
                    _ => new PointerMoved(time, point),
                }));
                if (random.Next(8) == 0)
                {
                    var page = new SyntheticPage { ComboExpanded = random.Next(2) == 0, DropExpanded = random.Next(2) == 0, ComboValue = random.Next(5), ComboOptionsInTree = true, Focused = random.Next(2) == 0 ? SyntheticPage.Combobox : -1 };
                    assembly.Add(page.Snapshot(time));
                }

                if (random.Next(30) == 0) assembly.Add(new Gap(time, time, GapReason.Paused));
            }

            AssertAccounted(seed, assembly.ByTime());
        }
    }

    private static void AssertAccounted(int seed, SessionTimeline timeline)
    {
        var account = new ReductionAccount();
        var actions = ActionReducer.Reduce(timeline, account: account);
        account.Uses.Count.ShouldBe(timeline.Input.Count, $"seed {seed}");
        account.Unexplained.ShouldBeEmpty($"seed {seed}");
        actions.Select(action => action.Index).ShouldBe(Enumerable.Range(0, actions.Count), $"seed {seed}");
        foreach (var action in actions.Where(action => action.FirstEvent >= 0))
        {
            account.Uses[action.FirstEvent].ShouldBe(new(EventUseKind.Action, action.Index), $"seed {seed}");
            account.Uses[action.LastEvent].ShouldBe(new(EventUseKind.Action, action.Index), $"seed {seed}");
            foreach (var gap in timeline.Gaps) (action.FirstEvent < gap.Position && gap.Position <= action.LastEvent).ShouldBeFalse($"seed {seed}: an action spans a gap");
        }
    }
}
