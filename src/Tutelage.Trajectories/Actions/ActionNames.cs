namespace Tutelage.Trajectories;

/// <summary>Names of the action format.</summary>
internal static class ActionNames
{
    public static string Of(ActionKind kind) => kind switch
    {
        ActionKind.Click => "click", ActionKind.DoubleClick => "double_click", ActionKind.TripleClick => "triple_click", ActionKind.Drag => "drag",
        ActionKind.Scroll => "scroll", ActionKind.Type => "type", ActionKind.Key => "key", ActionKind.Select => "select", ActionKind.Wait => "wait",
        ActionKind.Done => "done",
    };

    public static string Of(ActionStatus status) => status switch
    {
        ActionStatus.Ok => "ok", ActionStatus.Cut => "cut", ActionStatus.Success => "success", ActionStatus.Failure => "failure", ActionStatus.Unknown => "unknown",
    };

    public static string Of(PointerButton button) => button switch
    {
        PointerButton.Left => "left", PointerButton.Middle => "middle", PointerButton.Right => "right", PointerButton.Back => "back", PointerButton.Forward => "forward",
    };

    public static string Of(TextKind kind) => kind.ToString().ToLowerInvariant();

    public static string Of(TextSource source) => source.ToString().ToLowerInvariant();

    /// <summary>The other way round.</summary>
    /// <exception cref="FormatException">No member has that name.</exception>
    public static T Parse<T>(string? name, Func<T, string> of)
        where T : struct, Enum
    {
        foreach (var member in Enum.GetValues<T>())
        {
            if (of(member) == name) return member;
        }

        throw new FormatException($"not a name of {typeof(T).Name}: it has {name?.Length ?? 0} letters; docs/formats/actions.md lists the names");
    }
}
