using System.Net.Sockets;
using System.Text.Json;
using Tutelage.Cli.Demo;
using Tutelage.Cli.Programme;
using Tutelage.Cli.Verbs;
using Tutelage.Desktop;
using Tutelage.Identity;
using Tutelage.Practice;
using Tutelage.Practice.Eyes;
using Tutelage.Practice.Participants;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;
using Tutelage.Recording.Mcap;
using Tutelage.Sealing;

namespace Tutelage.Cli;

/// <summary>The edge of the command line: what went wrong in words, what to do, and an exit code.</summary>
internal static class Failures
{
    public static async Task<int> CatchAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (TaskCanceledException late) when (late.InnerException is TimeoutException)
        {
            return Say(CliExit.Failed, "no answer in time", "is `tutelage up` running, and is this its address?");
        }
        catch (OperationCanceledException)
        {
            return Say(CliExit.Failed, "interrupted", null);
        }
        catch (RefusedException refused)
        {
            return Say(CliExit.Refused, refused.Message, null);
        }
        catch (HttpRequestException away)
        {
            return Say(CliExit.Failed, $"no answer ({away.HttpRequestError})", "is `tutelage up` running, and is this its address?");
        }
        catch (EnrolmentException unenrolled)
        {
            return Say(CliExit.NotEnrolled, unenrolled.Message, null);
        }
        catch (VerbFailedException failed)
        {
            return Say(failed.Code, failed.Message, failed.Hint);
        }
        catch (SegmentDamagedException damaged)
        {
            return Say(CliExit.Failed, damaged.Message, $"tutelage discard {damaged.Id}");
        }
        catch (NoMatchingIdentityException foreign)
        {
            return Say(CliExit.Failed, foreign.Message, "it is sealed to another key");
        }
        catch (DesktopUnavailableException gone)
        {
            return Say(CliExit.Unsupported, gone.Message, null);
        }
        catch (VirtualDesktopException missing)
        {
            return Say(CliExit.Failed, missing.Message, "./build.sh prepare installs what the demo needs");
        }
        catch (Exception lost) when (lost is ParticipantLostException or PageFaultException)
        {
            return Say(CliExit.Failed, $"a synthetic participant could not go on: {lost.Message}", "run it again on a machine with less load, or with a smaller --pace; --keep DIR keeps what was recorded");
        }
        catch (Exception known) when (known is DemoFailedException or HostFailedException or IOException or UnauthorizedAccessException or FormatException or KeyFileException
            or AgeFormatException or PayloadAuthenticationException or DayKeyMissingException or McapCompressionUnavailableException or SocketException or JsonException or InvalidDataException)
        {
            return Say(CliExit.Failed, known.Message, null);
        }
        catch (Exception unforeseen) when (Environment.GetEnvironmentVariable("TUTELAGE_TRACE") != "1")
        {
            return Say(CliExit.Failed, $"a fault of the program itself ({unforeseen.GetType().Name}: {unforeseen.Message})", "please report it; with TUTELAGE_TRACE=1 in the environment it shows the place");
        }
    }

    private static int Say(int code, string what, string? hint)
    {
        Console.Error.WriteLine("tutelage: " + what);
        if (hint is not null) Console.Error.WriteLine("hint: " + hint);
        return code;
    }
}
