using System.Text;
using System.Text.Json;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;

namespace Tutelage.Cli.Programme;

/// <summary>What the vault says of the rules: those in force, and the newest changes, newest first.</summary>
internal sealed record ToldRules(RuleSet InForce, bool IsDefault, long Entry, long Since, IReadOnlyList<ToldChange> Changes)
{
    /// <summary>What a change is compared with: nothing, while the default set holds.</summary>
    public RuleSet? Before => IsDefault ? null : InForce;

    /// <exception cref="FormatException">Not such an answer, or rules that are not canonical.</exception>
    public static ToldRules Read(JsonElement answer)
    {
        try
        {
            var now = answer.GetProperty("in_force");
            return new(RulesIn(now), now.GetProperty("default").GetBoolean(), now.GetProperty("entry").GetInt64(), now.GetProperty("since").GetInt64(), [.. answer.GetProperty("changes").EnumerateArray().Select(ToldChange.Read)]);
        }
        catch (Exception broken) when (broken is KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("the vault's answer tells of no rules", broken);
        }
    }

    internal static RuleSet RulesIn(JsonElement told) =>
        RuleBytes.Decode(Encoding.UTF8.GetBytes(told.GetProperty("rules").GetString() ?? "")).Rules ?? throw new FormatException("the vault tells of rules that are not canonical");
}

/// <param name="State"><c>proposed</c>, <c>in-force</c>, or <c>overtaken</c> by later rules.</param>
/// <param name="Words">The vault's own; <see cref="EffectOver"/> does not rely on them.</param>
/// <param name="Entry">By which it took effect; null while it has not.</param>
internal sealed record ToldChange(
    string Id, string State, string Requester, RuleSet Rules, string EffectSha256, bool Widening, int ApprovalsNeeded, IReadOnlyList<string> Approvers, IReadOnlyList<string> Words, long Proposed, long? Entry, long? Since)
{
    public static ToldChange Read(JsonElement line) => new(
        Text(line, "change"), Text(line, "state"), Text(line, "requester"), ToldRules.RulesIn(line), Text(line, "effect_sha256"), line.GetProperty("widening").GetBoolean(), line.GetProperty("approvals_needed").GetInt32(),
        Texts(line, "approvers"), Texts(line, "words"), line.GetProperty("proposed").GetInt64(),
        line.TryGetProperty("entry", out var entry) ? entry.GetInt64() : null, line.TryGetProperty("since", out var since) ? since.GetInt64() : null);

    /// <summary>The exact effect as this program computes it from both rule sets: what a steward reads and signs.</summary>
    public RuleDiff EffectOver(RuleSet? before) => RuleDiff.Between(before, Rules);

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    private static List<string> Texts(JsonElement line, string name) => [.. line.GetProperty(name).EnumerateArray().Select(text => text.GetString() ?? "")];
}
