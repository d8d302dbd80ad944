using System.Text;
using System.Text.Json;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Images;
using Tutelage.Recording.Segments;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Jobs.Tests;

public sealed class DatasetBuildTests : IDisposable
{
    private const string Card = "4111 1111 1111 1111";
    private readonly SealedWork _work = new();

    [Fact]
    public void Segments_of_two_people_become_a_sealed_shard_each()
    {
        var inputs = TwoPeople();
        var end = _work.Build(inputs);
        end.Exit.ShouldBe(0, end.Message);
        end.Refused.ShouldBeEmpty();
        var dataset = end.Dataset;
        dataset.GetProperty("id").GetString()!.Length.ShouldBe(64);
        dataset.GetProperty("trajectories").GetInt32().ShouldBe(4);
        dataset.GetProperty("frames").GetInt32().ShouldBeGreaterThanOrEqualTo(4);
        dataset.GetProperty("gaps").GetProperty("not_allowed").GetInt32().ShouldBe(4);
        dataset.GetProperty("lineage").EnumerateArray().Select(entry => entry.GetProperty("object").GetString()).ShouldBe(inputs.Select(input => input.Object), ignoreOrder: true);
        dataset.GetProperty("card").GetProperty("persons").GetInt32().ShouldBe(2);
        end.Result!.Value.GetProperty("memory").GetProperty("peak_mb").GetInt64().ShouldBeInRange(1, 1024);

        end.Outputs.Select(output => (output.Kind, output.Tag)).ShouldBe([("shard", _work.Person(0)), ("shard", _work.Person(1))]);
        var actions = 0;
        foreach (var output in end.Outputs)
        {
            var trajectories = DataSetReader.Read(new MemoryStream(output.Open(_work.Auditor, _work.People[output.Tag!]))).ToList();
            trajectories.Count.ShouldBe(2);
            trajectories.ShouldAllBe(trajectory => trajectory.Tag == output.Tag);
            trajectories[0].Trajectory.Instruction.ShouldBe("Choose the cost centre Sales and save");
            trajectories[0].Trajectory.Steps[0].Action.Target!.Name.ShouldBe("Save");
            actions += trajectories.Sum(trajectory => trajectory.Trajectory.Steps.Count);
        }
        dataset.GetProperty("actions").GetInt32().ShouldBe(actions);
    }

    [Fact]
    public void A_shard_opens_for_its_own_person_only()
    {
        var end = _work.Build(TwoPeople());
        Should.Throw<Sealing.NoMatchingIdentityException>(() => end.Outputs[0].Open(_work.Auditor, _work.People[_work.Person(1)]));
        Should.Throw<Sealing.NoMatchingIdentityException>(() => end.Outputs[0].Open(_work.People[_work.Person(0)], _work.People[_work.Person(0)]));
    }

    [Fact]
    public void The_same_segments_give_the_same_id_in_any_order()
    {
        var inputs = TwoPeople();
        var first = _work.Build(inputs);
        var second = _work.Build([.. Enumerable.Reverse(inputs)]);
        first.Dataset.GetProperty("id").GetString().ShouldBe(second.Dataset.GetProperty("id").GetString());
        first.Outputs[0].Open(_work.Auditor, _work.People[_work.Person(0)]).ShouldBe(second.Outputs[0].Open(_work.Auditor, _work.People[_work.Person(0)]));
        first.Outputs[0].Bytes.ToArray().ShouldNotBe(second.Outputs[0].Bytes.ToArray());
    }

    [Fact]
    public void A_truncated_or_altered_segment_is_refused_by_name_and_the_rest_is_built()
    {
        var inputs = TwoPeople();
        var served = new List<SampleInput>
        {
            inputs[0].With("input", bytes => bytes[..^100]),
            inputs[1].With("frames", bytes => [.. bytes[..500], (byte)(bytes[500] ^ 1), .. bytes[501..]]),
            inputs[2] with { Files = inputs[2].Files.Where(file => file.Key != "text").ToDictionary() },
            inputs[3],
        };
        var end = _work.Build(inputs, served);
        end.Exit.ShouldBe(0, end.Message);
        end.Refused.ShouldBe([(inputs[0].Object, null, "truncated"), (inputs[1].Object, "frames", "altered"), (inputs[2].Object, "text", "missing")], ignoreOrder: true);
        var tally = end.Result!.Value.GetProperty("inputs");
        (tally.GetProperty("given").GetInt32(), tally.GetProperty("used").GetInt32(), tally.GetProperty("refused").GetArrayLength()).ShouldBe((4, 3, 3));
        end.Dataset.GetProperty("card").GetProperty("segments_refused").GetInt32().ShouldBe(1);
    }

    [Fact]
    public void A_file_that_was_altered_before_it_was_signed_for_is_refused_too()
    {
        var inputs = TwoPeople();
        inputs[0] = inputs[0].With("input", bytes => [.. bytes[..^50], (byte)(bytes[^50] ^ 1), .. bytes[^49..]]);
        var end = _work.Build(inputs);
        end.Exit.ShouldBe(0, end.Message);
        end.Refused.ShouldBe([(inputs[0].Object, null, "altered")]);
    }

    [Fact]
    public void What_opens_and_is_no_segment_is_unreadable_and_a_copy_is_a_duplicate()
    {
        var inputs = TwoPeople();
        var noise = new SampleInput(new string('0', 32), "segment", _work.Person(0), new Dictionary<string, SealedSample> { ["input"] = SealedSample.Of(Encoding.UTF8.GetBytes("not a recording"), _work.Vault.Recipient, _work.Auditor.Recipient) });
        var copy = inputs[0] with { Object = new string('f', 32) };
        var end = _work.Build([.. inputs, noise, copy]);
        end.Exit.ShouldBe(0, end.Message);
        end.Refused.ShouldBe([(noise.Object, null, "unreadable"), (copy.Object, null, "duplicate")], ignoreOrder: true);
    }

    [Fact]
    public void When_nothing_can_be_opened_there_is_no_data_set()
    {
        var inputs = TwoPeople();
        var end = _work.Build(inputs, [.. inputs.Select(input => input.With("input", bytes => bytes[..10]))]);
        (end.Exit, end.Code, end.Result, end.Outputs.Count).ShouldBe((6, "nothing-usable", null, 0));
        end.Refused.Count.ShouldBe(4);
    }

    [Fact]
    public void A_job_fetches_only_the_classes_of_its_grant()
    {
        var end = _work.Build(TwoPeople(), classes: ["input", "elements"]);
        end.Exit.ShouldBe(0, end.Message);
        end.Fetched.Select(fetch => fetch.Class).Distinct().ShouldBe(["input", "elements"], ignoreOrder: true);
        end.Dataset.GetProperty("frames").GetInt32().ShouldBe(0);
    }

    [Fact]
    public void What_a_later_minute_shows_to_be_secret_is_taken_out_of_every_minute()
    {
        var tag = _work.Person(0);
        var session = new string('1', 32);
        var bounds = new ScreenRect(10, 80, 100, 20);
        var early = _work.Segment(tag, session, 0, writer =>
        {
            // A quarter of the number alone means nothing yet; the field's name holds the whole number without spaces.
            writer.Write(SealedWork.Snapshot(500, "4111111111111111", title: $"Pay {Card}", bounds: bounds));
            using var image = ScreenImage.Rent(new(192, 128), bounds);
            image.Fill(new(0, 0, 192, 128), 0xffeeeeee);
            image.Fill(bounds, 0xff00ff00);
            writer.Write(new(600), image);
            writer.Write(new TypedRun(new(700), new(800), 0, 2, new TextShape(16, TextKind.Unknown), 16, false));
            writer.Write(new TypedText(new(700), 0, "token Kx7", false));
        });
        var late = _work.Segment(tag, session, 1, writer =>
        {
            writer.Write(new TaskMark(new(60_200), "note/1", $"Write {Card} and mail ann@example.org", false, null));
            writer.Write(new TypedRun(new(60_300), new(60_400), 1, 2, new TextShape(32, TextKind.Unknown), 20, false));
            writer.Write(new TypedText(new(60_300), 1, "ann@example.org", false));
        });
        var end = _work.Build([early, late]);
        end.Exit.ShouldBe(0, end.Message);
        end.Result!.Value.GetProperty("redaction").GetProperty("changed").GetInt64().ShouldBeGreaterThanOrEqualTo(4);

        var shard = end.Outputs[0].Open(_work.Auditor, _work.People[tag]);
        var text = Encoding.Latin1.GetString(shard);
        foreach (var secret in (string[])["4111", "ann@example", "1111 1111"]) text.ShouldNotContain(secret);
        text.ShouldContain("[paymentcard]");
        var images = DataSetReader.Read(new MemoryStream(shard)).SelectMany(trajectory => trajectory.Images.Values).ToList();
        images.ShouldNotBeEmpty();
        foreach (var png in images)
        {
            using var image = Png.Read(new MemoryStream(png));
            for (var at = 0; at < image.Pixels.Length; at += 4) (image.Pixels[at] == 0 && image.Pixels[at + 1] == 255 && image.Pixels[at + 2] == 0).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_missing_minute_cuts_what_lies_around_it()
    {
        var tag = _work.Person(0);
        var segments = Enumerable.Range(0, 3).Select(number => _work.Segment(tag, new string('2', 32), number, classes: [ContentClass.Input, ContentClass.Elements])).ToList();
        var whole = _work.Build(segments);
        var holed = _work.Build([segments[0], segments[2]]);
        whole.Dataset.GetProperty("gaps").TryGetProperty("events_lost", out _).ShouldBeFalse();
        holed.Dataset.GetProperty("gaps").GetProperty("events_lost").GetInt32().ShouldBe(1);
    }

    [Fact]
    public void Work_that_does_not_fit_its_memory_is_refused_with_the_limit_named()
    {
        var random = new Random(1);
        var segment = _work.Segment(_work.Person(0), new string('3', 32), 0, writer =>
        {
            for (var number = 0; number < 4; number++)
            {
                using var image = ScreenImage.Rent(new(192, 128), new(0, 0, 192, 128));
                random.NextBytes(image.Pixels);
                writer.Write(new(200 + number), image);
            }
        });
        var end = _work.Build([segment], memoryMb: 64);
        if (end.Exit == 0) end.Result!.Value.GetProperty("memory").GetProperty("peak_mb").GetInt64().ShouldBeLessThanOrEqualTo(64);
        else (end.Exit, end.Code, end.Message.Contains("64 MB", StringComparison.Ordinal)).ShouldBe((5, "memory", true));
    }

    private List<SampleInput> TwoPeople() =>
    [
        _work.Segment(_work.Person(0), new string('a', 32), 0), _work.Segment(_work.Person(0), new string('a', 32), 1),
        _work.Segment(_work.Person(1), new string('b', 32), 0), _work.Segment(_work.Person(1), new string('b', 32), 1),
    ];

    public void Dispose() => _work.Dispose();
}
