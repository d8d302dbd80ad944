using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Tutelage.Recording.Events;
using Tutelage.Sealing;
using Tutelage.Trajectories;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Jobs.Tests;

public sealed class DatasetExportTests : IDisposable
{
    private readonly SealedWork _work = new();

    [Fact]
    public void A_data_set_leaves_as_jsonl_and_pictures_for_its_holder_alone()
    {
        var shards = Shards();
        using var holder = TagIdentity.Generate();
        var end = _work.Export(shards, holder.Recipient);
        end.Exit.ShouldBe(0, end.Message);
        var export = end.Result!.Value.GetProperty("export");
        (export.GetProperty("format").GetString(), export.GetProperty("trajectories").GetInt32(), export.GetProperty("dataset").GetString()).ShouldBe(("agentnet", 2, new string('d', 64)));
        end.Outputs.Count.ShouldBe(1);
        end.Outputs[0].End.TryGetProperty("inner", out _).ShouldBeFalse();

        var entries = Entries(end.Outputs[0], holder);
        entries.Keys.Count(name => name.EndsWith(".png", StringComparison.Ordinal)).ShouldBe(export.GetProperty("frames").GetInt32());
        var lines = Encoding.UTF8.GetString(entries["agentnet.jsonl"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        JsonDocument.Parse(lines[0]).RootElement.GetProperty("traj")[0].GetProperty("value").GetProperty("code").GetString()!.ShouldContain("pyautogui.click");

        using var stranger = TagIdentity.Generate();
        Should.Throw<NoMatchingIdentityException>(() => AgeHeader.Parse(end.Outputs[0].Outer).Unwrap(stranger));
    }

    [Fact]
    public void A_data_set_may_leave_as_its_shards()
    {
        var shards = Shards();
        using var holder = TagIdentity.Generate();
        var end = _work.Export(shards, holder.Recipient, "webdataset");
        end.Exit.ShouldBe(0, end.Message);
        var export = end.Result!.Value.GetProperty("export");
        (export.GetProperty("trajectories").GetInt32(), export.GetProperty("frames").GetInt32()).ShouldBe((2, 2));
        var entries = Entries(end.Outputs[0], holder);
        entries.Keys.ShouldBe([$"shard-{_work.Person(0)}.tar", $"shard-{_work.Person(1)}.tar"]);
        DataSetReader.Read(new MemoryStream(entries.Values.First())).Count().ShouldBe(1);
    }

    [Fact]
    public void A_holder_may_have_a_plain_age_key()
    {
        using var holder = X25519Identity.Generate();
        var end = _work.Export(Shards(), holder.Recipient);
        end.Exit.ShouldBe(0, end.Message);
        Entries(end.Outputs[0], holder).ShouldContainKey("agentnet.jsonl");
    }

    [Theory]
    [InlineData("agentnet")]
    [InlineData("webdataset")]
    public void What_the_detectors_find_in_the_output_keeps_it_from_leaving(string format)
    {
        var tag = _work.Person(0);
        var assembly = new TimelineAssembly(new string('1', 32), new(100, 100));
        assembly.Add(new ButtonChanged(new(100), Recording.PointerButton.Left, true, new(5, 5)));
        assembly.Add(new ButtonChanged(new(150), Recording.PointerButton.Left, false, new(5, 5)));
        assembly.Add(new TaskMark(new(0), "t/1", "Send it to ann@example.org", false, null));
        using var plaintext = new MemoryStream();
        new DataSetBuilder(new DataSetPlan("train", [tag])).WriteShard(tag, [assembly.ByTime()], [], plaintext);
        var shard = new SampleInput(new string('7', 32), "shard", tag, new Dictionary<string, SealedSample> { ["derived"] = SealedSample.Of(plaintext.ToArray(), _work.People[tag].Recipient, _work.Auditor.Recipient) });

        using var holder = TagIdentity.Generate();
        var end = _work.Export([shard], holder.Recipient, format);
        (end.Exit, end.Code, end.Outputs.Count).ShouldBe((6, "found-in-output", 0));
        end.Message.ShouldContain("EmailAddress");
        end.Message.ShouldNotContain("ann@");
    }

    [Fact]
    public void A_shard_that_cannot_be_opened_or_read_stops_the_export()
    {
        var shards = Shards();
        using var holder = TagIdentity.Generate();
        var altered = shards[0].With("derived", bytes => [.. bytes[..^30], (byte)(bytes[^30] ^ 1), .. bytes[^29..]]);
        var end = _work.Export([altered], holder.Recipient);
        (end.Exit, end.Code, end.Error!.Value.GetProperty("object").GetString()).ShouldBe((6, "shard-refused", altered.Object));
        var noise = shards[0] with { Files = new Dictionary<string, SealedSample> { ["derived"] = SealedSample.Of(new byte[2000], _work.People[shards[0].Tag].Recipient, _work.Auditor.Recipient) } };
        end = _work.Export([noise], holder.Recipient);
        (end.Exit, end.Code, end.Outputs.Count).ShouldBe((6, "shard-refused", 0));
    }

    private List<SampleInput> Shards()
    {
        var end = _work.Build([_work.Segment(_work.Person(0), new string('a', 32), 0), _work.Segment(_work.Person(1), new string('b', 32), 0)]);
        end.Exit.ShouldBe(0, end.Message);
        return [.. end.Outputs.Select(SealedWork.Shard)];
    }

    private static Dictionary<string, byte[]> Entries(JobOutput output, AgeIdentity holder)
    {
        output.Bytes.Position = 0;
        using var plaintext = new MemoryStream();
        using (var age = AgeReader.Open(output.Bytes, holder)) age.CopyTo(plaintext);
        output.End.GetProperty("digest").GetString().ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(plaintext.ToArray())));
        plaintext.Position = 0;
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var tar = new TarReader(plaintext);
        while (tar.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries.Add(entry.Name, content.ToArray());
        }
        return entries;
    }

    public void Dispose() => _work.Dispose();
}
