using Tutelage.Rules.Capture;

namespace Tutelage.Rules.Tests;

public sealed class AccountTests
{
    private static readonly AccountEvidence Work = AccountEvidence.Parse("button", "Signed in as *@acme.example")!;

    [Fact]
    public void The_work_account_in_sight_is_seen() =>
        Work.Judge([("heading", "Inbox"), ("button", "Signed in as ada@acme.example")]).ShouldBe(AccountSight.Seen);

    [Fact]
    public void No_account_in_sight_is_missing_evidence() =>
        Work.Judge([("heading", "Inbox"), ("button", "Send"), ("button", null)]).ShouldBe(AccountSight.Missing);

    [Theory]
    [InlineData("Signed in as ada@home.example")]
    [InlineData("Signed in as ada@acme.example.evil.example")]
    [InlineData("Signed in as @acme.example")]
    [InlineData("Signed in as ada@home.example, not ada@acme.example")]
    [InlineData("Signed in as nobody")]
    public void Another_account_contradicts(string name) => Work.Judge([("button", name)]).ShouldBe(AccountSight.Contradicted);

    [Fact]
    public void Two_accounts_contradict_each_other() =>
        Work.Judge([("button", "Signed in as ada@acme.example"), ("button", "Signed in as grace@acme.example")]).ShouldBe(AccountSight.Contradicted);

    [Fact]
    public void What_a_page_writes_elsewhere_is_no_evidence() =>
        Work.Judge([("text", "Signed in as ada@acme.example"), ("link", "Signed in as ada@acme.example")]).ShouldBe(AccountSight.Missing);

    [Theory]
    [InlineData("*@acme.example")]
    [InlineData("a*")]
    [InlineData("As *@*.example")]
    [InlineData("ab")]
    public void A_pattern_that_could_be_any_element_is_none(string pattern) => AccountEvidence.Parse("button", pattern).ShouldBeNull();

    [Fact]
    public void The_gate_closes_without_evidence_and_when_there_is_enough()
    {
        var open = Gate.Decide(ManifestTests.Read(Bounded), "chromium", "https://mail.example/office/", false);
        open.Verdict.ShouldBe(GateVerdict.Capture);
        open.Knowing(AccountSight.Seen, quotaMet: false).ShouldBe(open);
        open.Knowing(AccountSight.Missing, quotaMet: false).Reason.ShouldBe(GateReason.AccountUnknown);
        open.Knowing(AccountSight.Contradicted, quotaMet: false).Verdict.ShouldBe(GateVerdict.Nothing);
        open.Knowing(AccountSight.Seen, quotaMet: true).Reason.ShouldBe(GateReason.QuotaMet);
    }

    [Fact]
    public void What_is_closed_stays_closed_whatever_is_known()
    {
        var closed = Gate.Decide(ManifestTests.Read(Bounded), "chromium", "https://mail.example/private/", false);
        closed.Knowing(AccountSight.Seen, quotaMet: false).ShouldBe(closed);
        closed.Knowing(AccountSight.Missing, quotaMet: true).Reason.ShouldBe(GateReason.NotAllowed);
    }

    [Fact]
    public void Account_skill_and_quota_are_part_of_what_is_signed()
    {
        var manifest = ManifestTests.Read(Bounded);
        ManifestBytes.Decode(ManifestBytes.Encode(manifest)).Manifest!.Digest.ShouldBe(manifest.Digest);
        foreach (var (right, wrong) in new[] { ("@acme.example", "@home.example"), ("minutes: 30", "minutes: 31"), ("role: button", "role: link") })
            ManifestTests.Read(Bounded.Replace(right, wrong, StringComparison.Ordinal)).Digest.ShouldNotBe(manifest.Digest);
        ManifestWords.Of(manifest).ShouldContain(line => line.Contains("Signed in as *@acme.example", StringComparison.Ordinal));
        ManifestWords.Of(manifest).ShouldContain(line => line.Contains("30 minutes of \"answering-mail\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: Signed in as *@acme.example", "name: \"*\"", "at least 3 characters")]
    [InlineData("minutes: 30", "minutes: 0", "from 1 to 100000")]
    [InlineData("    skill: answering-mail\n", "", "no entry of 'capture' has the skill")]
    [InlineData("skill: answering-mail, minutes", "skill: Answering mail, minutes", "small letters")]
    [InlineData("  - {skill: answering-mail, minutes: 30}", "  - {skill: answering-mail, minutes: 30}\n  - {skill: answering-mail, minutes: 60}", "has 2 quotas")]
    [InlineData("account: {role: button, name: Signed in as *@acme.example}", "account: everyone", "must be a mapping")]
    public void A_fault_in_them_is_named(string right, string wrong, string expected)
    {
        var text = Bounded.Replace(right, wrong, StringComparison.Ordinal);
        text.ShouldNotBe(Bounded);
        ManifestText.Read(text).Faults.ShouldContain(fault => fault.What.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void One_place_has_one_rule() =>
        ManifestText.Read(Bounded + "\n  - {app: chromium, site: https://mail.example/office, classes: [input]}\n").Faults.ShouldContain(fault => fault.What.Contains("stands 2 times", StringComparison.Ordinal));

    private const string Bounded = """
        tutelage-manifest: 1
        programme: Mail pilot
        version: 1
        quotas:
          - {skill: answering-mail, minutes: 30}
        capture:
          - app: chromium
            site: https://mail.example/office/
            account: {role: button, name: Signed in as *@acme.example}
            skill: answering-mail
            classes: [input, elements]
        """;
}
