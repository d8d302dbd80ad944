using System.Globalization;
using System.Text;

namespace Tutelage.Ledger;

/// <summary>Whom a verifier believes: logs by their keys, witnesses, and which of them must have cosigned (c2sp.org/tlog-policy). Immutable.</summary>
public sealed record LogPolicy
{
    /// <param name="quorum">Cosignatures needed, 0 to the number of witnesses. 0 means: the log alone is believed, and that says nothing against its operator.</param>
    public LogPolicy(VerifierKey log, IReadOnlyList<VerifierKey> witnesses, int quorum)
        : this([log], witnesses, quorum == 0 ? WitnessQuorum.None : WitnessQuorum.Group(quorum, [.. witnesses.Select(WitnessQuorum.Of)]), Write(log, witnesses, quorum))
    {
    }

    internal LogPolicy(IReadOnlyList<VerifierKey> logs, IReadOnlyList<VerifierKey> witnesses, WitnessQuorum quorum, string text) =>
        (Logs, Witnesses, Quorum, Text) = (logs, witnesses, quorum, text);

    /// <summary>At least one; a checkpoint of any of them is accepted.</summary>
    public IReadOnlyList<VerifierKey> Logs { get; }

    public IReadOnlyList<VerifierKey> Witnesses { get; }

    public WitnessQuorum Quorum { get; }

    /// <summary>As a policy file spells it.</summary>
    public string Text { get; }

    public VerifierKey Log => Logs[0];

    public string Origin => Log.Name;

    /// <exception cref="FormatException">Names the line that is wrong.</exception>
    public static LogPolicy Parse(string text) => PolicyText.Read(text);

    /// <param name="file">A policy file: ASCII or UTF-8; comments may hold any bytes.</param>
    /// <exception cref="FormatException">Names the line that is wrong.</exception>
    public static LogPolicy Parse(ReadOnlySpan<byte> file) => PolicyText.Read(file);

    /// <summary>Opens a checkpoint under this policy; null unless one of the logs signed it. Says in <paramref name="audited"/> whether the quorum cosigned.</summary>
    public SignedCheckpoint? Open(ReadOnlySpan<byte> note, out bool audited)
    {
        audited = false;
        foreach (var log in Logs)
        {
            if (Checkpoint.Open(note, log, Witnesses) is not { } opened) continue;
            audited = !Quorum.IsNone && Quorum.IsMetBy([.. opened.Cosignatures.Select(c => c.Key)]);
            return opened;
        }

        return null;
    }

    private static string Write(VerifierKey log, IReadOnlyList<VerifierKey> witnesses, int quorum)
    {
        var text = new StringBuilder($"log {log}\n");
        for (var i = 0; i < witnesses.Count; i++) text.Append(CultureInfo.InvariantCulture, $"witness w{i + 1} {witnesses[i]}\n");
        if (quorum == 0) return text.Append("quorum none\n").ToString();
        text.Append(CultureInfo.InvariantCulture, $"group auditors {quorum}");
        for (var i = 0; i < witnesses.Count; i++) text.Append(CultureInfo.InvariantCulture, $" w{i + 1}");
        return text.Append("\nquorum auditors\n").ToString();
    }
}
