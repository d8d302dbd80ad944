using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tutelage.Vault.Tests;

/// <summary>Tries, inside a job, what a job must not be able to do.</summary>
internal static class Probe
{
    /// <param name="arguments">Host and port of something that listens, a file in the host's /tmp, a file in the home folder, then process ids outside the job.</param>
    public static IReadOnlyList<string> Open(IReadOnlyList<string> arguments)
    {
        var open = new List<string>();
        Try("network", () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(arguments[0], int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture));
        });
        Try("temp", () => File.ReadAllText(arguments[2]));
        Try("home", () => File.ReadAllText(arguments[3]));
        Try("write-system", () => File.WriteAllText("/usr/probe", "x"));
        foreach (var pid in arguments.Skip(4))
        {
            Try("environment", () => File.ReadAllBytes($"/proc/{pid}/environ"));
            Try("memory", () => File.OpenRead($"/proc/{pid}/mem").Dispose());
            Try("trace", () =>
            {
                if (Trace(16, int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture), 0, 0) != 0) throw new UnauthorizedAccessException();
            });
        }

        Try("other-processes", () =>
        {
            // The sandbox's own first process, the shell that ran us, and this one.
            if (Directory.EnumerateDirectories("/proc").Count(path => int.TryParse(Path.GetFileName(path), out _)) <= 3) throw new UnauthorizedAccessException();
        });
        return open;

        void Try(string way, Action attempt)
        {
            try
            {
                attempt();
                open.Add(way);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or SocketException)
            {
                // As it should be.
            }
        }
    }

    [DllImport("libc", EntryPoint = "ptrace")]
    private static extern nint Trace(nint request, nint pid, nint address, nint data);
}
