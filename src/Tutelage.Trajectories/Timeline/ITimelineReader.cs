using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>Takes a session's records one by one in order: the reducer, the account checker, a printer.</summary>
public interface ITimelineReader
{
    void OnInput(InputEvent input);

    /// <summary>The letters of a run, before the run itself.</summary>
    void OnText(TypedText text);

    void OnElements(ElementSnapshot snapshot);
    void OnFrame(FrameReference frame);
    void OnGap(Gap gap);
    void OnTask(TaskMark mark);
    void OnEnd();
}
