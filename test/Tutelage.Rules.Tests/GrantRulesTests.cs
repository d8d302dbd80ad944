using Tutelage.Rules.Grants;

namespace Tutelage.Rules.Tests;

public sealed class GrantRulesTests
{
    private static readonly string Tag = new('a', 32);
    private static readonly Person Researcher = new(Ruled.ResearcherKey, Role.Researcher, null);
    private static readonly Person First = new("s1", Role.Steward, null);
    private static readonly Person Second = new("s2", Role.Steward, null);

    private static readonly GrantRequest Build = new(Purpose.Train, [DataClass.Input, DataClass.Frames], [Tag], JobKind.DatasetBuild, null, null, null, 60);

    [Fact]
    public void Two_stewards_let_a_researcher_build() =>
        Ruled.DecideRelease(Build, Researcher, [new(First), new(Second)]).Reasons.ShouldBeEmpty();

    [Fact]
    public void One_steward_is_not_two_however_often_he_signs() =>
        Ruled.DecideRelease(Build, Researcher, [new(First), new(First)]).Reasons.ShouldHaveSingleItem().ShouldStartWith("1 of 2");

    [Fact]
    public void The_requester_does_not_approve() =>
        Ruled.DecideRelease(Build with { Purpose = Purpose.Train }, Researcher, [new(First), new(Researcher with { Role = Role.Steward })]).Allowed.ShouldBeFalse();

    [Theory]
    [InlineData("*")]
    [InlineData("everyone")]
    [InlineData("")]
    public void Everyone_cannot_be_spelt(string tag) => Ruled.DecideRequest(Build with { Tags = [tag] }, Researcher).Allowed.ShouldBeFalse();

    [Fact]
    public void Own_view_is_for_oneself()
    {
        var own = Build with { Purpose = Purpose.OwnView };
        Ruled.DecideRequest(own, new("p", Role.Participant, Tag)).Allowed.ShouldBeTrue();
        Ruled.DecideRequest(own, new("p", Role.Participant, new('b', 32))).Allowed.ShouldBeFalse();
        Ruled.DecideRequest(own, First).Allowed.ShouldBeFalse();
    }

    [Fact]
    public void No_steward_trains() => Ruled.DecideRequest(Build, First).Allowed.ShouldBeFalse();

    [Fact]
    public void An_export_names_its_holder()
    {
        var export = new GrantRequest(Purpose.Train, [DataClass.Derived], [Tag], JobKind.DatasetExport, "d1", "Lab 3", "age1tag1xyz", 60) { Format = ExportFormat.Agentnet };
        Ruled.DecideRequest(export, Researcher).Reasons.ShouldBeEmpty();
        Ruled.DecideRequest(export with { Format = null }, Researcher).Allowed.ShouldBeFalse();
        Ruled.DecideRequest(export with { Holder = null }, Researcher).Allowed.ShouldBeFalse();
        Ruled.DecideRequest(export with { Classes = [DataClass.Derived, DataClass.Frames] }, Researcher).Allowed.ShouldBeFalse();
    }

    [Fact]
    public void Any_change_of_the_request_changes_what_is_approved()
    {
        var digest = Build.EffectDigest("g", "r");
        GrantRequest[] others =
        [
            Build with { Minutes = 61 }, Build with { Classes = [DataClass.Input] }, Build with { Tags = [new('c', 32)] }, Build with { Purpose = Purpose.Evaluate },
            Build with { Job = JobKind.DatasetExport }, Build with { Holder = "x" }, Build with { HolderRecipient = "x" }, Build with { DataSet = "x" }, Build with { Format = ExportFormat.Webdataset },
        ];
        others.ShouldAllBe(other => !other.EffectDigest("g", "r").SequenceEqual(digest));
        Build.EffectDigest("g2", "r").ShouldNotBe(digest);
        Build.EffectDigest("g", "r2").ShouldNotBe(digest);
    }
}
