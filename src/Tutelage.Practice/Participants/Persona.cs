namespace Tutelage.Practice.Participants;

/// <summary>How one synthetic participant works. The same persona on the same task draws the same motions.</summary>
public sealed record Persona
{
    public required string Name { get; init; }

    /// <summary>Everything this participant draws comes from it.</summary>
    public required long Seed { get; init; }

    /// <value>Speed against a person's natural pace; 1 is natural, 3 three times as fast. Range 0.2 to 20.</value>
    public double Pace { get; init; } = 1;

    /// <value>Share of choices made by keyboard where both ways exist, 0 to 1.</value>
    public double Keyboard { get; init; } = 0.5;

    /// <value>Bow of pointer paths as a part of their length; positive bends the way a right hand does.</value>
    public double Bow { get; init; } = 0.08;

    /// <value>Mean time between two keys in milliseconds at pace 1.</value>
    public double KeyIntervalMs { get; init; } = 130;

    /// <value>Chance per letter of striking the neighbouring key first.</value>
    public double SlipRate { get; init; } = 0.02;

    /// <value>Chance of shooting past a target and coming back.</value>
    public double Overshoot { get; init; } = 0.15;

    /// <value>Mean time to think before a step, in milliseconds at pace 1.</value>
    public double ThinkMs { get; init; } = 450;

    /// <summary>A person's habits, drawn.</summary>
    public static Persona Draw(long seed, string name, double pace)
    {
        var draw = SeededDraw.For(seed, "persona/" + name);
        return new Persona
        {
            Name = name,
            Seed = seed,
            Pace = pace * draw.Between(0.9, 1.15),
            Keyboard = draw.Between(0.15, 0.85),
            Bow = draw.Between(0.03, 0.14) * (draw.Chance(0.12) ? -1 : 1),
            KeyIntervalMs = draw.Between(95, 170),
            SlipRate = draw.Between(0.015, 0.05),
            Overshoot = draw.Between(0.05, 0.3),
            ThinkMs = draw.Between(300, 600),
        };
    }
}
