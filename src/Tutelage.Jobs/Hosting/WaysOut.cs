using System.Runtime.InteropServices;

namespace Tutelage.Jobs.Hosting;

/// <summary>What a job can still reach after it was confined, found by trying. Told in the hello, so that a confinement that does not hold is seen and not believed.</summary>
internal static class WaysOut
{
    private const int InternetFamily = 2; // AF_INET
    private const int LocalFamily = 1; // AF_UNIX
    private const int StreamSocket = 1;
    private const int Attach = 16; // PTRACE_ATTACH
    private const int Detach = 17;

    /// <summary>Names of the ways that are open: <c>network</c>, <c>sockets</c>, <c>home</c>, <c>temp</c>, <c>trace</c>, <c>environment</c>, <c>write</c>.</summary>
    public static IReadOnlyList<string> Open()
    {
        var open = new List<string>();
        if (!OperatingSystem.IsLinux()) return open;
        if (TrySocket(InternetFamily)) open.Add("network");
        if (TrySocket(LocalFamily)) open.Add("sockets");
        if (Holds("/home") || Holds("/root")) open.Add("home");
        if (Holds("/tmp") || Holds("/var/tmp")) open.Add("temp");
        var others = Others();
        if (others.Any(CanTrace)) open.Add("trace");
        if (others.Any(pid => CanRead($"/proc/{pid}/environ"))) open.Add("environment");
        if (CanWrite()) open.Add("write");
        return open;
    }

    private static bool TrySocket(int family)
    {
        var made = Socket(family, StreamSocket, 0);
        if (made >= 0) Close(made);
        return made >= 0;
    }

    private static bool Holds(string folder)
    {
        try
        {
            return Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Processes that are not this one, nor the first of its own namespace, which is the sandbox itself.</summary>
    private static List<int> Others() => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Select(name => int.TryParse(name, out var pid) ? pid : 0).Where(pid => pid > 1 && pid != Environment.ProcessId).Take(64)];

    private static bool CanTrace(int pid)
    {
        if (Trace(Attach, pid, 0, 0) != 0) return false;
        Trace(Detach, pid, 0, 0);
        return true;
    }

    private static bool CanRead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return file.ReadByte() >= 0;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool CanWrite()
    {
        try
        {
            var path = $"/tmp/{Guid.NewGuid():N}";
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "socket")]
    private static extern int Socket(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);

    [DllImport("libc", EntryPoint = "ptrace")]
    private static extern nint Trace(nint request, nint pid, nint address, nint data);
}
