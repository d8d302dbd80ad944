using Tutelage.Practice.Participants;
using Tutelage.Practice.Plants;
using Tutelage.Practice.Script;
using Tutelage.Recording;

namespace Tutelage.Practice.Tests;

public sealed class ScriptTests
{
    [Fact]
    public void The_same_seed_gives_the_same_script()
    {
        string Words(long seed) => string.Join('\n', DemoScript.For(seed).Participants.Select(one => $"{one.Persona} {string.Join(',', one.Episodes)} {string.Join(',', one.Plants)} {string.Join(',', one.Interruptions)}"));
        Words(7).ShouldBe(Words(7));
        Words(7).ShouldNotBe(Words(8));
    }

    [Fact]
    public void Every_participant_does_every_task_and_every_kind_of_plant_comes_in_every_place()
    {
        var script = DemoScript.For(17);
        foreach (var participant in script.Participants) participant.Episodes.Select(episode => episode.Task).Order().ShouldBe(DemoScript.Tasks.Order());
        script.Plants.Select(plant => plant.Id).Distinct().Count().ShouldBe(script.Plants.Count());
        script.Plants.Select(plant => plant.Value).Distinct().Count().ShouldBe(script.Plants.Count());
        script.Plants.Select(plant => plant.Kind).Distinct().Order().ShouldBe(Enum.GetValues<PlantKind>());
        script.Plants.Select(plant => plant.Place).Distinct().Order().ShouldBe(Enum.GetValues<PlantPlace>());
    }

    [Fact]
    public void Card_numbers_have_their_check_digit()
    {
        var maker = new PlantMaker(SeededDraw.For(1, "cards"));
        for (var i = 0; i < 200; i++)
        {
            var digits = maker.Card(PlantPlace.Shown).Value.Replace(" ", "");
            PlantMaker.LuhnDigit(digits[..^1]).ShouldBe(digits[^1]);
        }
        PlantMaker.LuhnDigit("7992739871").ShouldBe('3'); // The example of ISO/IEC 7812-1's own annex.
    }

    [Fact]
    public void Pointer_paths_end_on_target_move_smoothly_and_repeat()
    {
        var persona = Persona.Draw(5, "p", 1);
        for (var i = 0; i < 200; i++)
        {
            var draw = SeededDraw.For(i, "ends");
            var from = new ScreenPoint(draw.Below(1280), draw.Below(800));
            var to = new ScreenPoint(draw.Below(1280), draw.Below(800));
            var path = PointerPath.Between(from, to, 30, persona, SeededDraw.For(i, "path"));
            path[^1].Point.ShouldBe(to);
            path.Select(step => step.AtMs).ShouldBeInOrder();
            path[^1].AtMs.ShouldBeLessThan(2000);
            PointerPath.Between(from, to, 30, persona, SeededDraw.For(i, "path")).ShouldBe(path);
        }
    }

    [Fact]
    public void An_actor_log_reads_back_as_it_was_written()
    {
        var log = new ActorLog("p");
        var plant = new PlantMaker(SeededDraw.For(1, "x")).Card(PlantPlace.Typed);
        log.Mark(new ActorTask("expense-form", 3, "Do it.", 10));
        log.Mark(new ActorTask("expense-form", 3, "Do it.", 10, 90, true));
        log.Add(new ActorAction("expense-form", 3, 0, ActorActionKind.Type, new ActorTarget("textbox", "Total", new ScreenRect(1, 2, 3, 4)), 20, 30, "12", 2));
        log.Add(new ActorAction("expense-form", 3, 0, ActorActionKind.Key, new ActorTarget("gridcell", ""), 31, 32, Keys: ["control", "s"]));
        log.Saw(plant, new PlantMoment(10, 20, [new ScreenRect(5, 5, 9, 9)]), 0);
        log.Saw(plant, new PlantMoment(25, 30, [new ScreenRect(5, 5, 9, 9)]), 20);
        log.Saw(plant, new PlantMoment(60, 70, [new ScreenRect(5, 5, 9, 9)]), 50);
        var path = Path.GetTempFileName();
        log.Save(path);
        var back = ActorLog.Load(path);
        File.Delete(path);
        back.Tasks.ShouldBe(log.Tasks);
        back.Tasks.Single().Success.ShouldBe(true);
        back.Actions.Select(action => action.Index).ShouldBe([0, 1]);
        back.Actions[0].ShouldBe(log.Actions[0]);
        back.Plants.Single().Moments.Select(moment => (moment.StartMs, moment.EndMs)).ShouldBe([(10L, 30L), (60L, 70L)]);
        back.Plants.Single().Value.ShouldBe(plant.Value);
    }
}
