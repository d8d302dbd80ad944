using Tutelage.Cli.Demo.Witnessing;
using Tutelage.Cli.Programme;
using Tutelage.Practice;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Participants;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;
using Tutelage.Recorder.Control;

namespace Tutelage.Cli.Demo;

/// <summary>A desktop without a screen at which participants sit down one after the other.</summary>
internal sealed class DemoDesk(VirtualDesktop desktop, PracticeSite site, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan RecordingWithin = TimeSpan.FromSeconds(30);

    public static async Task<DemoDesk> StartAsync(PracticeSite site, TimeProvider time, CancellationToken cancellationToken) =>
        new(await VirtualDesktop.StartAsync(cancellationToken: cancellationToken), site, time);

    /// <summary>One participant works through their script while their own recorder and the demo's witness watch.</summary>
    /// <param name="say">What is going on, in a few words.</param>
    public async Task<DemoSession> WorkAsync(ParticipantScript script, string tag, string folder, string witnessFolder, Action<string> say, CancellationToken cancellationToken)
    {
        say("opens the browser");
        await using var browser = await desktop.StartBrowserAsync(site.Assign(script)[0].AbsoluteUri, cancellationToken: cancellationToken);
        await using var eyes = await PageEyes.ConnectAsync(browser.DebuggingPort, time, cancellationToken);
        await using var recorder = await HostProcess.StartAsync("Tutelage.Recorder", ["run", "--data", folder, "--display", desktop.Display], desktop.Environment, cancellationToken);
        await WaitForAsync(folder, recorder, status => status.State == "recording", cancellationToken);
        await using var witness = await WitnessAsync(witnessFolder, cancellationToken);

        using var hands = desktop.Adapter.OpenActor();
        var log = new ActorLog(script.Persona.Name);
        var tasks = 0;
        var participant = new SyntheticParticipant(script.Persona, hands, eyes, log, time)
        {
            OnTask = async (mark, token) =>
            {
                if (mark.EndMs is null) say($"{mark.Task} ({++tasks} of {script.Episodes.Count})");
                await AskAsync(folder, new("task", TaskId: mark.Id, Instruction: mark.Instruction, Ended: mark.EndMs is not null, Success: mark.Success), token);
            },
        };
        await participant.RunAsync(script, desktop, cancellationToken);
        say("done; the segment is closed");
        var status = (await AskAsync(folder, new("turn"), cancellationToken)).Status!;
        await AskAsync(folder, new("pause"), cancellationToken);
        await witness.StopAsync(cancellationToken);
        await AskAsync(folder, new("stop"), cancellationToken);
        await recorder.WaitAsync(cancellationToken);
        return new(script, tag, folder, witnessFolder, log, status);
    }

    public ValueTask DisposeAsync() => desktop.DisposeAsync();

    private Task<WitnessHandle> WitnessAsync(string folder, CancellationToken cancellationToken) =>
        WitnessHandle.StartAsync(folder, desktop.Environment, desktop.ServerProcessId, cancellationToken);

    private static async Task WaitForAsync(string folder, HostProcess recorder, Func<RecorderStatus, bool> condition, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RecordingWithin);
        RecorderStatus? last = null;
        try
        {
            while (!recorder.HasExited)
            {
                last = (await ControlClient.AskAsync(folder, new("status"), limit.Token))?.Status;
                if (last is not null && condition(last)) return;
                await Task.Delay(50, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Said below.
        }
        throw new DemoFailedException($"the recorder did not begin within {RecordingWithin.TotalSeconds:0} s: it is {last?.State ?? "not answering"}, closed by {string.Join(", ", last?.Closed ?? [])}");
    }

    private static async Task<ControlAnswer> AskAsync(string folder, ControlRequest request, CancellationToken cancellationToken)
    {
        var answer = await ControlClient.AskAsync(folder, request, cancellationToken) ?? throw new DemoFailedException($"the recorder does not answer '{request.Command}'");
        return answer.Ok ? answer : throw new DemoFailedException($"the recorder refused '{request.Command}': {answer.Message}");
    }
}

/// <summary>The demo cannot go on; the message says at what and why.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
