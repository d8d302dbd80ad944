using System.Text.Json.Nodes;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Plants;
using Tutelage.Practice.Script;

namespace Tutelage.Practice.Tests;

public sealed class PracticePageTests(HeadlessPages pages) : IClassFixture<HeadlessPages>
{
    private static readonly int[] s_seeds = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];

    public static TheoryData<string> Tasks => [.. DemoScript.Tasks];

    [Theory, MemberData(nameof(Tasks))]
    public async Task Every_seed_and_variant_can_be_solved_by_real_input(string task)
    {
        if (!pages.Available) return;
        foreach (var seed in s_seeds)
        {
            var state = await pages.OpenAsync(task, seed, seed % 3 == 0 ? null : seed * 7);
            var end = await pages.SolveAsync(state);
            end.State.ShouldBe("done", $"{task}/{seed}: {end.Reason}");
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public async Task A_task_done_wrongly_is_not_done(string task)
    {
        if (!pages.Available) return;
        foreach (var seed in s_seeds.Take(2))
        {
            var state = await pages.OpenAsync(task, seed);
            foreach (var wrong in Enumerable.Range(0, state.Expected.Count - 1).Where(index => Spoiled(state, index)(index, state.Expected[index]) != state.Expected[index]))
            {
                await pages.OpenAsync(task, seed);
                var end = await pages.SolveAsync(state, Spoiled(state, wrong));
                end.State.ShouldBe("failed", $"{task}/{seed} although step {wrong} was spoiled: {state.Expected[wrong]}");
                end.Reason.ShouldNotBeNullOrEmpty();
            }
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public async Task The_same_seed_and_variant_give_the_same_page(string task)
    {
        if (!pages.Available) return;
        const string Looks = "document.body.className + document.body.innerHTML";
        await pages.OpenAsync(task, 42, 7);
        var first = (await pages.Eyes.EvaluateAsync(Looks, default))!.GetValue<string>();
        var firstWay = Way((await pages.Eyes.StateAsync(default))!);
        await pages.OpenAsync(task, 43, 7);
        Way((await pages.Eyes.StateAsync(default))!).ShouldNotBe(firstWay);
        await pages.OpenAsync(task, 42, 8);
        (await pages.Eyes.EvaluateAsync(Looks, default))!.GetValue<string>().ShouldNotBe(first);
        await pages.OpenAsync(task, 42, 7);
        (await pages.Eyes.EvaluateAsync(Looks, default))!.GetValue<string>().ShouldBe(first);
        Way((await pages.Eyes.StateAsync(default))!).ShouldBe(firstWay);

        static string Way(PracticeState state) => state.Instruction + string.Join('\n', state.Expected);
    }

    [Theory, MemberData(nameof(Tasks))]
    public async Task Every_interactive_element_has_a_role_and_a_name(string task)
    {
        if (!pages.Available) return;
        foreach (var seed in s_seeds.Take(3))
        {
            var state = await pages.OpenAsync(task, seed, seed);
            await pages.ClickAsync("#practice-start", 1);
            await CheckAsync(state, -1);
            for (var i = 0; i < state.Expected.Count - 1; i++)
            {
                await pages.DoAsync(state.Expected[i]);
                if (state.Expected[i].Kind is "click" or "hover" or "edit") await CheckAsync(state, i);
            }
        }

        async Task CheckAsync(PracticeState state, int step)
        {
            var nodes = await pages.AccessibilityTreeAsync();
            foreach (var node in nodes.Where(IsInteractive))
                Text(node!["name"]).ShouldNotBeNullOrWhiteSpace($"{state.Task}/{state.Seed} after step {step}: a {Text(node["role"])} has no name");
            nodes.Count(IsInteractive).ShouldBeGreaterThan(3);
        }
    }

    [Fact]
    public async Task Plants_stand_where_they_were_asked_for_and_eyes_find_them()
    {
        if (!pages.Available) return;
        var maker = new PlantMaker(SeededDraw.For(9, "test"));
        foreach (var task in DemoScript.Tasks)
        {
            Plant[] plants = [maker.Email(PlantPlace.Shown), maker.Token(PlantPlace.Title, "npm"), maker.Token(PlantPlace.Image, "github"), maker.Card(PlantPlace.Field), maker.Email(PlantPlace.Typed)];
            var state = await pages.OpenAsync(pages.Site.Assign(new Episode(task, 4, 2, plants)));
            (await pages.Eyes.IsAsync($"document.title.includes('{plants[1].Value}')", default)).ShouldBeTrue();
            foreach (var plant in plants) state.Instruction.ShouldNotContain(plant.Value);
            var seen = new HashSet<string>();
            await pages.ClickAsync("#practice-start", 1);
            for (var i = 0; i < state.Expected.Count; i++)
            {
                if (i == state.Expected.Count - 1) await ScrollToPlants(seen);
                await pages.DoAsync(state.Expected[i]);
                (await pages.Eyes.WaitAsync(cancel => pages.Eyes.ReachedAsync(i, cancel), TimeSpan.FromSeconds(3), default)).ShouldBeTrue($"{task} step {i}: {state.Expected[i]}");
                await ScrollToPlants(seen);
            }
            (await pages.Eyes.StateAsync(default))!.State.ShouldBe("done");
            seen.Order().ShouldBe(plants.Where(plant => plant.Place != PlantPlace.Title).Select(plant => plant.Id).Order(), $"not every plant of {task} came into view");
        }

        async Task ScrollToPlants(HashSet<string> seen)
        {
            foreach (var boxes in await pages.Eyes.PlantsAsync(default))
            {
                seen.Add(boxes.PlantId);
                boxes.Boxes.ShouldAllBe(box => box.Width > 4 && box.Height > 4);
            }
            if (await pages.Eyes.IsAsync("(() => { const e = [...document.querySelectorAll('[data-plant]')].find((e) => e.checkVisibility() && e.getBoundingClientRect().y > innerHeight); e?.scrollIntoView({ block: 'center' }); return e; })()", default))
                foreach (var boxes in await pages.Eyes.PlantsAsync(default)) seen.Add(boxes.PlantId);
        }
    }

    [Fact]
    public async Task A_task_ends_when_its_time_is_up()
    {
        if (!pages.Available) return;
        await pages.OpenAsync("settings-panel", 1);
        await pages.Eyes.EvaluateAsync("window.practice.limitMs = 300; 0", default);
        await pages.ClickAsync("#practice-start", 1);
        (await pages.Eyes.WaitAsync(async cancel => (await pages.Eyes.StateAsync(cancel))!.State == "failed", TimeSpan.FromSeconds(5), default)).ShouldBeTrue();
        (await pages.Eyes.StateAsync(default))!.Reason.ShouldBe("the time is up");
    }

    /// <summary>Another text, another option, another place, a click left out; steps without an effect of their own on the outcome stay.</summary>
    private static Func<int, ExpectedStep, ExpectedStep?> Spoiled(PracticeState state, int wrong) => (index, step) => index != wrong ? step : step.Kind switch
    {
        "type" => step with { Text = step.Text + "7" },
        "select" => step with { Option = step.Options!.Last(option => option != step.Option) },
        "choose" => step with { OptionSelector = $"{step.List} [role=option]:not([data-option=\"{step.Option}\"])" },
        "slide" => step with { Fraction = step.Fraction > 0.5 ? step.Fraction - 0.2 : step.Fraction + 0.2 },
        "key" => null,
        "drag" => null,
        "click" when step.Selector.StartsWith("#toggle-", StringComparison.Ordinal) || step.Selector.StartsWith("#star-", StringComparison.Ordinal) || step.Selector.StartsWith("#payment", StringComparison.Ordinal) || step.Selector == "#billable" => null,
        "click" when step.Selector.StartsWith("#move-", StringComparison.Ordinal) || step.Selector.StartsWith("#label-", StringComparison.Ordinal) || step.Selector == "#archive" => null,
        _ => step,
    };

    private static bool IsInteractive(JsonNode? node) => node!["ignored"]?.GetValue<bool>() != true
        && Text(node["role"]) is "button" or "textbox" or "combobox" or "listbox" or "option" or "menuitem" or "menubar" or "menu" or "tab" or "switch" or "checkbox" or "radio" or "slider" or "link" or "grid" or "dialog" or "alertdialog";

    private static string? Text(JsonNode? property) => property?["value"]?.GetValue<string>();
}
