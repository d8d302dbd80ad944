namespace Tutelage.Hosting;

/// <summary>Held for as long as a host uses its data folder; a second one does not start.</summary>
internal static class FolderLock
{
    public static FileStream? Take(string folder, string service, List<string> faults)
    {
        var path = Path.Combine(folder, service + ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            faults.Add($"{path}: another {service} uses this folder; end it first");
            return null;
        }
    }
}
