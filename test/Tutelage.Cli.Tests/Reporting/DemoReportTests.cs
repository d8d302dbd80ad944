using System.Text.RegularExpressions;
using Tutelage.Cli.Demo.Reporting;
using Tutelage.Cli.Demo.Reporting.Page;
using Tutelage.Recording;

namespace Tutelage.Cli.Tests.Reporting;

public sealed class DemoReportTests
{
    [Fact]
    public void Values_are_escaped_and_markup_is_not()
    {
        const string Value = "<b>&\"'";
        Html.Of($"<i title=\"{Value}\">{Html.Of($"<u>{Value}</u>")}</i>").ToString()
            .ShouldBe("<i title=\"&lt;b&gt;&amp;&quot;&#39;\"><u>&lt;b&gt;&amp;&quot;&#39;</u></i>");
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("</script>")]
    [InlineData("\"onmouseover=\"x")]
    [InlineData("'><svg onload=x>")]
    [InlineData("{{content}}")]
    [InlineData("<!--<script>")]
    [InlineData("\u2028\u2029]]>")]
    public void Words_from_data_change_no_markup(string words)
    {
        var sample = SampleReport.Create();
        Tags(DemoReport.Render(HostileReport.Of(sample, words))).ShouldBe(Tags(DemoReport.Render(HostileReport.Of(sample, "plain"))));
    }

    [Fact]
    public void Every_reason_has_a_name_a_sentence_and_a_colour_of_its_own()
    {
        var style = DemoReport.Render(SampleReport.Create());
        foreach (var reason in Enum.GetValues<GapReason>())
        {
            PageWords.Gap(reason).Sentence.Length.ShouldBeGreaterThan(20, $"{reason}");
            style.ShouldContain($".gap-{reason} {{ --gap: #");
        }
        Enum.GetValues<GapReason>().Select(reason => PageWords.Gap(reason).Name).ShouldBeUnique();
    }

    [Theory]
    [InlineData("[Shift_L]Ab[at]c[period]d[space]e", "Ab@c.d e")]
    [InlineData("[Control_L][s]", "<kbd>Ctrl</kbd><kbd>s</kbd>")]
    [InlineData("o[BackSpace]k[Return]", "o<kbd title=\"Backspace\">⌫</kbd>k<kbd title=\"Enter\">⏎</kbd>")]
    [InlineData("a<[less]b", "a&lt;&lt;b")]
    public void Keys_read_as_a_person_would_write_them(string typed, string shown)
    {
        var sample = SampleReport.Create();
        DemoReport.Render(sample with { Sessions = [sample.Sessions[0] with { Keys = [new(0, typed, null, false)] }] }).ShouldContain($"<td class=\"keys\">{shown}</td>");
    }

    [Fact]
    public void A_picture_shown_at_many_moments_is_in_the_file_once()
    {
        byte[] picture = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var sample = SampleReport.Create();
        var still = sample with { Sessions = sample.Sessions.Select(session => session with { Frames = session.Frames.Select(frame => frame with { RawPng = picture, KeptPng = picture }).ToList() }).ToList() };
        Regex.Count(DemoReport.Render(still), Regex.Escape(Convert.ToBase64String(picture))).ShouldBe(1);
    }

    [Fact]
    public void A_broken_promise_is_said_in_words()
    {
        var sample = SampleReport.Create();
        var leaked = sample with { Summary = sample.Summary with { Redaction = sample.Summary.Redaction with { FoundAfterwards = 1 }, Recorded = sample.Summary.Recorded with { Lost = 2 } } };
        DemoReport.Render(leaked).ShouldContain("2 of 5 promises were not kept: planted secrets found afterwards; events lost.");
    }

    [Fact]
    public void A_run_of_which_nothing_came_still_makes_a_page()
    {
        var sample = SampleReport.Create();
        var empty = sample with
        {
            Sessions = [new ReportSession("nobody", "none", 0, [], [], [], [])], Plants = [],
            Summary = sample.Summary with { Seconds = new Dictionary<string, double>(), ActionsExpected = 0, ActionsMatched = 0 },
            Ledger = new("none", 0, 0, "", "", [], []),
        };
        DemoReport.Render(empty).ShouldContain("Nothing was planted in this run.");
    }

    /// <summary>Everything between angle brackets outside the elements whose text the browser does not read as markup.</summary>
    private static List<string> Tags(string page) =>
        Regex.Matches(Regex.Replace(page, @"(?<=<(script|style)[^>]*>).*?(?=</(script|style)>)", "", RegexOptions.Singleline), "<[^>]*>").Select(tag => Regex.Replace(tag.Value, "\"[^\"]*\"", "\"\"")).ToList();
}
