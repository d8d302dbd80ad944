using System.Buffers;
using System.Security.Cryptography;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction.Detection;
using Tutelage.Redaction.Pixels;

namespace Tutelage.Redaction;

/// <summary>What a session has taught so far: secrets, typed strings, content strings. RAM only, bounded, gone with <see cref="Dispose"/>. One thread, but for <see cref="HoldsSecret"/>, which any may ask.</summary>
/// <remarks>
/// Strings are held in compact form (letters and digits, lower case). Each collection forgets its oldest entry when it is full; what was
/// stored before a secret became known is the business of the second look before sending.
/// </remarks>
public sealed class SessionMemory(MonotonicTime sessionStart) : IDisposable
{
    private const int MaxSecrets = 4096;
    private const int MaxPhrases = 4096;
    private const int MaxInterfaceNames = 16384;
    private const int MaxCachedTexts = 8192;
    private const int MaxCachedLength = 1024;

    /// <summary>Below it a secret is looked for as a whole word only: as part of words it would hide half the interface.</summary>
    private const int SubstringLength = 6;

    /// <summary>Shorter strings say too little to be masked elsewhere.</summary>
    private const int ShortestSecret = 4;

    // The two sets of secrets and their search: guarded by _secretLock, because the look before sending asks from another thread.
    private readonly Lock _secretLock = new();
    private readonly BoundedSet _secrets = new(MaxSecrets);
    private readonly BoundedSet _shortSecrets = new(MaxSecrets);
    private readonly BoundedSet _interfaceNames = new(MaxInterfaceNames);
    private readonly Dictionary<string, List<Phrase>> _phrases = new(StringComparer.Ordinal);
    private readonly Queue<Phrase> _phraseOrder = new();
    private readonly Dictionary<string, IReadOnlyList<Finding>> _findings = new(StringComparer.Ordinal);
    private readonly Dictionary<long, CapturedElements> _trees = [];
    private SearchValues<string>? _secretSearch;

    public MonotonicTime SessionStart { get; } = sessionStart;

    /// <summary>Remembers <paramref name="secret"/>: wherever it appears from now on, it is masked. Under four letters or digits it is not remembered.</summary>
    public void RememberSecret(string secret)
    {
        var compact = NormalisedText.Compact(secret);
        if (compact.Length < ShortestSecret) return;
        lock (_secretLock)
        {
            if (compact.Length < SubstringLength) _shortSecrets.Add(compact);
            else if (_secrets.Add(compact)) _secretSearch = null;
        }
    }

    /// <summary>True if <paramref name="text"/> holds something remembered as secret.</summary>
    public bool HoldsSecret(string text)
    {
        SearchValues<string>? search;
        bool anyShort;
        lock (_secretLock)
        {
            search = _secrets.Count == 0 ? null : _secretSearch ??= SearchValues.Create([.. _secrets.Items], StringComparison.Ordinal);
            anyShort = _shortSecrets.Count > 0;
        }
        if (search is not null && NormalisedText.Compact(text).AsSpan().IndexOfAny(search) >= 0) return true;
        if (!anyShort) return false;
        var words = Words(text);
        lock (_secretLock) return words.Any(_shortSecrets.Contains);
    }

    internal SurrogateSource Surrogates { get; } = new(RandomNumberGenerator.GetBytes(32));

    internal ScreenMemory Screen { get; } = new();

    internal int NextRun { get; set; }

    /// <summary>The end of what was typed last, so that a number typed into several fields is seen whole.</summary>
    internal string TypedTail { get; set; } = "";

    /// <summary>Last event that may have moved the keyboard focus; a tree from before it does not tell where keys go.</summary>
    internal MonotonicTime LastFocusMove { get; set; } = new(-1);

    /// <summary>The last element that was told to have the keyboard focus.</summary>
    internal CapturedFocus? LastFocus { get; set; }

    /// <summary>Keys that are down and were stored as down, by X name, with what was stored.</summary>
    internal Dictionary<string, (string Key, KeyModifiers Modifiers)> KeysDown { get; } = new(StringComparer.Ordinal);

    internal CapturedElements? LastTree(long window) => _trees.GetValueOrDefault(window);

    internal void Remember(CapturedElements tree)
    {
        var window = tree.Tree.Context.Window;
        if (_trees.Count >= 8 && !_trees.ContainsKey(window)) _trees.Clear();
        _trees[window] = tree;
    }

    /// <summary>Detectors' findings, remembered for texts that stay on the screen from tree to tree.</summary>
    /// <exception cref="DetectorFailedException">A detector threw.</exception>
    internal IReadOnlyList<Finding> Findings(DetectorSet detectors, string text)
    {
        if (text.Length > MaxCachedLength) return detectors.Find(text);
        if (_findings.TryGetValue(text, out var known)) return known;
        if (_findings.Count >= MaxCachedTexts) _findings.Clear();
        return _findings[text] = detectors.Find(text);
    }

    internal void RememberInterface(string name)
    {
        var compact = NormalisedText.Compact(name);
        if (compact.Length > 0) _interfaceNames.Add(compact);
    }

    /// <summary>Counts what <see cref="RememberContent"/> has learnt: decisions made at another count may be out of date.</summary>
    internal long ContentCount { get; private set; }

    /// <summary>Remembers words of a person, so that an interface name which repeats them (<c>Delete …</c>) is content too.</summary>
    /// <param name="typed">Typed on this desktop, not only read on it.</param>
    internal void RememberContent(string text, bool typed)
    {
        if (text.Length is < 4 or > 256) return;
        var words = Words(text);
        var compact = string.Concat(words);
        if (typed ? compact.Length < 6 : words.Length < 2 || compact.Length < 8) return;
        if (words.Length > 8 || _interfaceNames.Contains(compact)) return;
        if (!_phrases.TryGetValue(words[0], out var sameStart)) _phrases[words[0]] = sameStart = [];
        if (sameStart.Count >= 64 || sameStart.Exists(phrase => phrase.Typed == typed && phrase.Words.SequenceEqual(words))) return;
        var added = new Phrase(words, typed);
        sameStart.Add(added);
        ContentCount++;
        _phraseOrder.Enqueue(added);
        if (_phraseOrder.Count <= MaxPhrases) return;
        var oldest = _phraseOrder.Dequeue();
        _phrases[oldest.Words[0]].Remove(oldest);
        if (_phrases[oldest.Words[0]].Count == 0) _phrases.Remove(oldest.Words[0]);
    }

    /// <summary>True if an interface name repeats a person's words and was not seen as interface before them.</summary>
    /// <param name="role">What the name is of: a choice that equals a content string is no sign (the content was chosen there), a command that equals one is a sign only if it was typed.</param>
    internal bool RepeatsContent(string name, NameOf role)
    {
        if (_phrases.Count == 0) return false;
        var words = Words(name);
        if (_interfaceNames.Contains(string.Concat(words))) return false;
        for (var start = 0; start < words.Length; start++)
        {
            if (!_phrases.TryGetValue(words[start], out var candidates)) continue;
            foreach (var phrase in candidates)
            {
                if (!words.AsSpan(start).StartsWith(phrase.Words)) continue;
                if (phrase.Words.Length == words.Length && (role == NameOf.Choice || (role == NameOf.Command && !phrase.Typed))) continue;
                if (_interfaceNames.Contains(string.Concat(phrase.Words))) continue;
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        Screen.Dispose();
        lock (_secretLock)
        {
            _secrets.Clear();
            _shortSecrets.Clear();
            _secretSearch = null;
        }
        _interfaceNames.Clear();
        _phrases.Clear();
        _phraseOrder.Clear();
        _findings.Clear();
        _trees.Clear();
        TypedTail = "";
    }

    public override string ToString() => nameof(SessionMemory);

    private static string[] Words(string text) =>
        [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(NormalisedText.Compact).Where(word => word.Length > 0)];

    internal enum NameOf
    {
        Other,
        Command,
        Choice,
    }

    private sealed record Phrase(string[] Words, bool Typed);

    private sealed class BoundedSet(int capacity)
    {
        private readonly HashSet<string> _items = new(StringComparer.Ordinal);
        private readonly Queue<string> _order = new();

        public int Count => _items.Count;

        public IReadOnlyCollection<string> Items => _items;

        public bool Contains(string item) => _items.Contains(item);

        public bool Add(string item)
        {
            if (!_items.Add(item)) return false;
            _order.Enqueue(item);
            if (_order.Count > capacity) _items.Remove(_order.Dequeue());
            return true;
        }

        public void Clear()
        {
            _items.Clear();
            _order.Clear();
        }
    }
}
