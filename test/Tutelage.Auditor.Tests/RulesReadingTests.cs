using System.Net;
using System.Text;
using Tutelage.Identity;
using Tutelage.Rules.Access;
using Tutelage.Rules.Change;

namespace Tutelage.Auditor.Tests;

/// <summary>A vault that puts rules in force which were not approved: the auditor reads no further.</summary>
public sealed class RulesReadingTests
{
    private const string Change = "0123456789abcdef";

    [Fact]
    public async Task Rules_that_enough_have_signed_take_effect_and_decide_what_comes_after()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        var ledger = auditor.Ledger;
        ledger.AppendGranted(approvals: 1);
        var nobody = Rules("");
        Propose(ledger, ledger.Stewards[0], nobody);
        InForce(ledger, nobody, null, ledger.Stewards[1]);
        await auditor.AuditAsync();
        await auditor.RestartAsync();
        (await auditor.StatusAsync()).GetProperty("rules").GetProperty("digest").GetString().ShouldBe(nobody.Digest);

        // The second approval of a request that the rules do not allow any more.
        ledger.AppendApproval(ledger.Stewards[1]);
        var (status, answer) = await auditor.HandOverAsync(ledger.Entries.Count - 1);
        (status, answer.GetProperty("message").GetString()!.Contains("the rules name nobody", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.UnprocessableEntity, true), answer.ToString());
    }

    public static TheoryData<string> Lies => ["one approval", "the requester's own", "one steward twice", "a researcher's", "another effect", "another digest", "not widening", "not canonical", "a requester who signed nothing", "an older version"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Rules_that_were_not_approved_like_this_are_refused(string lie)
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        var ledger = auditor.Ledger;
        ledger.AppendGranted();
        var (asker, one, other) = (SigningKey.Generate(), ledger.Stewards[0], ledger.Stewards[1]);
        ledger.Append("enrolled", [], new { role = "steward", key = asker.Public.Text });
        var rules = Rules(ledger.Researcher.Public.Id);
        if (lie == "an older version")
        {
            Propose(ledger, asker, rules);
            InForce(ledger, rules, null, one, other);
            await auditor.AuditAsync();
            Propose(ledger, asker, rules, change: "fedcba9876543210");
        }
        else
        {
            await auditor.AuditAsync();
            Propose(ledger, lie == "the requester's own" ? other : asker, rules, text: lie == "not canonical" ? Encoding.UTF8.GetString(RuleBytes.Encode(rules)) + " " : null, signer: lie == "a requester who signed nothing" ? one : null);
            var signers = lie switch { "one approval" => [one], "one steward twice" => [one, one], "a researcher's" => [one, ledger.Researcher], _ => new[] { one, other } };
            InForce(
                ledger, rules, lie switch
                {
                    "another effect" => body => body["effect_sha256"] = new string('a', 64),
                    "another digest" => body => body["digest"] = new string('a', 64),
                    "not widening" => body => body["widening"] = false,
                    _ => null,
                }, signers);
        }

        var next = (await auditor.StatusAsync()).GetProperty("read").GetInt64();
        var (status, answer) = await auditor.HandOverAsync((int)next);
        status.ShouldBe(HttpStatusCode.UnprocessableEntity, lie);
        answer.GetProperty("next").GetInt64().ShouldBeLessThan(ledger.Entries.Count, lie);
        (await auditor.StatusAsync()).GetProperty("rules").GetProperty("entry").GetInt64().ShouldBeLessThanOrEqualTo(next, lie);
        asker.Dispose();
    }

    private static RuleSet Rules(string researcher)
    {
        var reading = RuleText.Read($"tutelage-rules: 1\nprogramme: Invented work\nversion: 1\n" + (researcher.Length == 0 ? "" : $$"""
            people:
              - {name: Reader, key: '{{researcher}}', role: researcher}
            rules:
              - {allow: Reader, to: train, from: input, up-to: sensitive, while: running}

            """));
        return reading.Rules ?? throw new InvalidOperationException(string.Join(' ', reading.Faults));
    }

    private static void Propose(WrittenLedger ledger, SigningKey requester, RuleSet rules, string? text = null, SigningKey? signer = null, string change = Change) => ledger.Append("rules-proposed", [], new
    {
        change, requester = requester.Public.Id, statement = SignedStatement.Sign(signer ?? requester, "rules-proposal", new { rules_sha256 = rules.Digest }).ToJson(), rules = text ?? Encoding.UTF8.GetString(RuleBytes.Encode(rules)),
    });

    private static void InForce(WrittenLedger ledger, RuleSet rules, Action<System.Text.Json.Nodes.JsonObject>? alter, params SigningKey[] signers)
    {
        var diff = RuleDiff.Between(null, rules);
        var effect = RuleChange.EffectDigest(diff);
        ledger.Append("rules", [], new
        {
            change = Change, version = rules.Version, digest = rules.Digest, effect_sha256 = effect, widening = diff.IsWidening,
            statements = signers.Select(signer => SignedStatement.Sign(signer, "rules-approval", new { change = Change, effect_sha256 = effect }).ToJson()),
        }, alter);
    }
}
