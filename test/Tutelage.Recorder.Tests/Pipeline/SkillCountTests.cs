using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Tests.Pipeline;

public sealed class SkillCountTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutelage-skills-");
    private readonly CaptureManifest _manifest = ManifestText.Read(EnrolledPerson.EditorOnly.Replace("capture:", "quotas:\n  - {skill: writing, minutes: 2}\ncapture:", StringComparison.Ordinal)
        .Replace("title-suffix", "skill: writing\n    title-suffix", StringComparison.Ordinal)).Manifest!;

    private ManifestRule Rule => _manifest.Rules[0];

    [Fact]
    public void A_quota_is_met_when_its_minutes_are_recorded_and_stays_met()
    {
        var count = SkillCount.Open(_folder.FullName, _manifest);
        count.Add(Rule, new(0), new(60_000));
        count.IsMet(Rule).ShouldBeFalse();
        count.Save();
        var later = SkillCount.Open(_folder.FullName, _manifest);
        later.Add(Rule, new(0), new(60_000));
        later.IsMet(Rule).ShouldBeTrue();
        later.Save();
        SkillCount.Open(_folder.FullName, _manifest).IsMet(Rule).ShouldBeTrue();
        later.Met.ShouldBe([("writing", 2, 2)]);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"writing\":-1}")]
    [InlineData("[]")]
    public void A_count_that_cannot_be_read_closes_what_has_a_quota(string altered)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "skills.json"), altered);
        var count = SkillCount.Open(_folder.FullName, _manifest);
        count.IsMet(Rule).ShouldBeTrue();
        count.IsMet(Rule with { Skill = null }).ShouldBeFalse();
    }

    [Fact]
    public void The_count_is_its_owners_alone()
    {
        var count = SkillCount.Open(_folder.FullName, _manifest);
        count.Add(Rule, new(0), new(1));
        count.Save();
        File.GetUnixFileMode(Path.Combine(_folder.FullName, "skills.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
