namespace Tutelage.Testing;

/// <summary>Programs of the operating system that a test drives for real.</summary>
internal static class RequiredPrograms
{
    /// <summary>True if all are installed; at home the test says what is missing and returns.</summary>
    /// <exception cref="FileNotFoundException">One is missing and <c>CI=true</c>.</exception>
    public static bool AreThere(params string[] names)
    {
        var missing = names.Where(name => !File.Exists(Path.Combine("/usr/bin", name))).ToArray();
        if (missing.Length == 0) return true;
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new FileNotFoundException($"missing, but CI must have them: {string.Join(", ", missing)}");
        Console.WriteLine($"skipped: {string.Join(", ", missing)} not installed");
        return false;
    }
}
