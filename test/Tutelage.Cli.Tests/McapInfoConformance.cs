using Tutelage.Cli.Tests.Support;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests;

/// <summary>Files of another tool (OWAMcap) read by <c>tutelage mcap info</c>.</summary>
public sealed class McapInfoConformance
{
    [Fact]
    public async Task A_recording_of_another_tool_is_counted()
    {
        if (!SharedFolder.Has("owamcap", out var folder)) return;
        using var line = new CommandLine();
        var info = (await line.DoAsync("mcap", "info", Path.Combine(folder, "example.mcap"), "--json")).Json;
        info.GetProperty("profile").GetString().ShouldBe("owa");
        info.GetProperty("truncated").GetBoolean().ShouldBeFalse();
        info.GetProperty("chunks").GetProperty("zstd").GetInt64().ShouldBe(1);
        info.GetProperty("messages").GetInt64().ShouldBe(info.GetProperty("channels").EnumerateArray().Sum(channel => channel.GetProperty("messages").GetInt64()));
        var screens = info.GetProperty("channels").EnumerateArray().Single(channel => channel.GetProperty("topic").GetString() == "screen");
        screens.GetProperty("schema").GetString().ShouldBe("desktop/ScreenCaptured");
        screens.GetProperty("messages").GetInt64().ShouldBe(590);
    }

    [Fact]
    public async Task A_file_that_breaks_off_is_read_and_called_so_and_one_that_is_damaged_is_refused()
    {
        if (!SharedFolder.Has("owamcap", out var folder)) return;
        using var line = new CommandLine();
        var bytes = File.ReadAllBytes(Path.Combine(folder, "example.mcap"));
        var cut = Path.Combine(line.Root, "cut.mcap");
        File.WriteAllBytes(cut, bytes[..^2000]);
        (await line.DoAsync("mcap", "info", cut, "--json")).Json.GetProperty("truncated").GetBoolean().ShouldBeTrue();
        (await line.DoAsync("mcap", "info", cut)).Out.ShouldContain("BROKEN OFF");

        var other = Path.Combine(line.Root, "other.mcap");
        File.WriteAllText(other, "this is not a recording, and says so in more than eight bytes");
        (await line.RunAsync("mcap", "info", other)).ShouldFail(CliExit.Failed, "magic");
    }
}
