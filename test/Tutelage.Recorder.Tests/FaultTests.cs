using System.Diagnostics;
using System.Globalization;
using Tutelage.Desktop.Indicator;
using Tutelage.Practice;
using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Testing;

namespace Tutelage.Recorder.Tests;

/// <summary>Real recorders on a real desktop, and what can go wrong around them.</summary>
public sealed class FaultTests(EditorDesktop desk) : IClassFixture<EditorDesktop>
{
    [Fact]
    public async Task A_killed_recorder_loses_what_waited_and_at_most_five_seconds_of_what_was_decided()
    {
        if (desk.Desktop is not { } desktop) return;
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        using var hand = new NumberedMoves(desktop.Adapter.OpenActor());
        await hand.MoveForAsync(TimeSpan.FromSeconds(7), everyMs: 10);

        await recorder.KillAsync();
        var killedAt = BootClock.Now().Nanoseconds / 1_000_000;

        await using var next = await RecorderProcess.StartRecordingAsync(person, desktop);
        await next.StopAsync();
        var recovered = person.Held().Single(segment => segment.Opening.Recovered);
        recovered.Health.ShouldNotBeNull();
        recovered.Gaps[^1].Reason.ShouldBe(GapReason.Undecided);
        var numbers = Numbers([recovered]);
        numbers.ShouldBe(Enumerable.Range(numbers[0], numbers.Count));
        var lostMs = killedAt - hand.MadeAtMs[numbers[^1]];
        Console.WriteLine($"kill -9: {lostMs} ms of pointer moves lost of {hand.MadeAtMs.Count} moves");
        lostMs.ShouldBeLessThan((long)(IntervalAssembler.Short.TotalMilliseconds + Redaction.Redactor.SettleMs + 100) + 5000);
        recovered.Frames.ShouldAllBe(frame => frame.Image.Size == desktop.Screen);
    }

    [Fact]
    public async Task Capture_stops_within_a_second_when_the_indicator_is_killed_stopped_moved_away_fought_over_cut_filled_or_painted_over_and_goes_on_when_it_is_seen()
    {
        if (desk.Desktop is not { } desktop) return;
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        var status = (await recorder.AskAsync(new("status"))).Status!;
        var harmed = new List<long>();

        await HarmAsync(() => Signal(recorder.IndicatorId, "-KILL"), () => { });
        await HarmAsync(() => Signal(recorder.IndicatorId, "-STOP"), () => Signal(recorder.IndicatorId, "-CONT"));
        await HarmAsync(() => desk.XDoTool("windowmove", desk.IndicatorWindow(), "1270", "0"), () => desk.XDoTool("windowmove", desk.IndicatorWindow(), "1104", "0"));
        using (var over = new CancellationTokenSource())
        {
            var fight = Task.CompletedTask;
            await HarmAsync(() => fight = FightAsync(desktop, over.Token), over.Cancel);
            await fight;
        }
        using (var hostile = new HostileClient(desktop.Display, desk.IndicatorWindow()))
        {
            foreach (var kind in new[] { HostileClient.Bounding, HostileClient.Clip, HostileClient.Input }) await HarmAsync(() => hostile.CutAway(kind), () => hostile.MakeWhole(kind));
            nint child = 0;
            await HarmAsync(() => child = hostile.Put(), () => hostile.Take(child));
            using var over = new CancellationTokenSource();
            var painting = Task.CompletedTask;
            await HarmAsync(() => painting = hostile.PaintOverAsync(over.Token), over.Cancel);
            await painting;
        }
        await recorder.StopAsync();

        var gaps = Gap.Join(person.Held().SelectMany(segment => segment.Gaps)).Where(gap => gap.Reason == GapReason.IndicatorHidden).ToList();
        foreach (var at in harmed)
        {
            var after = gaps.Where(gap => gap.End.Milliseconds > at - status.StartedBootMs).MinBy(gap => gap.Start.Milliseconds).ShouldNotBeNull();
            (after.Start.Milliseconds - (at - status.StartedBootMs)).ShouldBeLessThan(1000);
        }

        async Task HarmAsync(Action harm, Action undo)
        {
            harmed.Add(Now());
            harm();
            await recorder.WaitForAsync(now => now.Closed.Contains(GapReason.IndicatorHidden), "closed");
            undo();
            await recorder.WaitForAsync(now => now.State == "recording", "recording again");
        }
    }

    [Fact]
    public async Task A_click_on_the_indicator_pauses_and_another_goes_on()
    {
        if (desk.Desktop is not { } desktop) return;
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        using var actor = desktop.Adapter.OpenActor();

        actor.Move(new(desktop.Screen.Width - 80, 10));
        Click();
        await recorder.WaitForAsync(now => now.State == "paused", "paused");
        Click();
        await recorder.WaitForAsync(now => now.State == "recording", "recording");
        await recorder.StopAsync();

        var segments = person.Held();
        segments.SelectMany(segment => segment.Gaps).ShouldContain(gap => gap.Reason == GapReason.Paused);
        segments.SelectMany(segment => segment.Input).OfType<ButtonChanged>().ShouldBeEmpty("pressing the indicator is not work");

        void Click()
        {
            actor.Button(PointerButton.Left, down: true);
            actor.Button(PointerButton.Left, down: false);
        }
    }

    [Fact]
    public async Task Nothing_of_a_pause_or_of_what_was_forgotten_is_kept()
    {
        if (desk.Desktop is not { } desktop) return;
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        using var hand = new NumberedMoves(desktop.Adapter.OpenActor());
        async Task<int> MoveAsync()
        {
            await hand.MoveForAsync(TimeSpan.FromMilliseconds(600), everyMs: 10);
            return hand.MadeAtMs.Count;
        }

        var forgotten = await MoveAsync();
        (await recorder.AskAsync(new("turn"))).Status!.Waiting.ShouldBe(1);
        forgotten = await MoveAsync();
        (await recorder.AskAsync(new("forget", Minutes: 1))).Message.ShouldNotBeNull().ShouldContain("1 segments");
        person.Spool.Held().ShouldBeEmpty();
        var before = await MoveAsync();
        (await recorder.AskAsync(new("pause"))).Status!.State.ShouldBe("paused");
        (await recorder.AskAsync(new("pause"))).Message.ShouldBe("it was paused already");
        var paused = await MoveAsync();
        (await recorder.AskAsync(new("forget", Minutes: 0))).Ok.ShouldBeFalse();
        await recorder.AskAsync(new("resume"));
        await recorder.WaitForAsync(now => now.State == "recording", "recording");
        await Task.Delay(300);
        var after = await MoveAsync();
        var status = await recorder.StopAsync();

        var segments = person.Held();
        var numbers = Numbers(segments);
        numbers.ShouldAllBe(number => (number >= forgotten && number < before) || number >= paused);
        numbers.ShouldContain(before - 1);
        numbers.ShouldContain(after - 1);
        var gaps = segments.SelectMany(segment => segment.Gaps).ToList();
        gaps.ShouldContain(gap => gap.Reason == GapReason.Forgotten && gap.End > gap.Start);
        gaps.ShouldContain(gap => gap.Reason == GapReason.Paused && gap.End > gap.Start);
        for (var index = 1; index < gaps.Count; index++) gaps[index].Start.ShouldBeGreaterThanOrEqualTo(gaps[index - 1].End);
        status.Lost.ShouldBe(0);
    }

    [Fact]
    public async Task SIGTERM_while_paused_ends_with_everything_in_the_spool_and_no_key_that_nobody_needs()
    {
        if (desk.Desktop is not { } desktop) return;
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        using var hand = new NumberedMoves(desktop.Adapter.OpenActor());
        await hand.MoveForAsync(TimeSpan.FromMilliseconds(500), everyMs: 10);
        await recorder.AskAsync(new("pause"));

        Signal(recorder.Id, "-TERM");
        (await recorder.EndAsync()).Code.ShouldBe(RecorderExit.Done);

        Numbers(person.Held()).ShouldContain(hand.MadeAtMs.Count - 1);
        person.Held().SelectMany(segment => segment.Gaps).ShouldContain(gap => gap.Reason == GapReason.Paused);
        person.Spool.Unfinished().ShouldBeEmpty();
        foreach (var id in person.Spool.Held()) person.Spool.Discard(id);
        person.Spool.DestroyUnneededKeys(ended: true);
        Directory.EnumerateFiles(Path.Combine(person.Folder, "spool", "keys")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_recorder_on_the_desktop_or_in_the_folder_is_refused()
    {
        if (desk.Desktop is not { } desktop) return;
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        using var other = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);

        // The desktop itself knows: neither a runtime folder nor a temporary one of its own hides the first from the second.
        var elsewhere = desktop.Environment.Append(new("XDG_RUNTIME_DIR", other.Folder)).Append(new("TMPDIR", other.Folder)).GroupBy(variable => variable.Key).ToDictionary(same => same.Key, same => same.Last().Value);
        await using var second = RecorderProcess.Start(other, elsewhere, "--display", desktop.Display + ".0");
        var (code, errors) = await second.EndAsync();
        code.ShouldBe(RecorderExit.AlreadyRunning);
        errors.ShouldContain("another recorder runs on display");

        await using var bare = await VirtualDesktop.StartAsync(new() { Accessibility = false });
        await using var third = RecorderProcess.Start(person, bare.Environment, "--display", bare.Display);
        (await third.EndAsync()).Code.ShouldBe(RecorderExit.AlreadyRunning);
        (await recorder.StopAsync()).State.ShouldBe("stopped");
    }

    [Fact]
    public async Task A_dead_accessibility_bus_is_a_gap_until_it_is_back()
    {
        if (desk.Desktop is null) return;
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var editor = await desktop.StartApplicationAsync("mousepad");
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);

        // The session bus may start another one so quickly that no status ever shows the fault; the gap does.
        await desktop.KillAccessibilityAsync();
        await desktop.StartAccessibilityAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!person.Held().SelectMany(segment => segment.Gaps).Any(gap => gap.Reason == GapReason.AccessibilityLost))
        {
            await Task.Delay(50, limit.Token);
            await recorder.AskAsync(new("turn"));
        }
        await recorder.WaitForAsync(now => now.State == "recording", "recording");
        await recorder.StopAsync();
    }

    [Fact]
    public async Task A_recorder_whose_X_server_is_killed_ends_with_everything_decided_in_the_spool()
    {
        if (desk.Desktop is null) return;
        await using var desktop = await VirtualDesktop.StartAsync();
        await using var editor = await desktop.StartApplicationAsync("mousepad");
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        var hand = new NumberedMoves(desktop.Adapter.OpenActor());
        await hand.MoveForAsync(TimeSpan.FromSeconds(1), everyMs: 10);
        await recorder.WaitForAsync(now => now.Seen > hand.MadeAtMs.Count - 10, "through with what was done");

        await desktop.KillServerAsync();
        var (code, errors) = await recorder.EndAsync();
        code.ShouldBe(RecorderExit.Done, errors);
        errors.ShouldContain("has gone away");
        person.Spool.Unfinished().ShouldBeEmpty();
        // The last moves may not have left the server.
        Numbers(person.Held())[^1].ShouldBeGreaterThan(hand.MadeAtMs.Count - 10);
    }

    [Fact]
    public async Task A_full_disk_is_a_gap_and_loses_nothing_that_was_accepted()
    {
        if (desk.Desktop is not { } desktop || !RequiredPrograms.AreThere("mount", "umount")) return;
        var folder = Directory.CreateTempSubdirectory("tutelage-small-disk-");
        if (Run("mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", folder.FullName) != 0)
        {
            Console.WriteLine("skipped: a small disk needs root");
            return;
        }
        try
        {
            using var person = new EnrolledPerson(EnrolledPerson.EditorOnly, Directory.CreateDirectory(Path.Combine(folder.FullName, "p")).FullName);
            await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
            using var hand = new NumberedMoves(desktop.Adapter.OpenActor());
            await hand.MoveForAsync(TimeSpan.FromSeconds(1), everyMs: 10);
            var before = hand.MadeAtMs.Count;
            // What was done a moment ago is decided and written while the disk takes not a byte more.
            Fill(Path.Combine(folder.FullName, "filler"));
            await recorder.WaitForAsync(now => now.Closed.Contains(GapReason.DiskFull), "closed");
            await hand.MoveForAsync(TimeSpan.FromSeconds(1), everyMs: 10);
            var during = hand.MadeAtMs.Count;
            File.Delete(Path.Combine(folder.FullName, "filler"));
            await recorder.WaitForAsync(now => now.State == "recording", "recording");
            await hand.MoveForAsync(TimeSpan.FromSeconds(1), everyMs: 10);
            var status = await recorder.StopAsync();

            var segments = person.Held();
            segments.SelectMany(segment => segment.Gaps).ShouldContain(gap => gap.Reason == GapReason.DiskFull && gap.End > gap.Start);
            var numbers = Numbers(segments);
            numbers.ShouldContain(hand.MadeAtMs.Count - 1);
            var whole = numbers.TakeWhile((number, index) => number == numbers[0] + index).Count() + numbers[0];
            whole.ShouldBeGreaterThanOrEqualTo(before, $"moves up to {before} came before the disk was full; kept without a hole up to {whole}; {during} were made until there was room");
            status.Kept.ShouldBe(segments.Sum(segment => segment.Health!.Kept));
        }
        finally
        {
            Run("umount", "-l", folder.FullName);
            folder.Delete();
        }
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_is_not_taken_for_another_recorder()
    {
        if (desk.Desktop is not { } desktop || !RequiredPrograms.AreThere("mount", "umount")) return;
        var folder = Directory.CreateTempSubdirectory("tutelage-closed-disk-");
        if (Run("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", folder.FullName) != 0)
        {
            Console.WriteLine("skipped: a disk of its own needs root");
            return;
        }
        try
        {
            var person = new EnrolledPerson(EnrolledPerson.EditorOnly, Directory.CreateDirectory(Path.Combine(folder.FullName, "p")).FullName);
            Run("mount", "-o", "remount,ro", folder.FullName).ShouldBe(0);
            await using var recorder = RecorderProcess.Start(person, desktop.Environment, "--display", desktop.Display);
            var (code, errors) = await recorder.EndAsync();
            code.ShouldBe(RecorderExit.Failed);
            errors.ShouldContain("Read-only file system");
            errors.ShouldNotContain("another recorder");
        }
        finally
        {
            Run("umount", "-l", folder.FullName);
            folder.Delete();
        }
    }

    private static List<int> Numbers(IEnumerable<SegmentReader> segments) =>
        segments.SelectMany(segment => segment.Input).OfType<PointerMoved>().Select(move => NumberedMoves.NumberOf(move.Position)).Where(number => number is >= 0 and < 100_000).ToList();

    private static long Now() => BootClock.Now().Nanoseconds / 1_000_000;

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var piece = new byte[1 << 16];
        try
        {
            while (true) file.Write(piece.AsSpan(0, piece.Length));
        }
        catch (IOException) when (piece.Length > 0)
        {
            // Full.
        }
    }

    /// <summary>A window at the same place that raises itself whenever it is not on top.</summary>
    private static async Task FightAsync(VirtualDesktop desktop, CancellationToken over)
    {
        using var rival = IndicatorWindow.Open(desktop.Display).ShouldNotBeNull();
        while (!over.IsCancellationRequested)
        {
            rival.Look(out _);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static void Signal(int id, string signal) => Run("kill", signal, id.ToString(CultureInfo.InvariantCulture));

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
