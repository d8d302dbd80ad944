using Tutelage.Ledger;

namespace Tutelage.Auditor.Reading;

/// <summary>The rule of time: entries never go back, and an hour after the last root over all heads the next entry is a new one, and true.</summary>
/// <remarks>
/// Pure. If a false root passed here, a person could be shown "these are all" while another access stands in the log; if a missing one passed, nobody could
/// be shown anything about the time after it.
/// </remarks>
internal sealed class HourlyRoots
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private DateTimeOffset? _last; // time of the last entry
    private DateTimeOffset _root; // time of the last root, or of the first entry

    /// <summary>Time of the last entry; the least there is before the first.</summary>
    public DateTimeOffset Last => _last ?? DateTimeOffset.MinValue;

    /// <summary>Time of the last root over all heads, or of the first entry.</summary>
    public DateTimeOffset Root => _root;

    /// <summary>Goes on after entries that were read before.</summary>
    public void GoOn(DateTimeOffset last, DateTimeOffset root) => (_last, _root) = (last, root);

    /// <summary>Why an entry may not come now; null if it may. Changes nothing.</summary>
    /// <param name="heads">Every person's head before this entry, in any order.</param>
    public string? Refusal(EntryBody entry, IEnumerable<PersonHead> heads)
    {
        if (entry.Time < _last) return $"it is of {entry.Time:O}, the entry before it of {_last:O}: the ledger does not go back in time";
        if (entry.Kind != "heads") return _last is not null && entry.Time - _root >= Every ? $"a root over all heads was due at {_root + Every:O} and must come before any other entry" : null;
        if (_last is null) return "a ledger begins with its programme";
        if (entry.About.Count != 0) return "a root over all heads is about nobody";
        var (persons, root) = Heads.Root(heads.OrderBy(h => h.Tag, StringComparer.Ordinal));
        if (entry.Members.GetProperty("persons").GetInt64() != persons) return $"the root over all heads is over {entry.Members.GetProperty("persons")} persons, there are {persons}";
        return entry.Text("root") == root.ToString() ? null : $"the root over all heads is {entry.Text("root")}, the entries read give {root}";
    }

    /// <summary>Takes note of an entry that was accepted.</summary>
    public void Accept(EntryBody entry)
    {
        if (_last is null || entry.Kind == "heads") _root = entry.Time;
        _last = entry.Time;
    }
}
