namespace Tutelage.Trajectories;

/// <summary>Interleaves a timeline's lists by position. At one position: gaps, task ends, snapshots, frames, task beginnings, texts, then the input event.</summary>
internal static class TimelineReplay
{
    public static void Run(SessionTimeline timeline, ITimelineReader reader)
    {
        int gap = 0, ended = 0, snapshot = 0, frame = 0, begun = 0, text = 0;
        for (var position = 0; position <= timeline.Input.Count; position++)
        {
            for (; gap < timeline.Gaps.Count && timeline.Gaps[gap].Position <= position; gap++) reader.OnGap(timeline.Gaps[gap].Record);
            for (; ended < timeline.Tasks.Count && timeline.Tasks[ended].Position <= position; ended++)
            {
                if (timeline.Tasks[ended].Record.Ended) reader.OnTask(timeline.Tasks[ended].Record);
            }

            for (; snapshot < timeline.Elements.Count && timeline.Elements[snapshot].Position <= position; snapshot++) reader.OnElements(timeline.Elements[snapshot].Record);
            for (; frame < timeline.Frames.Count && timeline.Frames[frame].Position <= position; frame++) reader.OnFrame(timeline.Frames[frame].Record);
            for (; begun < timeline.Tasks.Count && timeline.Tasks[begun].Position <= position; begun++)
            {
                if (!timeline.Tasks[begun].Record.Ended) reader.OnTask(timeline.Tasks[begun].Record);
            }

            for (; text < timeline.Texts.Count && timeline.Texts[text].Position <= position; text++) reader.OnText(timeline.Texts[text].Record);
            if (position < timeline.Input.Count) reader.OnInput(timeline.Input[position]);
        }

        reader.OnEnd();
    }
}
