using System.Net;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Tests;

/// <summary>Outer keys leave the auditor for exactly what an audited entry authorises, once, to one job.</summary>
public sealed class ReleaseTests
{
    [Fact]
    public async Task Exactly_what_the_entry_authorises_is_sealed_to_the_job_and_only_once()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        using var job = TagIdentity.Generate();
        auditor.Ledger.AppendGranted();
        var outer = await auditor.OuterRecipientAsync();
        ReleasedObjectRequest[] objects = [auditor.Ledger.Object(outer), auditor.Ledger.Object(outer)];
        var (index, _) = auditor.Ledger.AppendRelease(objects, job.Recipient.Text);
        (await auditor.ReleaseAsync(index, objects, job.Recipient.Text)).Answer.GetProperty("error").GetString().ShouldBe("not-audited");
        await auditor.AuditAsync();
        (await auditor.ReleaseAsync(index - 1, objects, job.Recipient.Text)).Answer.GetProperty("error").GetString().ShouldBe("not-audited");
        (await auditor.ReleaseAsync(index, objects, job.Recipient.Text, by: auditor.Ledger.Researcher)).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var (status, answer) = await auditor.ReleaseAsync(index, [objects[1], objects[0]], job.Recipient.Text);
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        using var bundle = AgeReader.Open(new MemoryStream(answer.GetProperty("sealed").GetBytesFromBase64()), job);
        using var keys = JsonDocument.Parse(bundle);
        keys.RootElement.GetProperty("layer").GetString().ShouldBe("outer");
        keys.RootElement.GetProperty("keys").GetArrayLength().ShouldBe(2);

        // A lost answer is repeated, byte for byte: nothing is sealed a second time.
        (await auditor.ReleaseAsync(index, objects, job.Recipient.Text)).Answer.GetProperty("sealed").GetString().ShouldBe(answer.GetProperty("sealed").GetString());
        await auditor.RestartAsync();
        (await auditor.ReleaseAsync(index, objects, job.Recipient.Text)).Answer.GetProperty("error").GetString().ShouldBe("nonce-used");
    }

    [Fact]
    public async Task Anything_else_than_what_the_entry_says_is_refused_with_its_reason()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        using var job = TagIdentity.Generate();
        using var other = TagIdentity.Generate();
        using var stranger = Identity.SigningKey.Generate();
        var ledger = auditor.Ledger;
        ledger.AppendGranted();
        var outer = await auditor.OuterRecipientAsync();
        ReleasedObjectRequest[] objects = [ledger.Object(outer), ledger.Object(outer)];
        var (index, _) = ledger.AppendRelease(objects, job.Recipient.Text);
        var foreign = ledger.Object(outer, tag: new string('c', 32));
        var (late, _) = ledger.AppendRelease(objects, job.Recipient.Text, ago: TimeSpan.FromMinutes(2));
        var (alien, _) = ledger.AppendRelease([ledger.Object(other.Recipient)], job.Recipient.Text);
        await auditor.AuditAsync();

        await RefusedAsync("wrong-recipient", index, objects, other.Recipient.Text);
        await RefusedAsync("wrong-objects", index, objects[..1]);
        await RefusedAsync("wrong-objects", index, [objects[0], ledger.Object(outer)]);
        await RefusedAsync("bad-object", index, [objects[0], objects[0]]);
        await RefusedAsync("bad-object", index, [objects[0], ledger.Object(outer, device: stranger)]);
        await RefusedAsync("bad-object", index, [objects[0], objects[1] with { Signature = new byte[64] }]);
        await RefusedAsync("bad-object", index, [objects[0], objects[1] with { Certificate = null }]);
        await RefusedAsync("bad-object", index, [objects[0], objects[1] with { Classes = ["frames"] }]);
        await RefusedAsync("bad-object", index, [foreign]);
        await RefusedAsync("wrong-class", index, [ledger.Object(outer, className: "frames")]);
        await RefusedAsync("expired", late, objects);
        await RefusedAsync("wrong-objects", alien, objects);
        (await auditor.ReleaseAsync(index, objects, job.Recipient.Text)).Status.ShouldBe(HttpStatusCode.OK);

        async Task RefusedAsync(string error, long at, IReadOnlyList<ReleasedObjectRequest> given, string? recipient = null)
        {
            var (status, answer) = await auditor.ReleaseAsync(at, given, recipient ?? job.Recipient.Text);
            (status, answer.GetProperty("error").GetString()).ShouldBe((HttpStatusCode.Forbidden, error), answer.ToString());
        }
    }

    [Fact]
    public async Task Something_sealed_to_another_auditor_is_not_opened()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        using var job = TagIdentity.Generate();
        using var other = TagIdentity.Generate();
        auditor.Ledger.AppendGranted();
        ReleasedObjectRequest[] objects = [auditor.Ledger.Object(other.Recipient)];
        HeaderBytes.TryDecode(objects[0].Header, out _, out _).ShouldBeTrue();
        var (index, _) = auditor.Ledger.AppendRelease(objects, job.Recipient.Text);
        await auditor.AuditAsync();
        (await auditor.ReleaseAsync(index, objects, job.Recipient.Text)).Answer.GetProperty("error").GetString().ShouldBe("bad-object");
    }

    [Fact]
    public async Task A_release_is_about_the_persons_whose_objects_are_given_no_more_and_no_fewer()
    {
        using var auditor = await AuditorUnderTest.StartAsync();
        using var job = TagIdentity.Generate();
        var ledger = auditor.Ledger;
        ledger.Others = [new string('b', 32)];
        ledger.AppendGranted();
        ReleasedObjectRequest[] objects = [ledger.Object(await auditor.OuterRecipientAsync())];
        var (wide, _) = ledger.AppendRelease(objects, job.Recipient.Text, about: [ledger.Tag, .. ledger.Others]);
        var (other, _) = ledger.AppendRelease(objects, job.Recipient.Text, about: ledger.Others);
        var (exact, _) = ledger.AppendRelease(objects, job.Recipient.Text);
        await auditor.AuditAsync();
        foreach (var wrong in (long[])[wide, other])
            (await auditor.ReleaseAsync(wrong, objects, job.Recipient.Text)).Answer.GetProperty("error").GetString().ShouldBe("wrong-persons");
        (await auditor.ReleaseAsync(exact, objects, job.Recipient.Text)).Status.ShouldBe(HttpStatusCode.OK);
    }
}
