using System.Globalization;
using System.Text;

namespace Tutelage.Ledger;

/// <summary>Reads policy files of c2sp.org/tlog-policy: lines <c>log</c>, <c>witness</c>, <c>group</c>, one <c>quorum</c>; names before their use.</summary>
/// <remarks>If a line were skipped or read as another, a verifier would believe people it was not told to believe: what is not understood is an error.</remarks>
internal sealed class PolicyText
{
    public const int MaxSizeBytes = 64 * 1024;

    /// <summary>Of logs, and of witnesses and groups together; the specification asks for 32 of each.</summary>
    private const int MaxNames = 256;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<VerifierKey> _logs = [];
    private readonly List<VerifierKey> _witnesses = [];
    private readonly Dictionary<string, WitnessQuorum> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _members = new(StringComparer.Ordinal);
    private WitnessQuorum? _quorum;

    public static LogPolicy Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxSizeBytes) throw new FormatException($"a log policy has at most {MaxSizeBytes} bytes, this file has {file.Length}");
        var kept = new StringBuilder();
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range].Trim(" \t"u8);
            if (line.IsEmpty || line[0] == '#') continue;
            try
            {
                kept.Append(Strict.GetString(line)).Append('\n');
            }
            catch (DecoderFallbackException other)
            {
                throw new FormatException("the log policy has a line that is not UTF-8; only comments may hold other bytes", other);
            }
        }

        return Read(kept.ToString());
    }

    public static LogPolicy Read(string text)
    {
        if (text.Length > MaxSizeBytes) throw new FormatException($"a log policy has at most {MaxSizeBytes} bytes");
        var reader = new PolicyText();
        foreach (var line in text.Split('\n'))
        {
            if (line.Any(c => (c < ' ' && c != '\t') || c == '\x7f')) throw Wrong(line, "has a control character");
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] == '#') continue;
            reader.Take(line, words);
        }

        if (reader._logs.Count == 0) throw new FormatException("the log policy names no log; add a line 'log KEY'");
        return new LogPolicy(reader._logs, reader._witnesses, reader._quorum ?? throw new FormatException("the log policy has no quorum line; add 'quorum NAME' or 'quorum none'"), text);
    }

    private void Take(string line, string[] words)
    {
        switch (words)
        {
            case ["log", _] or ["log", _, _]:
                Add(_logs, Key(line, words[1], NoteKeyKind.Ed25519));
                break;
            case ["witness", _, _] or ["witness", _, _, _]:
                var witness = Key(line, words[2], NoteKeyKind.Cosignature);
                Define(words[1], WitnessQuorum.Of(witness));
                Add(_witnesses, witness);
                break;
            case ["group", var name, var threshold, _, ..]:
                var members = words[3..].Select(member => _members.Add(member) ? Named(member) : throw Wrong(line, $"'{member}' is in a group already")).ToList();
                var needed = threshold switch
                {
                    "any" => 1,
                    "all" => members.Count,
                    _ => Checkpoint.TrySize(threshold, out var count) && count >= 1 && count <= members.Count ? (int)count : throw Wrong(line, $"'{threshold}' is not all, any or a number from 1 to {members.Count}"),
                };
                Define(name, WitnessQuorum.Group(needed, members));
                break;
            case ["quorum", var name] when _quorum is null:
                _quorum = name == "none" ? WitnessQuorum.None : Named(name);
                break;
            case ["quorum", _]:
                throw Wrong(line, "there is a quorum already");
            default:
                throw Wrong(line, "is not 'log KEY [URL]', 'witness NAME KEY [URL]', 'group NAME all|any|K NAME...' or 'quorum NAME|none'");
        }

        void Define(string name, WitnessQuorum quorum)
        {
            if (name == "none" || _names.Count == MaxNames || !_names.TryAdd(name, quorum))
                throw Wrong(line, name == "none" ? "'none' cannot be a name" : _names.Count == MaxNames ? $"over {MaxNames} names" : $"'{name}' is defined twice");
        }

        void Add(List<VerifierKey> keys, VerifierKey key)
        {
            if (keys.Count == MaxNames || keys.Exists(k => k.HasSameKeyAs(key))) throw Wrong(line, keys.Count == MaxNames ? $"over {MaxNames} keys" : "its key is listed already");
            keys.Add(key);
        }

        WitnessQuorum Named(string name) => _names.TryGetValue(name, out var known) ? known : throw Wrong(line, $"'{name}' is not defined above it");
    }

    private static VerifierKey Key(string line, string text, NoteKeyKind kind) =>
        VerifierKey.TryParse(text, out var key) && key.Kind == kind
            ? key
            : throw Wrong(line, string.Create(CultureInfo.InvariantCulture, $"its key is no verifier key of kind {(byte)kind:x2}"));

    private static FormatException Wrong(string line, string why) => new($"log policy, line '{line.Trim()}': {why}");
}
