namespace Tutelage.Trajectories;

/// <summary>What a person did, as far as a model would do it again. Names in lower case with <c>_</c> are the format's (docs/formats/actions.md).</summary>
public enum ActionKind
{
    Click, DoubleClick, TripleClick, Drag, Scroll, Type, Key, Select, Wait, Done,
}

/// <summary>How an action ended, as far as the recording shows it.</summary>
public enum ActionStatus
{
    /// <summary>Nothing speaks against it.</summary>
    Ok,

    /// <summary>Cut by a gap or by the end of the recording: a press without its release.</summary>
    Cut,

    /// <summary><see cref="ActionKind.Done"/> of a task that succeeded.</summary>
    Success,

    /// <summary><see cref="ActionKind.Done"/> of a task that failed.</summary>
    Failure,

    /// <summary><see cref="ActionKind.Done"/> of a task whose outcome is not known.</summary>
    Unknown,
}
