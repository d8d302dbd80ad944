using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Rules.Access;

namespace Tutelage.Rules.Change;

/// <summary>The exact effect of a change of the rules: what approvers read, and the bytes whose digest they sign.</summary>
/// <remarks>
/// It follows from the two rule sets alone, so whoever has both computes the same bytes (`tutelage rules diff OLD NEW`). It names the digest of the rules that it replaces:
/// approvals for one change are worth nothing for another, and none can be used twice, because versions only rise. Layout: docs/formats/rules.md.
/// </remarks>
public static class RuleChange
{
    /// <summary>Stands for the rules before the first ones.</summary>
    private static readonly string NoRules = new('0', 64);

    public static byte[] Statement(RuleDiff diff)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, CanonicalJson.Options))
        {
            json.WriteStartObject();
            json.WriteNumber("tutelage-rule-change", 1);
            json.WriteString("programme", diff.After.Programme);
            json.WriteNumber("version", diff.After.Version);
            json.WriteString("old", diff.Before?.Digest ?? NoRules);
            json.WriteString("new", diff.After.Digest);
            json.WriteBoolean("widening", diff.IsWidening);
            Write(json, "lets-in", diff.LetsIn);
            Write(json, "shuts-out", diff.ShutsOut);
            json.WriteStartArray("ceilings");
            foreach (var ceiling in diff.Ceilings)
            {
                json.WriteStartObject();
                json.WriteString("class", Spelling.Of(ceiling.Class));
                json.WriteNumber("old", ceiling.Before);
                json.WriteNumber("new", ceiling.After);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>SHA-256 of <see cref="Statement"/>, hex: what an approval names.</summary>
    public static string EffectDigest(RuleDiff diff) => Convert.ToHexStringLower(SHA256.HashData(Statement(diff)));

    /// <summary>The effect in words, one line each, people and openings in full: for approvers, and for every participant when it widens.</summary>
    public static IReadOnlyList<string> Words(RuleDiff diff)
    {
        var words = new List<string> { $"Rules of \"{diff.After.Programme}\", version {diff.After.Version}{(diff.Before is { } before ? $" in place of version {before.Version}" : ", the first")}." };
        foreach (var person in diff.LetsIn) words.AddRange(Sentences(person).Select(sentence => $"Lets in {person.Name} ({person.KeyId}): {sentence}."));
        foreach (var person in diff.ShutsOut) words.AddRange(Sentences(person).Select(sentence => $"Shuts out {person.Name} ({person.KeyId}): {sentence}."));
        foreach (var ceiling in diff.Ceilings) words.Add($"{(ceiling.IsRaised ? "Raises" : "Lowers")} the ceiling of {Spelling.Of(ceiling.Class)} from {ceiling.Before} to {ceiling.After} people.");
        foreach (var description in diff.Descriptions) words.Add($"Calls {description.KeyId} \"{description.After}\" instead of \"{description.Before}\".");
        if (diff is { LetsIn.Count: 0, ShutsOut.Count: 0, Ceilings.Count: 0 }) words.Add("Nobody could open more or less than before.");
        words.Add(diff.IsWidening
            ? $"This widens access: it takes {RuleChangeRules.ApprovalsToWiden} approvals by stewards who are neither the requester nor each other, and every participant is told."
            : $"This widens nothing: it takes {RuleChangeRules.ApprovalsOtherwise} approval by a steward who is not the requester.");
        return words;
    }

    /// <summary>A person's openings, those that differ in nothing but label put together.</summary>
    private static IEnumerable<string> Sentences(PersonChange person) => person.Openings
        .GroupBy(opened => (opened.Opening.Purpose, opened.Opening.Class, States: RuleWords.List(opened.States)))
        .GroupBy(group => (group.Key.Purpose, group.Key.States, Labels: RuleWords.List(group.Select(opened => opened.Opening.Sensitivity))))
        .Select(group => $"to {Spelling.Of(group.Key.Purpose)} from {group.Key.Labels} {RuleWords.List(group.Select(kept => kept.Key.Class))} while {group.Key.States}");

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<PersonChange> people)
    {
        json.WriteStartArray(name);
        foreach (var person in people)
        {
            foreach (var opened in person.Openings)
            {
                json.WriteStartObject();
                json.WriteString("key", person.KeyId);
                json.WriteString("name", person.Name);
                json.WriteString("purpose", Spelling.Of(opened.Opening.Purpose));
                json.WriteString("class", Spelling.Of(opened.Opening.Class));
                json.WriteString("sensitivity", Spelling.Of(opened.Opening.Sensitivity));
                json.WriteStartArray("while");
                foreach (var state in opened.States) json.WriteStringValue(Spelling.Of(state));
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }
}
