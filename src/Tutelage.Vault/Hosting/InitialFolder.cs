namespace Tutelage.Hosting;

/// <summary>Keeps <c>--init</c> from making a new key beside what an older one has wrapped or signed: that would hide a loss, and overwrite the last chance to undo it.</summary>
internal static class InitialFolder
{
    /// <summary>Adds a fault for each key that is missing although something stands there that depends on it.</summary>
    /// <param name="dependent">Files or folders that are made after the keys.</param>
    public static void Refuse(string folder, IReadOnlyList<string> dependent, IReadOnlyList<string> keys, List<string> faults)
    {
        if (dependent.FirstOrDefault(name => Path.Exists(Path.Combine(folder, name))) is not { } there) return;
        foreach (var missing in keys.Where(name => !File.Exists(Path.Combine(folder, name))))
            faults.Add($"{Path.Combine(folder, missing)}: missing, and {there} beside it was made with it; put back the copy that was kept (mode 0600). No new key is made: it would open nothing that is there");
    }
}
