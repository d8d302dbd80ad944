using Tutelage.Desktop;
using Tutelage.Recorder;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Indicator;

// Reading elements is thousands of small answers over one socket: handing each to another thread costs more than the answer. Read once, before the first socket.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
try
{
    if (args is ["indicator"]) return IndicatorProcess.Run();
    var doubts = ProcessGuard.Close();
    if (doubts.Count > 0)
    {
        foreach (var doubt in doubts) Console.Error.WriteLine("recorder: " + doubt);
        return RecorderExit.Failed;
    }
    using var host = new RecorderHost(RecorderOptions.Parse(args is ["run", .. var rest] ? rest : args), TimeProvider.System);
    return await host.RunAsync();
}
catch (ArgumentException usage)
{
    Console.Error.WriteLine("recorder: " + usage.Message);
    return RecorderExit.Usage;
}
catch (EnrolmentException unenrolled)
{
    foreach (var fault in unenrolled.Faults) Console.Error.WriteLine("recorder: " + fault);
    return RecorderExit.NotEnrolled;
}
catch (DesktopUnavailableException gone)
{
    Console.Error.WriteLine("recorder: " + gone.Message);
    return RecorderExit.Unsupported;
}
catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"recorder: the person's folder cannot be used: {refused.Message}");
    Console.Error.WriteLine("hint: make room on its disk, or check whose folder it is");
    return RecorderExit.Failed;
}
