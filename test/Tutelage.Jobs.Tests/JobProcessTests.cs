using System.Text;
using System.Text.Json;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Tests;

public sealed class JobProcessTests : IDisposable
{
    private readonly SealedWork _work = new();

    [Fact]
    public void It_does_not_start_where_its_memory_could_be_dumped()
    {
        using var process = LaunchedJob.Launch(diagnosticsOff: false);
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(2);
        error.ShouldContain("DOTNET_EnableDiagnostics=0");
    }

    [Fact]
    public void The_kernel_keeps_it_from_sockets_and_files()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var job = LaunchedJob.Start();
        job.Hello.GetProperty("confined").GetBoolean().ShouldBeTrue();
        var status = File.ReadAllLines($"/proc/{job.Pid}/status");
        status.ShouldContain("NoNewPrivs:\t1");
        foreach (var task in Directory.GetDirectories($"/proc/{job.Pid}/task")) File.ReadAllLines(Path.Combine(task, "status")).ShouldContain("Seccomp:\t2");
        var open = Directory.GetFiles($"/proc/{job.Pid}/fd").Select(path => File.ResolveLinkTarget(path, false)?.FullName ?? "").ToList();
        open.ShouldNotContain(target => target.Contains("socket:", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_job_has_a_recipient_of_its_own()
    {
        using var first = LaunchedJob.Start();
        using var second = LaunchedJob.Start();
        first.Recipient.ShouldNotBe(second.Recipient);
        first.Hello.GetProperty("protocol").GetInt32().ShouldBe(2);
    }

    [Fact]
    public void Stop_and_the_end_of_the_pipe_end_it_at_once()
    {
        using var stopped = LaunchedJob.Start();
        stopped.Send(FrameType.Stop, "{\"reason\":\"halt\"}"u8);
        stopped.WaitForExit().ShouldBe(4);

        var inputs = new[] { _work.Segment(_work.Person(0), new string('a', 32), 0) };
        using var abandoned = LaunchedJob.Start();
        abandoned.Send(FrameType.Order, JsonSerializer.SerializeToUtf8Bytes(_work.BuildOrder(inputs)));
        abandoned.HangUp(); // while the job waits for its first keys
        abandoned.WaitForExit().ShouldBe(4);
    }

    [Fact]
    public void It_takes_no_order_without_a_lease_and_ends_when_its_lease_has_run_out()
    {
        var inputs = new[] { _work.Segment(_work.Person(0), new string('a', 32), 0) };
        using var unleased = LaunchedJob.Start(leases: false);
        unleased.Send(FrameType.Order, JsonSerializer.SerializeToUtf8Bytes(_work.BuildOrder(inputs)));
        unleased.WaitForExit().ShouldBe(4);

        using var ended = LaunchedJob.Start(leases: false);
        ended.Lease(TimeSpan.FromSeconds(1));
        ended.Send(FrameType.Order, JsonSerializer.SerializeToUtf8Bytes(_work.BuildOrder(inputs)));
        ended.WaitForExit().ShouldBe(4); // while it waits for its first keys

        // However long the launcher says: a lease has two seconds.
        using var generous = LaunchedJob.Start(leases: false);
        generous.Lease(TimeSpan.FromDays(1));
        generous.WaitForExit().ShouldBe(4);
    }

    [Fact]
    public void Frozen_and_woken_late_it_accepts_neither_the_keys_nor_the_lease_that_waited_for_it()
    {
        var inputs = new[] { _work.Segment(_work.Person(0), new string('a', 32), 0) };
        using var job = LaunchedJob.Start();
        var end = job.Work(_work.BuildOrder(inputs), _ =>
        {
            job.StopLeases();
            job.Signal("-STOP");
            job.AwaitLeaseEnd();
            job.Lease(TimeSpan.FromSeconds(2));
            foreach (var layer in new[] { "outer", "inner" }) job.Send(FrameType.Keys, _work.Keys(inputs, layer, job.Recipient));
            job.Signal("-CONT");
            return [];
        }, SealedWork.Serve(inputs));
        (end.Exit, end.Fetched.Count, end.Outputs.Count).ShouldBe((4, 0, 0));
    }

    [Fact]
    public void An_order_is_refused_with_all_its_faults()
    {
        using var job = LaunchedJob.Start();
        job.Send(FrameType.Order, JsonSerializer.SerializeToUtf8Bytes(new { version = 7, grant = "", job = "train", classes = new[] { "voice" }, inputs = Array.Empty<object>(), created = "today" }));
        var end = job.Listen((_, _) => null);
        (end.Exit, end.Code).ShouldBe((3, "bad-order"));
        foreach (var word in (string[])["version is 7", "grant", "job is neither", "inputs is absent or empty", "created"]) end.Message.ShouldContain(word);
    }

    [Fact]
    public void Keys_of_another_grant_another_job_or_one_layer_twice_are_refused()
    {
        var inputs = new[] { _work.Segment(_work.Person(0), new string('a', 32), 0) };
        using var stranger = TagIdentity.Generate();
        (Func<AgeRecipient, byte[]> Outer, Func<AgeRecipient, byte[]> Inner)[] cases =
        [
            (job => _work.Keys(inputs, "outer", job, grant: "grant-2"), job => _work.Keys(inputs, "inner", job)),
            (job => _work.Keys(inputs, "outer", job), _ => _work.Keys(inputs, "inner", stranger.Recipient)),
            (job => _work.Keys(inputs, "outer", job), job => _work.Keys(inputs, "outer", job)),
            (_ => Encoding.ASCII.GetBytes("nothing"), job => _work.Keys(inputs, "inner", job)),
        ];
        foreach (var (outer, inner) in cases)
        {
            using var job = LaunchedJob.Start();
            var end = job.Work(_work.BuildOrder(inputs), _ => [outer(job.Recipient), inner(job.Recipient)], SealedWork.Serve(inputs));
            (end.Exit, end.Code, end.Outputs.Count).ShouldBe((3, "bad-keys", 0));
        }
    }

    [Fact]
    public void A_file_without_both_keys_is_refused_by_name()
    {
        var inputs = new[] { _work.Segment(_work.Person(0), new string('a', 32), 0), _work.Segment(_work.Person(0), new string('a', 32), 1) };
        using var job = LaunchedJob.Start();
        var end = job.Work(_work.BuildOrder(inputs), _ => [_work.Keys(inputs, "outer", job.Recipient), _work.Keys(inputs[..1], "inner", job.Recipient)], SealedWork.Serve(inputs));
        end.Exit.ShouldBe(0, end.Message);
        end.Refused.ShouldBe([(inputs[1].Object, null, "no-key")]);
    }

    [Fact]
    public void Keys_are_asked_for_when_they_are_needed_and_never_twice()
    {
        var inputs = Enumerable.Range(0, 3).Select(number => _work.Segment(_work.Person(number % 2), new string((char)('a' + number % 2), 32), number)).ToList();
        var end = _work.Build(inputs, classes: ["input", "text"]);
        end.Exit.ShouldBe(0, end.Message);
        end.Needed.ShouldHaveSingleItem().ShouldBe(inputs.SelectMany(input => new[] { (input.Object, "input"), (input.Object, "text") }), ignoreOrder: true);
        end.Needed[0].Take(3).ShouldAllBe(file => file.Class == "input");
    }

    [Fact]
    public void More_files_than_one_request_holds_are_asked_for_in_parts_in_the_order_of_opening()
    {
        const int count = 300;
        var one = _work.Segment(_work.Person(0), new string('a', 32), 0, classes: [ContentClass.Input]);
        var inputs = Enumerable.Range(0, count).Select(number => one with { Object = number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture) }).ToList();
        var end = _work.Build(inputs, classes: ["input"]);
        end.Exit.ShouldBe(0, end.Message);
        end.Needed.Select(request => request.Count).ShouldBe([256, count - 256]);
        end.Needed.SelectMany(files => files).Select(file => file.Object).ShouldBe(inputs.Select(input => input.Object));
    }

    [Fact]
    public void Frames_out_of_order_end_the_job()
    {
        using var job = LaunchedJob.Start();
        job.Send(FrameType.Keys, "x"u8);
        var end = job.Listen((_, _) => null);
        (end.Exit, end.Code).ShouldBe((3, "protocol"));
    }

    public void Dispose() => _work.Dispose();
}
