namespace Tutelage.Ledger;

/// <summary>Whom a verifier believes: the log's key, its witnesses, and how many of them must have cosigned.</summary>
/// <remarks>Written as text, one <c>log KEY</c>, any <c>witness KEY</c>, one <c>quorum N</c>; lines beginning with <c>#</c> are ignored.</remarks>
/// <param name="Quorum">0 to the number of witnesses. 0 means: the log alone is believed, and that says nothing against its operator.</param>
public sealed record LogPolicy(VerifierKey Log, IReadOnlyList<VerifierKey> Witnesses, int Quorum)
{
    public string Origin => Log.Name;

    public string Text => $"log {Log}\n{string.Concat(Witnesses.Select(w => $"witness {w}\n"))}quorum {Quorum}\n";

    /// <exception cref="FormatException">Names the line that is wrong.</exception>
    public static LogPolicy Parse(string text)
    {
        VerifierKey? log = null;
        var witnesses = new List<VerifierKey>();
        long? quorum = null;
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            var value = words.Length == 2 ? words[1] : "";
            switch (words[0])
            {
                case "log" when log is null && VerifierKey.TryParse(value, out var key) && key.Kind == NoteKeyKind.Ed25519:
                    log = key;
                    break;
                case "witness" when VerifierKey.TryParse(value, out var key) && key.Kind == NoteKeyKind.Cosignature:
                    witnesses.Add(key);
                    break;
                case "quorum" when quorum is null && Checkpoint.TrySize(value, out var count):
                    quorum = count;
                    break;
                default:
                    throw new FormatException($"'{line}' is no line of a log policy; expected 'log KEY', 'witness KEY' or 'quorum N', log and quorum once");
            }
        }

        if (log is null) throw new FormatException("the log policy names no log; add a line 'log KEY'");
        var needed = quorum ?? witnesses.Count;
        if (needed > witnesses.Count) throw new FormatException($"the log policy wants {needed} cosignatures of {witnesses.Count} witnesses");
        return new LogPolicy(log, witnesses, (int)needed);
    }

    /// <summary>Opens a checkpoint under this policy; null unless the log signed it. Says in <paramref name="audited"/> whether the quorum cosigned.</summary>
    public SignedCheckpoint? Open(ReadOnlySpan<byte> note, out bool audited)
    {
        var opened = Checkpoint.Open(note, Log, Witnesses);
        audited = opened is not null && Quorum > 0 && opened.Cosignatures.Count >= Quorum;
        return opened;
    }
}
