using Tutelage.Cli.Tests.Support;
using Tutelage.Practice;
using Tutelage.Recorder.Control;
using Tutelage.Recording;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests;

public sealed class RecordTests
{
    [Theory]
    [InlineData(null, null, "DISPLAY is not set")]
    [InlineData(":0", "wayland-0", "Wayland is not supported yet")]
    [InlineData(":987", null, "does not answer")]
    public async Task A_desktop_that_cannot_be_recorded_is_named_with_exit_code_3(string? display, string? wayland, string reason)
    {
        using var line = new CommandLine();
        var ran = await line.RunInAsync(new Dictionary<string, string?> { ["DISPLAY"] = display, ["WAYLAND_DISPLAY"] = wayland, ["XDG_SESSION_TYPE"] = null }, "record");
        ran.ShouldFail(CliExit.Unsupported, reason, "hint: ");
    }

    [Fact]
    public async Task One_s_own_desktop_is_recorded_paused_and_stopped_and_nothing_but_what_was_agreed_is_kept()
    {
        if (!RequiredPrograms.AreThere("Xvfb", "openbox", "mousepad", "setsid")) return;
        using var line = new CommandLine();
        await using var programme = await RunningProgramme.StartAsync(line);
        await EnrolAsync(line);
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var editor = await desktop.StartApplicationAsync("mousepad");
        var environment = desktop.Environment.ToDictionary(variable => variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal);
        environment["WAYLAND_DISPLAY"] = null;

        using var recording = line.Start(environment, "record", "--task", "Try the recorder by hand");
        var said = new List<string>();
        await UntilAsync("recording");
        said.ShouldContain(text => text.Contains("spools only", StringComparison.Ordinal));
        (await line.RunInAsync(environment, "record")).ShouldFail(CliExit.AlreadyRunning, "already", "record --stop");
        (await line.RunAsync("send")).ShouldFail(CliExit.Failed, "record --stop");

        using (var actor = desktop.Adapter.OpenActor())
        {
            foreach (var step in Enumerable.Range(0, 40)) actor.Move(new(300 + step * 5, 300 + step * 3));
            actor.Button(PointerButton.Left, down: true);
            actor.Button(PointerButton.Left, down: false);
            foreach (var key in new[] { "s", "e", "c", "r", "e", "t" })
            {
                actor.Key(key, down: true);
                actor.Key(key, down: false);
            }
        }
        await UntilSeenAsync(line);
        (await line.DoAsync("pause")).Out.ShouldContain("paused");
        await UntilAsync("paused (");
        (await line.DoAsync("status", "--json")).Json.GetProperty("recorders")[0].GetProperty("state").GetString().ShouldBe("paused");
        (await line.DoAsync("resume")).Out.ShouldContain("recording again");

        await RunningProgramme.SignalAsync(recording.Id, "-INT");
        var rest = await recording.StandardOutput.ReadToEndAsync();
        await recording.WaitForExitAsync();
        recording.ExitCode.ShouldBe(0, rest + await recording.StandardError.ReadToEndAsync());
        rest.ShouldContain("0 lost");
        (await line.RunAsync("record", "--stop")).ShouldFail(CliExit.Failed, "nothing is being captured");

        var held = (await line.DoAsync("review", "--json")).Json.EnumerateArray().Select(segment => segment.GetProperty("segment").GetString()!).ToList();
        held.ShouldNotBeEmpty();
        var shown = "";
        foreach (var segment in held) shown += (await line.DoAsync("show", segment)).Out;
        foreach (var words in new[] { "begun: Try the recorder by hand", "ended: Try the recorder by hand", "press", "shape only", "Paused" }) shown.ShouldContain(words);
        shown.ShouldNotContain("secret");
        (await line.DoAsync("forget", "10m")).Out.ShouldContain($"{held.Count} segment");
        (await line.DoAsync("review")).Out.ShouldContain("Nothing waits");
        await DieAsync(line, environment);

        async Task UntilAsync(string state)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (said.LastOrDefault()?.StartsWith(state, StringComparison.Ordinal) != true) said.Add(await recording.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"record ended before it was {state}: {await recording.StandardError.ReadToEndAsync()}"));
        }
    }

    /// <summary>A recorder that is killed is no recorder that stopped.</summary>
    private static async Task DieAsync(CommandLine line, IReadOnlyDictionary<string, string?> environment)
    {
        using var recording = line.Start(environment, "record");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await recording.StandardOutput.ReadLineAsync(limit.Token) is { } said && said != "recording") { }
        var folder = Path.Combine(line.Home, "people", "me");
        (await line.RunInAsync(environment, "record")).ShouldFail(CliExit.AlreadyRunning, "already");
        var status = (await ControlClient.AskAsync(folder, new("status"), limit.Token))!.Status!;
        await RunningProgramme.SignalAsync(status.ProcessId, "-KILL");
        var rest = await recording.StandardOutput.ReadToEndAsync(limit.Token);
        var died = new Ran(0, rest, await recording.StandardError.ReadToEndAsync(limit.Token));
        await recording.WaitForExitAsync(limit.Token);
        (died with { Code = recording.ExitCode }).ShouldFail(CliExit.Failed, "the recorder died", "signal 9", "spool", "recovers");
        rest.ShouldNotContain("Stopped");
    }

    private static async Task EnrolAsync(CommandLine line)
    {
        await line.DoAsync("key", "new", "anna", "--role", "steward");
        var file = Path.Combine(line.Root, "manifest.yaml");
        await File.WriteAllTextAsync(file, "tutelage-manifest: 1\nprogramme: By hand\nversion: 1\ncapture:\n  - app: mousepad\n    classes: [input, text, elements, frames]\n");
        await line.DoAsync("manifest", "publish", file, "--as", "anna", "--yes");
        await line.DoAsync("enrol", "--yes");
    }

    /// <summary>Until the recorder has seen what was done; it tells its owner how many events that was.</summary>
    private static async Task UntilSeenAsync(CommandLine line)
    {
        for (var looks = 0; looks < 100; looks++)
            if ((await line.DoAsync("status", "--json")).Json.GetProperty("recorders")[0].GetProperty("events").GetInt64() >= 50) return;
        throw new TimeoutException("the recorder saw less than was done");
    }
}
