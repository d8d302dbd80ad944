using System.Net;
using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Rules.Access;

namespace Tutelage.Vault.Tests;

/// <summary>Rules change in a running programme: real vault, auditor and server, and a grant that lives or ends by them.</summary>
public sealed class RuleChangeTests
{
    /// <summary>Rules that let these researchers train and evaluate from segments.</summary>
    internal static RuleSet Rules(int version, params Somebody[] researchers)
    {
        var people = researchers.Select((somebody, index) => $"  - {{name: Reader {"ABC"[index]}, key: '{somebody.Key.Public.Id}', role: researcher}}\n");
        var sentence = $"  - {{allow: [{string.Join(", ", researchers.Select((_, index) => $"Reader {"ABC"[index]}"))}], to: [train, evaluate], from: [input, frames], up-to: sensitive, while: running}}\n";
        var reading = RuleText.Read($"tutelage-rules: 1\nprogramme: Invented work\nversion: {version}\n{(researchers.Length == 0 ? "" : $"people:\n{string.Concat(people)}rules:\n{sentence}")}");
        return reading.Rules ?? throw new InvalidOperationException(string.Join(' ', reading.Faults));
    }

    [Fact]
    public async Task Narrowing_stops_an_approved_grant_and_widening_takes_two_others_and_is_told_to_everybody()
    {
        await using var programme = await Programme.StartAsync();
        var (ada, rita) = (await programme.EnrolAsync(Role.Participant), await programme.EnrolAsync(Role.Researcher));
        var (anna, ben, cara) = (await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward), await programme.EnrolAsync(Role.Steward));
        await programme.UploadSegmentAsync(ada, "ada works");
        var grant = await programme.RequestBuildAsync(rita, ada);
        foreach (var steward in (Somebody[])[anna, ben]) await programme.ApproveAsync(steward, grant);
        var (vaults, auditors, told) = await programme.RulesAsync(ada);
        (vaults == auditors, told.GetProperty("in_force").GetProperty("default").GetBoolean()).ShouldBe((true, true));

        // Nobody is let in by rules that name nobody: one other steward puts them in force, and the grant that was approved before opens nothing any more.
        (await programme.ProposeRulesAsync(rita, Rules(1))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await programme.ProposeRulesAsync(anna, Rules(1), signer: ben)).Status.ShouldBe(HttpStatusCode.BadRequest, "nobody is made the author of what another signed");
        var narrow = await ProposeAsync(programme, anna, Rules(1));
        narrow.Widening.ShouldBeFalse();
        (await programme.ApproveRulesAsync(anna, narrow.Change, narrow.Effect)).Answer.GetProperty("error").GetString().ShouldBe("wrong-approver");
        (await programme.ApproveRulesAsync(rita, narrow.Change, narrow.Effect)).Answer.GetProperty("error").GetString().ShouldBe("wrong-approver");
        (await programme.ApproveRulesAsync(ben, narrow.Change, new('0', 64))).Status.ShouldBe(HttpStatusCode.Conflict, "another effect than this one");
        (await programme.ApproveRulesAsync(ben, narrow.Change, narrow.Effect)).Answer.GetProperty("state").GetString().ShouldBe("in-force");
        var (status, answer) = await programme.RunAsync(rita, grant);
        (status, answer.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.Forbidden, "rules"));
        answer.GetProperty("message").GetString()!.ShouldContain("the rules name nobody with key");
        (await programme.CallAsync(rita.Key, HttpMethod.Post, "v1/grants", Build(ada))).Status.ShouldBe(HttpStatusCode.Forbidden);

        // Letting her in again takes two who did not ask, and not one twice. An earlier version does not come back.
        (await programme.ProposeRulesAsync(anna, Rules(1, rita))).Answer.GetProperty("message").GetString()!.ShouldContain("not later than version 1");
        var wide = await ProposeAsync(programme, anna, Rules(2, rita));
        var overtaken = await ProposeAsync(programme, ben, Rules(2));
        wide.Widening.ShouldBeTrue();
        for (var again = 0; again < 2; again++) (await programme.ApproveRulesAsync(ben, wide.Change, wide.Effect)).Answer.GetProperty("state").GetString().ShouldBe("proposed");
        (await programme.RunAsync(rita, grant)).Status.ShouldBe(HttpStatusCode.Forbidden);
        await programme.RestartVaultAsync();
        (await programme.ApproveRulesAsync(cara, wide.Change, wide.Effect)).Answer.GetProperty("state").GetString().ShouldBe("in-force");
        (await programme.ApproveRulesAsync(anna, overtaken.Change, overtaken.Effect)).Status.ShouldBe(HttpStatusCode.Conflict);

        // Both custodians have the same rules, after a kill of each too, and the participant is told in words, with the entry and its proof.
        await programme.RestartAuditorAsync(isRunning: true);
        (vaults, auditors, told) = await programme.RulesAsync(ada);
        (vaults, auditors).ShouldBe((Rules(2, rita).Digest, Rules(2, rita).Digest));
        var change = told.GetProperty("changes").EnumerateArray().Single(line => line.GetProperty("change").GetString() == wide.Change);
        change.GetProperty("words").EnumerateArray().Select(words => words.GetString()).ShouldContain($"Lets in Reader A ({rita.Key.Public.Id}): to train from ordinary, personal and sensitive input and frames while running.");
        var lease = (await programme.CallAsync(ada.Device, HttpMethod.Post, "v1/leases", new { })).Answer.GetProperty("rules");
        lease.GetProperty("digest").GetString().ShouldBe(Rules(2, rita).Digest);
        var entry = (await programme.CallAsync(ada.Key, HttpMethod.Get, $"v1/entries/{lease.GetProperty("entry").GetInt64()}")).Answer;
        (entry.GetProperty("kind").GetString(), entry.GetProperty("proof").GetString()!.Length > 0).ShouldBe(("rules", true));
        (await programme.RunAsync(rita, grant)).Answer.TryGetProperty("dataset", out _).ShouldBeTrue();
        await programme.CheckLedgerAsync();
    }

    private static async Task<(string Change, string Effect, bool Widening)> ProposeAsync(Programme programme, Somebody by, RuleSet rules)
    {
        var (status, line) = await programme.ProposeRulesAsync(by, rules);
        status.ShouldBe(HttpStatusCode.OK, line.ToString());
        (await programme.ProposeRulesAsync(by, rules)).Answer.GetProperty("change").GetString().ShouldBe(line.GetProperty("change").GetString(), "asked again it is the same proposal");
        return (line.GetProperty("change").GetString()!, line.GetProperty("effect_sha256").GetString()!, line.GetProperty("widening").GetBoolean());
    }

    private static object Build(Somebody person) => new { purpose = "train", classes = new[] { "input" }, tags = new[] { person.Tag }, job = "dataset-build", minutes = 30 };
}
