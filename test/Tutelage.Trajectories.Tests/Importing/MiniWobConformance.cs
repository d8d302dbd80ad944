using Tutelage.Testing;
using Tutelage.Trajectories.Importing;
using Xunit.Abstractions;

namespace Tutelage.Trajectories.Tests.Importing;

/// <summary>The reducer against what the browser itself concluded in demonstrations of crowd workers (stanfordnlp/miniwob-plusplus-demos).</summary>
public sealed class MiniWobConformance(ITestOutputHelper output)
{
    private static readonly Lazy<MiniWobScore?> Score = new(MiniWobScore.OfAllDemonstrations);

    [Fact]
    public void Double_clicks_agree_with_the_browsers_own()
    {
        if (Score.Value is not { } score) return;
        Print(score, $"double click: {score.DoubleRight} right, {score.DoubleOnlyReducer} only ours, {score.DoubleOnlyBrowser} only the browser's, F1 {score.DoubleF1:F4}; " +
            $"not judged: {score.DoubleCut} whose first press is before the recording, {score.DoubleUnjudged} on presses that the browser makes no click of");
        foreach (var line in score.Examples.Take(40)) output.WriteLine(line);
        score.DoubleF1.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void A_click_on_a_label_is_one_action()
    {
        if (Score.Value is not { } score) return;
        Print(score, $"label clicks: {score.LabelOnce} of {score.Labels} are one action");
        score.LabelOnce.ShouldBe(score.Labels);
    }

    [Fact]
    public void Typed_text_is_what_the_field_holds()
    {
        if (Score.Value is not { } score) return;
        Print(score, $"typed text: field as keys leave it is the page's value in {score.ValueRight} of {score.Values} runs ({(double)score.ValueRight / score.Values:F4}); " +
            $"text of the run is the whole value in {score.TextRight} of {score.Texts} runs into empty fields ({(double)score.TextRight / score.Texts:F4}); without its corrections {(double)score.NaiveRight / score.Texts:F4}");
        ((double)score.ValueRight / score.Values).ShouldBeGreaterThan(0.97);
        ((double)score.TextRight / score.Texts).ShouldBeGreaterThan(0.97);
    }

    [Fact]
    public void Targets_are_the_elements_that_the_browser_recorded()
    {
        if (Score.Value is not { } score) return;
        Print(score, $"targets: {score.TargetRight} of {score.Targets} ({(double)score.TargetRight / score.Targets:F4}); not judged: {score.TargetUnjudged} outside the recorded page");
        foreach (var line in score.TargetExamples) output.WriteLine(line);
        ((double)score.TargetRight / score.Targets).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public void Picks_from_native_lists_are_selects()
    {
        if (Score.Value is not { } score) return;
        Print(score, $"native list: {score.SelectRight} of {score.Selects} picks are one select on the list (what was chosen is not in these files)");
        ((double)score.SelectRight / score.Selects).ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Nothing_is_unexplained()
    {
        if (Score.Value is not { } score) return;
        Print(score, $"{score.Events} raw events, {score.Actions} actions, {score.Unexplained} events unexplained");
        score.Unexplained.ShouldBe(0);
    }

    private void Print(MiniWobScore score, string line)
    {
        line = $"{score.Episodes} demonstrations: {line}";
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
