namespace Tutelage.Hosting;

/// <summary>Whether a host's folder of secrets is its owner's alone: the folder, the way to it, and the key files in it.</summary>
/// <remarks>Whoever may write a folder on the way can put another folder in its place; a link or a second name leads out of what was checked.</remarks>
internal static class FolderGuard
{
    /// <summary>Subfolders whose files are public or ciphertext; only the folder itself is checked.</summary>
    private static readonly string[] NotSecret = ["log", "runs"];

    /// <summary>Adds every doubt to <paramref name="faults"/>: what, which value, what to do.</summary>
    public static void Check(string folder, List<string> faults)
    {
        if (!FileOwner.IsKnown) return;
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (FileOwner.Of(path) is not { } self)
        {
            faults.Add($"{path}: missing; run with --init once, or restore it");
            return;
        }

        CheckWay(path, faults);
        if (CheckEntry(path, self, faults)) CheckInside(path, faults);
    }

    private static void CheckWay(string path, List<string> faults)
    {
        // The way as written, and the way it really goes.
        var real = Path.GetDirectoryName(path) is { } parent ? ResolveFolder(parent) : path;
        foreach (var above in Above(path).Union(Above(Path.Combine(real, "x")), StringComparer.Ordinal))
        {
            if (FileOwner.Of(above) is not { } owner) faults.Add($"{above}: cannot be looked at; the way to the keys must be readable to their owner");
            else if (owner.User != 0 && owner.User != FileOwner.CurrentUser)
                faults.Add($"{above}: belongs to user {owner.User}, who could put another folder in its place; move the data or chown '{above}' to root or user {FileOwner.CurrentUser}");
            else if (!owner.IsLink && owner.OthersWrite && !owner.IsSticky)
                faults.Add($"{above}: others may write it (mode {Convert.ToString(owner.Mode & 0xFFF, 8)}) and so put another folder in its place; chmod go-w '{above}'");
        }
    }

    private static void CheckInside(string folder, List<string> faults)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            if (FileOwner.Of(path) is not { } owner) continue; // a neighbour's temporary file that is gone already
            if (CheckEntry(path, owner, faults) && owner.IsFolder && !NotSecret.Contains(Path.GetFileName(path), StringComparer.Ordinal)) CheckInside(path, faults);
        }
    }

    private static bool CheckEntry(string path, FileOwner owner, List<string> faults)
    {
        var before = faults.Count;
        if (owner.IsLink) faults.Add($"{path}: is a symbolic link; put the file or folder itself there");
        else if (owner.User != FileOwner.CurrentUser) faults.Add($"{path}: belongs to user {owner.User}, this process to user {FileOwner.CurrentUser}; chown {FileOwner.CurrentUser} '{path}', or run as its owner");
        else if (!owner.IsFolder && owner.Links > 1) faults.Add($"{path}: has {owner.Links} names (hard links), so it can be read elsewhere; remove the others, and make new keys if others may have read it");
        else if ((owner.Mode & 0x3F) != 0 && (owner.IsFolder || IsSecret(path)) && !NotSecret.Contains(Path.GetFileName(path), StringComparer.Ordinal)) faults.Add(PrivateFile.FaultOfMode(path, owner.Mode));
        return faults.Count == before;
    }

    private static bool IsSecret(string path) =>
        path.EndsWith(".key", StringComparison.Ordinal) || Path.GetFileName(path).StartsWith("keyring", StringComparison.Ordinal) || Path.GetFileName(Path.GetDirectoryName(path)) == "invitations";

    private static IEnumerable<string> Above(string path)
    {
        for (var at = Path.GetDirectoryName(path); at is not null; at = Path.GetDirectoryName(at)) yield return at;
    }

    private static string ResolveFolder(string path)
    {
        var at = new DirectoryInfo(path);
        var parent = at.Parent is null ? path : Path.Combine(ResolveFolder(at.Parent.FullName), at.Name);
        return new DirectoryInfo(parent).ResolveLinkTarget(returnFinalTarget: true) is { } target ? ResolveFolder(target.FullName) : parent;
    }
}
