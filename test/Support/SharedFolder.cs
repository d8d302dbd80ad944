namespace Tutelage.Testing;

/// <summary>Where the public data sets lie that tests read and the product never needs.</summary>
/// <remarks>
/// <c>TUTELAGE_SHARED</c>, or <c>../shared/data</c> beside the repository. Where the folder is missing a test returns early at home
/// (<see cref="Has"/> prints why) and fails when <c>CI=true</c>.
/// </remarks>
internal static class SharedFolder
{
    public static string Repository { get; } = FindRepository();

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("TUTELAGE_SHARED") ?? Path.GetFullPath(Path.Combine(Repository, "..", "shared", "data"));

    /// <summary>True if the data set <paramref name="name"/> is there; false at home without it.</summary>
    /// <exception cref="DirectoryNotFoundException">It is missing and <c>CI=true</c>.</exception>
    public static bool Has(string name, out string folder)
    {
        folder = Path.Combine(Root, name);
        if (Directory.Exists(folder) || File.Exists(folder)) return true;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            throw new DirectoryNotFoundException($"data set '{name}' is missing at {folder}; CI must have it (set TUTELAGE_SHARED)");
        Console.WriteLine($"skipped: data set '{name}' is not at {folder}");
        return false;
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Tutelage.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("Tutelage.slnx is in no folder above the test assembly");
    }
}
