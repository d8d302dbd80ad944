using Tutelage.Recording.Captured;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Whether an interval was worked under the account that its rule names.</summary>
/// <remarks>
/// Every look at the window that belongs to the interval has to show it: the one it began under, all inside, the one after. If one look were enough, whoever switches
/// accounts would be recorded with the first keys of the other one. Owned by the pipeline thread.
/// </remarks>
internal sealed class AccountWatch
{
    private ElementTree? _last;

    /// <summary>Judges the interval, and keeps its newest look for the next one.</summary>
    public AccountSight Judge(WaitingInterval interval, AccountEvidence? evidence)
    {
        var looks = interval.Events.OfType<CapturedElements>().Select(seen => seen.Tree).Where(tree => IsOf(tree, interval.Context)).ToList();
        var before = _last is { } last && IsOf(last, interval.Context) ? last : null;
        if (looks.Count > 0) _last = looks[^1];
        if (evidence is null) return AccountSight.Missing;
        if (before is not null) looks.Add(before);
        if (interval.TreeAfter is { } after && IsOf(after.Tree, interval.Context)) looks.Add(after.Tree);
        var sights = looks.Select(tree => evidence.Judge(tree.Elements.Select(element => (element.Role, element.Name)))).ToList();
        return sights.Count == 0 || sights.Contains(AccountSight.Missing) ? AccountSight.Missing : sights.Max();
    }

    private static bool IsOf(ElementTree tree, DesktopContext context) =>
        tree.Context.App == context.App && tree.Context.Window == context.Window && tree.Context.Document == context.Document;
}
