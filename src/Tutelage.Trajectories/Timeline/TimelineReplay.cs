namespace Tutelage.Trajectories;

/// <summary>Interleaves a timeline's lists: by position, at one position by time, at one time what was seen before what it was cut by.</summary>
internal static class TimelineReplay
{
    public static void Run(SessionTimeline timeline, ITimelineReader reader)
    {
        int snapshot = 0, frame = 0, gap = 0, task = 0, text = 0;
        for (var position = 0; position <= timeline.Input.Count; position++)
        {
            while (true)
            {
                var next = Before(timeline.Elements, snapshot, position, shown => shown.Time);
                var kind = 0;
                Earlier(ref next, ref kind, 1, Before(timeline.Frames, frame, position, shown => shown.Time));
                Earlier(ref next, ref kind, 2, Before(timeline.Gaps, gap, position, hole => hole.Start));
                Earlier(ref next, ref kind, 3, Before(timeline.Tasks, task, position, mark => mark.Time));
                if (next == long.MaxValue) break;
                switch (kind)
                {
                    case 0: reader.OnElements(timeline.Elements[snapshot++].Record); break;
                    case 1: reader.OnFrame(timeline.Frames[frame++].Record); break;
                    case 2: reader.OnGap(timeline.Gaps[gap++].Record); break;
                    default: reader.OnTask(timeline.Tasks[task++].Record); break;
                }
            }

            for (; text < timeline.Texts.Count && timeline.Texts[text].Position <= position; text++) reader.OnText(timeline.Texts[text].Record);
            if (position < timeline.Input.Count) reader.OnInput(timeline.Input[position]);
        }

        reader.OnEnd();
    }

    private static void Earlier(ref long next, ref int kind, int other, long time)
    {
        if (time < next) (next, kind) = (time, other);
    }

    private static long Before<T>(IReadOnlyList<Placed<T>> records, int at, int position, Func<T, SessionTime> time) =>
        at < records.Count && records[at].Position <= position ? time(records[at].Record).Milliseconds : long.MaxValue;
}
