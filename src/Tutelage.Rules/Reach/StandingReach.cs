using System.Runtime.InteropServices;
using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Reaching;

/// <summary>A data set as reach sees it.</summary>
/// <param name="Sensitivity">Null where it carries no label, which counts as sensitive.</param>
/// <param name="Tags">The persons whose work is in it.</param>
public sealed record DataSetLabel(string Id, DataClass Class, Sensitivity? Sensitivity, IReadOnlyList<string> Tags);

/// <summary>Somebody could open a data set for a purpose.</summary>
public readonly record struct CouldOpen(string KeyId, string DataSet, Purpose Purpose);

/// <summary>Who could open which data set, kept up to date one change at a time; always the same answer as from scratch.</summary>
/// <remarks>
/// Exact because a data set's class and label put it into one of 18 cells, and rules speak of cells only: they decide for the few who are named, cell by cell, and everybody
/// else reaches exactly what is about themselves. So nothing is stored for a pair of person and data set, and a change touches the person, cell or data set it is about.
/// Not safe for use by several threads at once.
/// </remarks>
public sealed class StandingReach
{
    private static readonly Purpose[] Purposes = Enum.GetValues<Purpose>();
    private static readonly DataClass[] Classes = Enum.GetValues<DataClass>();
    private static readonly Sensitivity[] Labels = Enum.GetValues<Sensitivity>();

    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Kept> _dataSets = new(StringComparer.Ordinal);

    /// <summary>By tag: the participant if one is known, and the data sets that hold work of theirs.</summary>
    private readonly Dictionary<string, Subject> _subjects = new(StringComparer.Ordinal);

    /// <summary>By class and label: the data sets in it.</summary>
    private readonly Dictionary<string, Kept>[] _cells = [.. Enumerable.Range(0, Classes.Length * Labels.Length).Select(_ => new Dictionary<string, Kept>(StringComparer.Ordinal))];

    /// <summary>By class and label: the known people whom the rules let open it, once a purpose; gathered when first asked for.</summary>
    private readonly (List<(string KeyId, Purpose Purpose)> Readers, bool Fresh)[] _readers = new (List<(string, Purpose)>, bool)[Classes.Length * Labels.Length];

    private RuleReach _byRules;

    private StandingReach(RuleReach rules) => _byRules = rules;

    /// <summary>Named by the rules, and known as nobody or in another role: they open nothing until that changes.</summary>
    public IEnumerable<NamedPerson> NamedButNotEnrolled => _byRules.People.Where(named => !IsEnrolled(named.Person)).Select(named => named.Person);

    public int DataSets => _dataSets.Count;

    public static StandingReach Of(RuleSet rules, ProgrammeState state, IEnumerable<Person> people, IEnumerable<DataSetLabel> dataSets)
    {
        var reach = new StandingReach(RuleReach.Of(rules, state));
        foreach (var person in people) reach.Put(person);
        foreach (var dataSet in dataSets) reach.Put(dataSet);
        return reach;
    }

    public void Change(RuleSet rules, ProgrammeState state)
    {
        _byRules = RuleReach.Of(rules, state);
        ForgetReaders();
    }

    /// <summary>Enrols somebody, or replaces what is known of them.</summary>
    public void Put(Person person)
    {
        RemovePerson(person.KeyId);
        _people.Add(person.KeyId, person);
        if (person is { Role: Role.Participant, Tag: { } tag }) SubjectOf(tag).Keys.Add(person.KeyId);
        ForgetReaders();
    }

    public void RemovePerson(string keyId)
    {
        if (!_people.Remove(keyId, out var known)) return;
        if (known is { Role: Role.Participant, Tag: { } tag }) SubjectOf(tag).Keys.Remove(keyId);
        ForgetReaders();
    }

    /// <summary>Adds a data set, or replaces its label and subjects.</summary>
    public void Put(DataSetLabel label)
    {
        RemoveDataSet(label.Id);
        var subjects = label.Tags.Distinct(StringComparer.Ordinal).Select(SubjectOf).ToArray();
        var kept = new Kept(label.Id, CellOf(label.Class, SensitivityLabels.Strictest([label.Sensitivity])), subjects);
        _dataSets.Add(label.Id, kept);
        _cells[kept.Cell].Add(label.Id, kept);
        foreach (var subject in subjects) subject.DataSets.Add(kept);
    }

    public void RemoveDataSet(string id)
    {
        if (!_dataSets.Remove(id, out var known)) return;
        _cells[known.Cell].Remove(id);
        foreach (var subject in known.Subjects) subject.DataSets.Remove(known);
    }

    /// <summary>Who could open a data set, and for what. Nobody, if it is not known.</summary>
    public IEnumerable<CouldOpen> WhoCould(string dataSet)
    {
        if (!_dataSets.TryGetValue(dataSet, out var kept)) return [];
        var named = ReadersOf(kept.Cell).Select(reader => new CouldOpen(reader.KeyId, dataSet, reader.Purpose));
        return HasOwnView ? named.Concat(kept.Subjects.SelectMany(subject => subject.Keys).Select(key => new CouldOpen(key, dataSet, Purpose.OwnView))) : named;
    }

    /// <summary>What somebody could open, and for what. Nothing, if they are not known.</summary>
    public IEnumerable<CouldOpen> WhatCould(string keyId)
    {
        if (!_people.TryGetValue(keyId, out var person)) yield break;
        foreach (var opening in OpeningsOf(person).Each())
            foreach (var id in _cells[CellOf(opening.Class, opening.Sensitivity)].Keys) yield return new(keyId, id, opening.Purpose);
        if (!HasOwnView || person is not { Role: Role.Participant, Tag: { } tag } || !_subjects.TryGetValue(tag, out var subject)) yield break;
        foreach (var kept in subject.DataSets) yield return new(keyId, kept.Id, Purpose.OwnView);
    }

    /// <summary>By data set: how many pairs of person and purpose could open it.</summary>
    public IReadOnlyDictionary<string, int> CountByDataSet() => _dataSets.Values.ToDictionary(
        kept => kept.Id, kept => ReadersOf(kept.Cell).Count + (HasOwnView ? kept.Subjects.Sum(subject => subject.Keys.Count) : 0), StringComparer.Ordinal);

    /// <summary>By key: how many pairs of data set and purpose its holder could open. Everybody who is known is in it, most with little.</summary>
    public IReadOnlyDictionary<string, int> CountByPerson() => _people.Values.ToDictionary(
        person => person.KeyId,
        person => OpeningsOf(person).Each().Sum(opening => _cells[CellOf(opening.Class, opening.Sensitivity)].Count)
            + (HasOwnView && person is { Role: Role.Participant, Tag: { } tag } && _subjects.TryGetValue(tag, out var subject) ? subject.DataSets.Count : 0),
        StringComparer.Ordinal);

    private bool HasOwnView => _byRules.State != ProgrammeState.Halted;

    private bool IsEnrolled(NamedPerson named) => _people.TryGetValue(named.KeyId, out var known) && known.Role == named.Role;

    private Openings OpeningsOf(Person person) => _byRules.Rules.Find(person.KeyId) is { } named && named.Role == person.Role ? _byRules.By(person.KeyId) : default;

    private List<(string KeyId, Purpose Purpose)> ReadersOf(int cell)
    {
        ref var kept = ref _readers[cell];
        if (kept.Fresh) return kept.Readers;
        var (readers, kind, label) = (new List<(string, Purpose)>(), Classes[cell / Labels.Length], Labels[cell % Labels.Length]);
        foreach (var (person, openings) in _byRules.People.Where(named => IsEnrolled(named.Person)))
            foreach (var purpose in Purposes)
                if (openings.Contains(new(purpose, kind, label))) readers.Add((person.KeyId, purpose));
        kept = (readers, true);
        return readers;
    }

    private void ForgetReaders() => Array.Clear(_readers);

    private Subject SubjectOf(string tag)
    {
        ref var subject = ref CollectionsMarshal.GetValueRefOrAddDefault(_subjects, tag, out _);
        return subject ??= new();
    }

    private static int CellOf(DataClass kept, Sensitivity label) => Array.IndexOf(Classes, kept) * Labels.Length + Array.IndexOf(Labels, label);

    private sealed class Subject
    {
        /// <summary>Keys of participants with this tag; one, unless a key was replaced.</summary>
        public List<string> Keys { get; } = [];

        public HashSet<Kept> DataSets { get; } = [];
    }

    /// <summary>Compared by identity: it lies in sets of its subjects.</summary>
    private sealed class Kept(string id, int cell, Subject[] subjects)
    {
        public string Id { get; } = id;

        public int Cell { get; } = cell;

        public Subject[] Subjects { get; } = subjects;
    }
}
