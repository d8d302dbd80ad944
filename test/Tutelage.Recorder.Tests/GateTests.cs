using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Events;

namespace Tutelage.Recorder.Tests;

/// <summary>Real recorders on a real desktop under manifests that ask for evidence of an account, or have had enough.</summary>
public sealed class GateTests(EditorDesktop desk) : IClassFixture<EditorDesktop>
{
    [Theory]
    [InlineData("account: {role: menu, name: Help}", null)]
    [InlineData("account: {role: menu, name: Signed in as *@acme.example}", GapReason.AccountUnknown)]
    [InlineData("account: {role: menu, name: Hel*!}", GapReason.AccountUnknown)]
    [InlineData("skill: writing", GapReason.QuotaMet)]
    public async Task Work_is_kept_only_under_the_account_that_the_manifest_names_and_until_its_quota_is_met(string rule, GapReason? expected)
    {
        if (desk.Desktop is not { } desktop) return;
        var quotas = expected == GapReason.QuotaMet ? "quotas:\n  - {skill: writing, minutes: 1}\n" : "";
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly.Replace("capture:", quotas + "capture:", StringComparison.Ordinal).Replace("title-suffix", rule + "\n    title-suffix", StringComparison.Ordinal));
        if (quotas.Length > 0) File.WriteAllText(Path.Combine(person.Folder, "skills.json"), "{\"writing\":60000}");
        await using var recorder = await RecorderProcess.StartRecordingAsync(person, desktop);
        using var hand = new NumberedMoves(desktop.Adapter.OpenActor());
        await hand.MoveForAsync(TimeSpan.FromSeconds(2), everyMs: 20);
        await recorder.StopAsync();

        var kept = person.Held().SelectMany(segment => segment.Input).OfType<PointerMoved>().Count();
        var gaps = person.Held().SelectMany(segment => segment.Gaps).Select(gap => gap.Reason).ToHashSet();
        if (expected is not { } reason)
        {
            kept.ShouldBeGreaterThan(0);
            gaps.ShouldNotContain(GapReason.AccountUnknown);
            return;
        }
        kept.ShouldBe(0);
        gaps.ShouldContain(reason);
        person.Held().SelectMany(segment => segment.Elements).ShouldBeEmpty();
        person.Held().SelectMany(segment => segment.Frames).ShouldBeEmpty();
    }
}
