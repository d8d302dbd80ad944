using Tutelage.Testing;
using Tutelage.Trajectories.Importing;
using Xunit.Abstractions;

namespace Tutelage.Trajectories.Tests.Importing;

/// <summary>A real macOS recording (TheDuckAI/DuckTrack). What it holds was read off its raw events by hand.</summary>
public sealed class DuckTrackConformance(ITestOutputHelper output)
{
    [Fact]
    public void The_recording_reduces_to_what_its_raw_events_show()
    {
        if (!SharedFolder.Has("ducktrack", out var folder)) return;
        foreach (var file in Directory.GetFiles(folder, "*.jsonl"))
        {
            using var stream = File.OpenRead(file);
            var timeline = DuckTrackRecording.Read(stream, out var skipped);
            var account = new ReductionAccount();
            var actions = ActionReducer.Reduce(timeline, account: account);
            output.WriteLine($"{Path.GetFileName(file)}: {timeline.Input.Count} raw events, {skipped} skipped, {actions.Count} actions");
            foreach (var action in actions) output.WriteLine("  " + System.Text.Encoding.UTF8.GetString(ActionJson.ToUtf8(action with { Path = [] })));
            account.Unexplained.ShouldBeEmpty();
            skipped.ShouldBe(0);
            if (Path.GetFileName(file) != "events.jsonl") continue;

            actions.Where(action => action.Kind == ActionKind.Type).Select(action => action.Text).ShouldBe(["wikipedia", "transformer model"]);
            actions.Single(action => action.Kind == ActionKind.Key).Keys.ShouldBe(["enter"]);
            actions.Count(action => action.Kind == ActionKind.Drag).ShouldBe(3);
            actions.Count(action => action.Kind == ActionKind.TripleClick).ShouldBe(1);
            actions.Count(action => action.Kind == ActionKind.Click).ShouldBe(16);
        }
    }
}
