using System.Globalization;
using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>Cuts a session into trajectories: by its tasks' marks, and what lies between them by idle time and app.</summary>
public static class TrajectorySplit
{
    public static IReadOnlyList<Trajectory> Split(SessionTimeline timeline, ReductionOptions? options = null)
    {
        var collector = new Collector(timeline, options ?? ReductionOptions.Default);
        timeline.Replay(collector);
        return collector.Trajectories;
    }

    /// <summary>Reduces and keeps the actions of each stretch between marks together; the reducer holds nothing back across a mark.</summary>
    private sealed class Collector : ITimelineReader
    {
        private readonly SessionTimeline _timeline;
        private readonly ActionReducer _reducer;
        private readonly List<RecordedAction> _actions = [];
        private readonly List<Gap> _gaps = [];
        private TaskMark? _task;
        private SessionTime _since;
        private int _unmarked;

        public Collector(SessionTimeline timeline, ReductionOptions options)
        {
            _timeline = timeline;
            _since = timeline.Span.Start;
            _reducer = new(options, _actions.Add);
        }

        public List<Trajectory> Trajectories { get; } = [];

        public void OnInput(InputEvent input) => _reducer.OnInput(input);

        public void OnText(TypedText text) => _reducer.OnText(text);

        public void OnElements(ElementSnapshot snapshot) => _reducer.OnElements(snapshot);

        public void OnFrame(FrameReference frame) => _reducer.OnFrame(frame);

        public void OnGap(Gap gap)
        {
            _reducer.OnGap(gap);
            _gaps.Add(gap);
        }

        public void OnTask(TaskMark mark)
        {
            _reducer.OnTask(mark);
            Close(mark.Time, mark.Ended && _task?.TaskId == mark.TaskId ? mark : null);
            _task = mark.Ended ? null : mark;
            _since = mark.Time;
        }

        public void OnEnd()
        {
            _reducer.OnEnd();
            Close(_timeline.Span.End, null);
        }

        private void Close(SessionTime until, TaskMark? end)
        {
            if (_task is { } task) Trajectories.Add(Of(task.TaskId, task.Instruction, generated: false, end?.Success, _since, until, _actions));
            else if (_actions.Count > 0) AddUnmarked();
            _actions.Clear();
            _gaps.Clear();
        }

        private void AddUnmarked()
        {
            var piece = new List<RecordedAction>();
            foreach (var action in _actions)
            {
                if (piece.Count > 0 && (action.Start - piece[^1].End > IdleMs || AppOf(action) is { } app && AppOf(piece[^1]) is { } before && app != before)) Flush(piece);
                piece.Add(action);
            }

            Flush(piece);
        }

        private void Flush(List<RecordedAction> piece)
        {
            if (piece.Any(action => action.Kind != ActionKind.Done))
                Trajectories.Add(Of($"unmarked/{(_unmarked++).ToString(CultureInfo.InvariantCulture)}", Describe(piece), generated: true, null, piece[0].Start, piece[^1].End, piece));
            piece.Clear();
        }

        private Trajectory Of(string taskId, string instruction, bool generated, bool? success, SessionTime start, SessionTime end, IReadOnlyList<RecordedAction> actions) => new(
            taskId, instruction, generated, success, start, end,
            [.. _gaps.Where(gap => gap.End >= start && gap.Start <= end).Select(gap => gap.Reason)],
            [.. actions.Select(action => new TrajectoryStep(Observe(action), action))]);

        private Observation Observe(RecordedAction action) => new(
            action.ElementsIndex >= 0 ? _timeline.Elements[action.ElementsIndex].Record : null,
            action.FrameIndex >= 0 ? _timeline.Frames[action.FrameIndex].Record : null);

        private string? AppOf(RecordedAction action) => action.ElementsIndex >= 0 ? _timeline.Elements[action.ElementsIndex].Record.Context.App : null;

        /// <summary>Interface names only: what was typed stays out of a sentence that nobody wrote.</summary>
        private string Describe(List<RecordedAction> actions)
        {
            var words = actions.Where(action => action.Kind is not (ActionKind.Wait or ActionKind.Scroll)).Take(MaxDescribed).Select(action => action.Kind switch
            {
                ActionKind.Select when action.Option is { } option => $"select {option}",
                ActionKind.Key => $"press {string.Join('+', action.Keys)}",
                _ when action.Target?.Name is { } name => $"{ActionNames.Of(action.Kind).Replace('_', ' ')} {name}",
                _ => ActionNames.Of(action.Kind).Replace('_', ' '),
            });
            return $"Work in {AppOf(actions[0]) ?? "an app that was not observed"}: {string.Join(", ", words)}{(actions.Count > MaxDescribed ? ", …" : "")}";
        }

        /// <summary>Milliseconds without an action after which another piece of work begins.</summary>
        private const int IdleMs = 60_000;

        private const int MaxDescribed = 6;
    }
}
