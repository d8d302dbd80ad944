using Tutelage.Recorder.Spool;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Events;

namespace Tutelage.Recorder.Tests.Spool;

public sealed class HeldSegmentTests
{
    [Fact]
    public void An_altered_or_cut_segment_is_refused_by_name()
    {
        foreach (var kept in Enum.GetValues<ContentClass>())
            for (var seed = 0; seed < 20; seed++)
            {
                using var place = new SpoolPlace();
                var id = place.Hold(Write);
                var path = place.PathOf(id, kept);
                var bytes = File.ReadAllBytes(path);
                var random = new Random(seed);
                if (seed % 2 == 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                else bytes = bytes[..random.Next(bytes.Length)];
                File.WriteAllBytes(path, bytes);

                var refused = Should.Throw<SegmentDamagedException>(() => ReadWhole(place.Spool, id), $"{kept}, seed {seed}");
                refused.Id.ShouldBe(id);
                refused.Message.ShouldContain(id);
            }
    }

    [Fact]
    public void A_torn_segment_that_was_also_altered_is_set_aside_and_the_others_are_recovered()
    {
        using var place = new SpoolPlace();
        var (altered, torn) = (Tear(place), Tear(place));
        var path = SpoolFolder.FileOf(Path.Combine(place.Spool.OpenRoot, altered), ContentClass.Input) + ".tail";
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);

        var outcomes = SpoolRecovery.Run(place.Spool).ToDictionary(recovery => recovery.Id, recovery => recovery.Outcome);

        outcomes[altered].ShouldBe(RecoveryOutcome.Damaged);
        outcomes[torn].ShouldBe(RecoveryOutcome.Recovered);
        place.Spool.Damaged().ShouldBe([altered]);
        place.Spool.Unfinished().ShouldBeEmpty();
        var segment = place.Read(torn);
        segment.Opening.Recovered.ShouldBeTrue();
        segment.Input.ShouldHaveSingleItem();
        segment.Frames.Count().ShouldBe(1);
        segment.Gaps.ShouldHaveSingleItem().Reason.ShouldBe(GapReason.Undecided);
        place.Spool.EpochOf(torn).ShouldBe(7);
        SpoolRecovery.Run(place.Spool).ShouldBeEmpty();
    }

    [Fact]
    public void A_segment_torn_between_its_files_is_not_taken_for_whole()
    {
        using var place = new SpoolPlace();
        var id = SpoolFolder.NewId();
        using (var segment = new SpoolSegment(place.Spool, id, Enum.GetValues<ContentClass>().ToHashSet(), SpoolPlace.Opening, null))
        {
            Write(segment.Writer);
            segment.CompleteInPlace(new(new(2000), 1, 1, 0, 0, 1)).ShouldBe(DiskAnswer.Durable);
        }
        SpoolRecovery.Run(place.Spool).Single().Outcome.ShouldBe(RecoveryOutcome.Whole);

        id = Tear(place);
        SpoolRecovery.Run(place.Spool).Single().ShouldBe(new(id, RecoveryOutcome.Recovered));
    }

    [Fact]
    public void Keys_of_days_under_which_nothing_waits_are_destroyed()
    {
        using var place = new SpoolPlace();
        var id = place.Hold();
        var keys = Path.Combine(place.Spool.Root, "keys");
        var today = Directory.EnumerateFiles(keys).Single();
        File.Copy(today, Path.Combine(keys, "day-20200101.key"));

        place.Spool.DestroyUnneededKeys();
        Directory.EnumerateFiles(keys).ShouldBe([today]);
        place.Spool.DestroyUnneededKeys(ended: true);
        Directory.EnumerateFiles(keys).ShouldBe([today]);
        place.Spool.Discard(id);
        place.Spool.DestroyUnneededKeys(ended: true);
        Directory.EnumerateFiles(keys).ShouldBeEmpty();
    }

    private static string Tear(SpoolPlace place)
    {
        var id = SpoolFolder.NewId();
        using var segment = new SpoolSegment(place.Spool, id, Enum.GetValues<ContentClass>().ToHashSet(), SpoolPlace.Opening, epoch: 7);
        Write(segment.Writer);
        segment.Flush().ShouldBe(DiskAnswer.Durable);
        return id;
    }

    private static void Write(Recording.Segments.SegmentWriter writer)
    {
        writer.Write(new PointerMoved(new(100), new(5, 6)));
        writer.Write(new TaskMark(new(100), "t/1", "Do it", false, null));
        writer.Write(new ElementSnapshot(new(100), SpoolPlace.Context, [SpoolPlace.Element(1, "button", "Save", new(0, 0, 9, 9))], -1));
        using var image = SpoolPlace.Image(0x00445566);
        writer.Write(new SessionTime(100), image);
    }

    private static void ReadWhole(SpoolFolder spool, string id)
    {
        using var opened = spool.Open(id);
        opened.Read(reader =>
        {
            foreach (var (_, image) in reader.Frames) image.Dispose();
            return true;
        });
    }
}
