using Tutelage.Recording.Captured;
using Tutelage.Recording.Segments;

namespace Tutelage.Trajectories.Tests.DataSets;

public sealed class SegmentTimelineTests
{
    [Fact]
    public void Consecutive_segments_give_the_actions_of_the_session_they_were_cut_from()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var (whole, meant) = ActionScript.Render(seed, actions: 30, frames: true);
            var cut = new SessionTime(whole.Span.End.Milliseconds / 2 / 50 * 50);
            var timeline = TimelineAssembly.FromSegments([Store(whole, 1, time => time > cut), Store(whole, 0, time => time <= cut)]);
            timeline.Input.ShouldBe(whole.Input, $"seed {seed}");
            timeline.Frames.Select(frame => frame.Record.Time).ShouldBe(whole.Frames.Select(frame => frame.Record.Time), $"seed {seed}");
            ActionReducer.Reduce(timeline).Select(Meant.Of).ShouldBe(ActionReducer.Reduce(whole).Select(Meant.Of), $"seed {seed}");
            meant.Count.ShouldBeGreaterThan(20);
        }
    }

    private static SegmentReader Store(SessionTimeline whole, int number, Func<SessionTime, bool> belongs)
    {
        var streams = Enum.GetValues<ContentClass>().ToDictionary(one => one, _ => new MemoryStream());
        var writer = new SegmentWriter(streams.ToDictionary(one => one.Key, one => (Stream)one.Value), new("00112233445566778899aabbccddeeff", number, DateTimeOffset.UnixEpoch, SyntheticPage.Screen, new('a', 64), "test 1", 50, false));
        foreach (var input in whole.Input.Where(input => belongs(input.Time))) writer.Write(input);
        foreach (var text in whole.Texts.Where(text => belongs(text.Record.Time))) writer.Write(text.Record);
        foreach (var mark in whole.Tasks.Where(mark => belongs(mark.Record.Time))) writer.Write(mark.Record);
        foreach (var shown in whole.Elements.Where(shown => belongs(shown.Record.Time))) writer.Write(shown.Record);
        foreach (var gap in whole.Gaps.Where(gap => belongs(gap.Record.Start))) writer.Write(gap.Record);
        foreach (var (frame, image) in whole.ReadFrames())
        {
            using (image)
            {
                if (belongs(frame.Time)) writer.Write(frame.Time, image);
            }
        }

        writer.Complete(new(whole.Span.End, 0, 0, 0, 0, 0));
        return SegmentReader.Open(streams.ToDictionary(one => one.Key, one => (Stream)new MemoryStream(one.Value.ToArray())));
    }
}
