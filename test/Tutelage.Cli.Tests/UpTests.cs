using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tutelage.Cli.Tests.Support;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests;

/// <summary>How a programme starts, and how it ends.</summary>
public sealed class UpTests
{
    [Theory]
    [InlineData("-TERM")]
    [InlineData("-INT")]
    public async Task A_signal_ends_all_three_hosts_cleanly(string signal)
    {
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        var (code, error) = await programme.EndAsync(signal);
        (code, error).ShouldBe((0, ""));
        programme.Pids.ShouldAllBe(pid => HasEnded(pid));
    }

    [Fact]
    public async Task A_second_programme_on_the_same_data_is_refused_and_a_restart_finds_what_was_there()
    {
        using var line = new CommandLine();
        await using (var programme = await RunningProgramme.StartAsync(line))
        {
            await line.DoAsync("key", "new", "anna", "--role", "steward");
            (await line.RunAsync("up", "--port-base", "0")).ShouldFail(CliExit.AlreadyRunning, "runs already", programme.Folder);
        }
        (await line.DoAsync("status", "--json")).Json.GetProperty("programme").GetProperty("hosts").EnumerateArray().Select(host => host.GetProperty("state").GetString()).ShouldAllBe(state => state == "no answer");
        (await line.RunAsync("grant", "list")).ShouldFail(CliExit.Failed, "no answer", "tutelage up");
        await using var again = await RunningProgramme.StartAsync(line);
        await line.DoAsync("grant", "list", "--as", "anna");
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var line = new CommandLine();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port - 1;
        (await line.RunAsync("up", "--port-base", $"{port}")).ShouldFail(CliExit.Failed, $"port {port + 1}", "in use", "--port-base");
    }

    [Fact]
    public async Task When_one_host_dies_the_others_are_ended_and_the_dead_one_is_named()
    {
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        await RunningProgramme.SignalAsync(programme.Said.GetProperty("pids").GetProperty("auditor").GetInt32(), "-KILL");
        var (code, error) = await programme.EndAsync(signal: null);
        code.ShouldBe(CliExit.Failed);
        error.ShouldContain("Tutelage.Auditor ended by itself");
        programme.Pids.ShouldAllBe(pid => HasEnded(pid));
    }

    [Fact]
    public async Task Hosts_end_with_a_programme_that_is_killed_and_the_next_one_starts()
    {
        if (!RequiredPrograms.AreThere("setpriv")) return;
        using var line = new CommandLine();
        await using var killed = await RunningProgramme.StartAsync(line);
        using var hosts = new Hosts(killed.Pids);
        await killed.EndAsync("-KILL");
        await hosts.WaitAsync();
        await using var next = await RunningProgramme.StartAsync(line);
        (await line.DoAsync("status", "--json")).Json.GetProperty("programme").GetProperty("hosts").EnumerateArray().Select(host => host.GetProperty("state").GetString()).ShouldAllBe(state => state == "ok");
    }

    /// <summary>Processes that are not our children, watched until they are gone.</summary>
    private sealed class Hosts(IReadOnlyList<int> pids) : IDisposable
    {
        private readonly List<Process> _processes = pids.Select(Process.GetProcessById).ToList();

        public async Task WaitAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            foreach (var process in _processes) await process.WaitForExitAsync(limit.Token);
        }

        public void Dispose()
        {
            foreach (var process in _processes) process.Dispose();
        }
    }

    private static bool HasEnded(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
