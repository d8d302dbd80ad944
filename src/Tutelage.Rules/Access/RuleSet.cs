using System.Security.Cryptography;

namespace Tutelage.Rules.Access;

/// <summary>Who may ask to open what, for which purpose, up to which sensitivity, in which state of the programme. What no sentence allows is denied.</summary>
/// <remarks>
/// Immutable and valid: only <see cref="RuleText"/>, <see cref="RuleBytes.Decode"/> and <see cref="RehearsalRules"/> construct one. If it could name an audience
/// other than person by person, one wrong line would open recordings to a whole company, which is the failure this system exists to prevent. Format: docs/formats/rules.md.
/// </remarks>
public sealed class RuleSet
{
    /// <summary>People whom the sentences may let open a class, unless the file says another number. Small enough that each of them can be known by name.</summary>
    public const int CeilingUnlessSaid = 5;

    /// <summary>No ceiling is higher. A programme with more readers of one class than this has no spelling here.</summary>
    public const int HighestCeiling = 100;

    private readonly Dictionary<string, NamedPerson> _byKey;

    internal RuleSet(
        string programme, int version, IReadOnlyList<NamedPerson> people, IReadOnlyList<PeopleGroup> groups, IReadOnlyDictionary<DataClass, int> ceilings, IReadOnlyList<Sentence> sentences)
    {
        (Programme, Version, People, Groups, Ceilings, Sentences) = (programme, version, people, groups, ceilings, sentences);
        _byKey = people.ToDictionary(person => person.KeyId, StringComparer.Ordinal);
        Digest = Convert.ToHexStringLower(SHA256.HashData(RuleBytes.Encode(this)));
    }

    /// <value>What the people call it, 1 to 80 characters.</value>
    public string Programme { get; }

    /// <value>Counts from 1. Only a later version replaces an earlier one, so an old rule set cannot be brought back.</value>
    public int Version { get; }

    /// <value>Everybody who is named; being named opens nothing.</value>
    public IReadOnlyList<NamedPerson> People { get; }

    public IReadOnlyList<PeopleGroup> Groups { get; }

    /// <value>One number for every class: how many people the sentences may let open it, 0 to <see cref="HighestCeiling"/>.</value>
    public IReadOnlyDictionary<DataClass, int> Ceilings { get; }

    public IReadOnlyList<Sentence> Sentences { get; }

    /// <summary>SHA-256 of <see cref="RuleBytes.Encode"/>, hex.</summary>
    public string Digest { get; }

    public NamedPerson? Find(string keyId) => _byKey.GetValueOrDefault(keyId);

    /// <summary>Whom an allowing sentence lets open a class, for any purpose, in any state. Prohibitions make no room: taking one away must not break a ceiling.</summary>
    public static IReadOnlySet<string> Counted(IEnumerable<Sentence> sentences, DataClass kept) =>
        sentences.Where(sentence => sentence.Kind == SentenceKind.Allow && sentence.Classes.Contains(kept)).SelectMany(sentence => sentence.KeyIds).ToHashSet(StringComparer.Ordinal);
}

/// <summary>Somebody, by the id of their one key; the name beside it is for the eye.</summary>
/// <param name="Line">Where the file names them, from 1; 0 where there are no lines.</param>
public sealed record NamedPerson(string Name, string KeyId, Role Role, int Line);

/// <summary>An explicit list of people. Groups hold no groups.</summary>
/// <param name="Members">Names of people, in ordinal order.</param>
public sealed record PeopleGroup(string Name, IReadOnlyList<string> Members, int Line);

/// <summary>Whether a sentence opens or shuts. A prohibition always wins.</summary>
public enum SentenceKind { Allow, Forbid }

/// <summary>One sentence of the rules.</summary>
/// <param name="Number">From 1, in the order of the file.</param>
/// <param name="Audience">Names of people and groups as written, in ordinal order.</param>
/// <param name="KeyIds">The people, groups resolved.</param>
/// <param name="Bound">Allowed: up to this sensitivity. Forbidden: from this one on.</param>
public sealed record Sentence(
    SentenceKind Kind, int Number, IReadOnlyList<string> Audience, IReadOnlySet<string> KeyIds, IReadOnlyList<Purpose> Purposes, IReadOnlyList<DataClass> Classes,
    Sensitivity Bound, IReadOnlyList<ProgrammeState> States, int Line)
{
    /// <summary>How decisions name it.</summary>
    public string Place => Line > 0 ? $"sentence {Number} (line {Line})" : $"sentence {Number}";

    public bool Covers(Sensitivity sensitivity) => Kind == SentenceKind.Allow ? sensitivity <= Bound : sensitivity >= Bound;

    public bool Names(string keyId) => KeyIds.Contains(keyId);
}
