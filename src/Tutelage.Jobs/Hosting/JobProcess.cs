using Tutelage.Jobs.Building;
using Tutelage.Jobs.Exporting;
using Tutelage.Jobs.Inputs;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Protocol;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Hosting;

/// <summary>One job from hello to result. The only place where a fault becomes an error frame and an exit status.</summary>
/// <param name="confined">The kernel holds the system call filter.</param>
/// <param name="open">Ways out that were tried and found open.</param>
internal sealed class JobProcess(LauncherPipe pipe, bool confined, IReadOnlyList<string> open)
{
    /// <summary>Of docs/formats/job-pipe.md; 2 lives on leases.</summary>
    private const int ProtocolVersion = 2;

    public int Run()
    {
        try
        {
            Work();
            return JobExit.Done;
        }
        catch (JobFailureException fault)
        {
            return Fail(fault.Exit, fault.Code, fault.Message, fault.Object);
        }
        catch (PipeProtocolException fault)
        {
            return Fail(JobExit.Refused, "protocol", fault.Message);
        }
        catch (OutOfMemoryException)
        {
            return Fail(JobExit.Memory, "memory", "the machine has no memory left for this job");
        }
        catch (Exception fault)
        {
            // The type only: a message may hold what a person wrote.
            return Fail(JobExit.Fault, "fault", $"a bug: {fault.GetType().Name} in {fault.TargetSite?.DeclaringType?.Name}.{fault.TargetSite?.Name}");
        }
    }

    private void Work()
    {
        using var identity = TagIdentity.Generate();
        var version = typeof(JobProcess).Assembly.GetName().Version?.ToString(3) ?? "0";
        pipe.Send(FrameType.Hello, new HelloMessage(ProtocolVersion, identity.Recipient.Text, [JobNames.DatasetBuild, JobNames.DatasetExport], version, Environment.ProcessId, confined, open), PipeJson.Default.HelloMessage);

        var order = ReceiveOrder();
        using var keys = new KeyRing(pipe, identity, order);
        var budget = new MemoryBudget(order.MemoryMb);
        var opener = new InputOpener(pipe, keys, budget);
        switch (order.Output)
        {
            case WorkOutput.Build build:
                pipe.Finish(FrameType.Result, new DatasetBuild(order, build, opener, pipe, budget).Run(), PipeJson.Default.BuildResult);
                break;
            case WorkOutput.Export export:
                pipe.Finish(FrameType.Result, new DatasetExport(order, export, opener, pipe, budget).Run(), PipeJson.Default.ExportResult);
                break;
        }
    }

    private WorkOrder ReceiveOrder()
    {
        var request = PipeJson.Read(pipe.Receive(FrameType.Order).Span, PipeJson.Default.WorkOrderRequest, "the order");
        var (order, faults) = WorkOrder.Check(request);
        return order ?? throw new JobFailureException(JobExit.Refused, "bad-order", string.Join("; ", faults));
    }

    private int Fail(int exit, string code, string message, string? @object = null)
    {
        try
        {
            pipe.Finish(FrameType.Error, new ErrorMessage(code, message, @object), PipeJson.Default.ErrorMessage);
        }
        catch (IOException)
        {
            return JobExit.Stopped; // the launcher went away first
        }
        return exit;
    }
}

internal static class PipeMessages
{
    public static void Progress(this LauncherPipe pipe, string stage, long done, long total, long memoryMb) =>
        pipe.Send(FrameType.Progress, new ProgressMessage(stage, done, total, memoryMb), PipeJson.Default.ProgressMessage);
}
