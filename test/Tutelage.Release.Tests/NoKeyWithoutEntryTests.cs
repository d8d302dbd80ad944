using Tutelage.Testing;

namespace Tutelage.Release.Tests;

/// <summary>The promise itself: over random operations, crashes, partitions, duplicates and clock jumps, no key leaves either custodian without an entry that was audited before.</summary>
public sealed class NoKeyWithoutEntryTests
{
    private const int Seed = 20260701;
    private const int StepsPerWorld = 1000;

    /// <summary>Bounds the long fuzz run: a step is files, databases and signatures, and costs a hundred times what a parser's round does.</summary>
    private const long MaxSteps = 1_000_000;

    /// <summary>Memory instead of a disk: what is tested is the order of writes, not the speed of flushes.</summary>
    private static readonly string Folder = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    [Fact]
    public async Task No_key_leaves_without_an_audited_entry_before_it_Fuzz()
    {
        var root = Path.Combine(Folder, $"tutelage-release-{Guid.NewGuid():N}");
        World.Initialise(Path.Combine(root, "template"));
        var worlds = (int)(Math.Min(FuzzRounds.Count * 10L, MaxSteps) / StepsPerWorld);
        var (steps, released, crashes) = (0L, 0, 0);
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(Seed, Math.Max(worlds, 1)), async (seed, _) =>
            {
                var folder = Path.Combine(root, $"{seed}");
                Copy(Path.Combine(root, "template"), folder);
                using var world = new World(seed, folder);
                try
                {
                    while (world.Steps < StepsPerWorld) await world.StepAsync();
                }
                catch (Exception broken)
                {
                    throw new InvalidOperationException($"seed {seed}, step {world.Steps}: {broken.Message}", broken);
                }

                Interlocked.Add(ref steps, world.Steps);
                Interlocked.Add(ref released, world.Released);
                Interlocked.Add(ref crashes, world.Crashes);
            });
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        // A simulation in which nothing is ever released would prove nothing.
        released.ShouldBeGreaterThan((int)(steps / 500));
        crashes.ShouldBeGreaterThan((int)(steps / 1000));
        Console.WriteLine($"{steps} steps, {released} releases, {crashes} crashes, seeds from {Seed}");
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
