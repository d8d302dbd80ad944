namespace Tutelage.Trajectories;

/// <summary>A modifier that is down: its events belong to the first action it was held for, its release to the last.</summary>
internal sealed class HeldModifier
{
    private readonly List<int> _events = [];
    private ActionDraft? _user;

    public void Add(int index) => _events.Add(index);

    public void UseFor(ActionDraft draft)
    {
        _user = draft;
        foreach (var index in _events) draft.Events.Add(index);
        _events.Clear();
    }

    /// <param name="release">Null if a gap came before it.</param>
    public void Release(int? release, ReductionAccount? account)
    {
        if (release is { } index) _events.Add(index);
        var user = _user?.Final;
        if (user is { Emitted: false })
        {
            foreach (var own in _events) user.Events.Add(own);
        }
        else if (account is not null)
        {
            var kind = user is null ? EventUseKind.LoneModifier : EventUseKind.LateRelease;
            foreach (var own in _events) account.Set(own, new(kind, -1));
        }
    }
}
