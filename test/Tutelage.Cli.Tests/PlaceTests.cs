using Tutelage.Cli.Tests.Support;
using Tutelage.Cli.Verbs;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;

namespace Tutelage.Cli.Tests;

/// <summary>Where things are put, what is read, and what a person is told of it.</summary>
public sealed class PlaceTests
{
    [Fact]
    public async Task Without_a_home_folder_nothing_is_put_where_one_stands()
    {
        using var line = new CommandLine();
        var ran = await line.RunInAsync(new Dictionary<string, string?> { ["TUTELAGE_HOME"] = null, ["HOME"] = Path.Combine(line.Root, "nowhere") }, "key", "list");
        ran.ShouldFail(CliExit.Failed, "there is no home folder", "nowhere", "--home", "TUTELAGE_HOME");
    }

    [Fact]
    public async Task What_is_not_a_recording_is_named()
    {
        using var line = new CommandLine();
        var other = Path.Combine(line.Root, "README.md");
        await File.WriteAllTextAsync(other, "# This is not a recording, and says so in more than eight bytes");
        (await line.RunAsync("mcap", "info", other)).ShouldFail(CliExit.Failed, other, "not an MCAP file");
        (await line.RunAsync("mcap", "info", line.Root)).ShouldFail(CliExit.Failed, $"{line.Root} is a folder");
    }

    [Fact]
    public async Task A_kept_demo_is_for_its_owner_alone()
    {
        using var line = new CommandLine();
        var folder = Directory.CreateDirectory(Path.Combine(line.Root, "kept")).FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        // Without a single program to start it ends at once; what it would keep is laid out before that.
        await line.RunInAsync(new Dictionary<string, string?> { ["PATH"] = line.Root }, "demo", "--keep", folder);
        File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_task_that_is_told_again_does_not_make_a_segment_longer()
    {
        var input = new MemoryStream();
        var text = new MemoryStream();
        var files = new Dictionary<ContentClass, Stream> { [ContentClass.Input] = input, [ContentClass.Text] = text };
        using (var writer = new SegmentWriter(files, new(new('5', 32), 2, new(2026, 5, 4, 9, 30, 0, TimeSpan.Zero), new(64, 64), new('a', 64), "tutelage-redaction/1", 10, false)))
        {
            writer.Write(new TaskMark(new(100), "t", "Do it", false, null));
            writer.Write(new PointerMoved(new(120_500), new(1, 2)));
            writer.Write(new TaskMark(new(130_000), "t", "Do it", true, true));
            writer.Complete(new(new(125_000), 1, 1, 0, 0, 0));
        }
        input.Position = text.Position = 0;
        HeldTimeline.Extent(SegmentReader.Open(files)).ShouldBe((120_500, 130_000));
    }
}
