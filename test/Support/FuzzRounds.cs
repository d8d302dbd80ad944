namespace Tutelage.Testing;

/// <summary>How many mutated inputs a fuzz test gives to its parser: <c>TUTELAGE_FUZZ</c>, or 10,000.</summary>
/// <remarks>A test that uses this has <c>Mutated</c> or <c>Fuzz</c> in its full name, and so <c>./build.sh fuzz</c> finds it.</remarks>
internal static class FuzzRounds
{
    private const int Default = 10_000;

    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("TUTELAGE_FUZZ"), out var rounds) && rounds > 0 ? rounds : Default;

    /// <summary>For a parser of which one round costs as much as ten of others.</summary>
    public static int CountOfSlow { get; } = Math.Max(1, Count / 10);
}
