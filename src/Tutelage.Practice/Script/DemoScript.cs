using Tutelage.Practice.Participants;
using Tutelage.Practice.Plants;

namespace Tutelage.Practice.Script;

/// <summary>Who does what in a demo run, in which order, with which plants where; all of it drawn from one seed.</summary>
public sealed record DemoScript(long Seed, IReadOnlyList<ParticipantScript> Participants)
{
    /// <summary>The tasks that there are, as their pages' folders are named.</summary>
    public static IReadOnlyList<string> Tasks { get; } = ["expense-form", "inbox-triage", "table-cleanup", "settings-panel"];

    public IEnumerable<Plant> Plants => Participants.SelectMany(participant => participant.Plants);

    /// <param name="episodes">Tasks per participant; every task is done before one is done again.</param>
    /// <param name="pace">Factor on a natural pace (see <see cref="Persona.Pace"/>).</param>
    public static DemoScript For(long seed, int participants = 3, int episodes = 4, double pace = 2.5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(participants, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        var maker = new PlantMaker(SeededDraw.For(seed, "plants"));
        return new DemoScript(seed, [.. Enumerable.Range(0, participants).Select(number => Participant(seed, number, episodes, pace, maker))]);
    }

    private static ParticipantScript Participant(long seed, int number, int episodes, double pace, PlantMaker maker)
    {
        var name = $"participant-{number + 1}";
        var draw = SeededDraw.For(seed, "script/" + name);
        var order = new List<string>();
        while (order.Count < episodes) order.AddRange(draw.Shuffle(Tasks));
        var work = order.Take(episodes).Select(task => new Episode(task, draw.Below(100_000), draw.Below(1000), PlantsOf(task, maker, draw))).ToArray();

        var app = draw.Chance(0.5) ? OtherApp.Mousepad : OtherApp.Zenity;
        var interruption = new Interruption(AfterEpisode: draw.Below(Math.Max(1, episodes - 1)), app, maker.Note(), maker.Note());
        return new ParticipantScript(Persona.Draw(seed, name, pace), work, [interruption]);
    }

    /// <summary>Each kind of plant comes in each place over a run of all four tasks; tokens in formats drawn.</summary>
    private static Plant[] PlantsOf(string task, PlantMaker maker, SeededDraw draw) => task switch
    {
        "expense-form" => [maker.Password(), maker.Card(PlantPlace.Typed), maker.Email(PlantPlace.Shown), maker.Token(PlantPlace.Title, draw.Pick(["github", "aws", "gitlab"]))],
        "inbox-triage" => [maker.Card(PlantPlace.Shown), maker.Email(PlantPlace.Shown), maker.Token(PlantPlace.Shown), maker.Card(PlantPlace.Image)],
        "table-cleanup" => [maker.Email(PlantPlace.Typed), maker.Card(PlantPlace.Shown), maker.Token(PlantPlace.Title, draw.Pick(["slack", "npm", "stripe"]))],
        _ => [maker.Token(PlantPlace.Field), maker.Email(PlantPlace.Typed), maker.Token(PlantPlace.Image, draw.Pick(["github", "aws"]))],
    };
}

/// <summary>The day of one participant.</summary>
public sealed record ParticipantScript(Persona Persona, IReadOnlyList<Episode> Episodes, IReadOnlyList<Interruption> Interruptions)
{
    public IEnumerable<Plant> Plants => Episodes.SelectMany(episode => episode.Plants).Concat(Interruptions.SelectMany(other => other.Plants));
}

/// <summary>One task of one page.</summary>
/// <param name="Seed">Of the page: what the task is.</param>
/// <param name="Variant">Of the page: how it looks.</param>
public sealed record Episode(string Task, int Seed, int Variant, IReadOnlyList<Plant> Plants);

/// <summary>A window of an app outside the allow-list, used after an episode (counted from 0).</summary>
/// <param name="Shown">Stands in the window when it opens; in its title too, where the app allows that.</param>
/// <param name="Typed">The participant writes it there.</param>
public sealed record Interruption(int AfterEpisode, OtherApp App, Plant Shown, Plant Typed)
{
    public IEnumerable<Plant> Plants => [Shown, Typed];
}

/// <summary>Programs that the demo's manifest does not allow.</summary>
public enum OtherApp
{
    Zenity, Mousepad,
}
