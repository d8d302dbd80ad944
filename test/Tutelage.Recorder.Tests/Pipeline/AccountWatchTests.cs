using Tutelage.Recorder.Pipeline;
using Tutelage.Recorder.Tests.Support;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Tests.Pipeline;

public sealed class AccountWatchTests
{
    private static readonly AccountEvidence Work = AccountEvidence.Parse("button", "Signed in as *@acme.example")!;
    private static readonly DesktopContext Mail = Captures.Context("chromium", 7, "https://mail.example/");

    private readonly AccountWatch _watch = new();

    [Fact]
    public void Work_before_anything_was_seen_of_the_window_is_nobodys() => _watch.Judge(Interval(), Work).ShouldBe(AccountSight.Missing);

    [Fact]
    public void The_look_before_an_interval_counts_for_it()
    {
        _watch.Judge(Interval(Look("ada@acme.example")), Work).ShouldBe(AccountSight.Seen);
        _watch.Judge(Interval(), Work).ShouldBe(AccountSight.Seen);
    }

    [Fact]
    public void A_look_at_another_window_or_page_does_not()
    {
        _watch.Judge(Interval(Look("ada@acme.example")), Work);
        _watch.Judge(new(Mail with { Document = "https://mail.example/other" }, Captures.At(0)), Work).ShouldBe(AccountSight.Missing);
        _watch.Judge(new(Mail with { Window = 8 }, Captures.At(0)), Work).ShouldBe(AccountSight.Missing);
    }

    [Fact]
    public void Whoever_switches_accounts_within_an_interval_is_not_recorded_in_it()
    {
        _watch.Judge(Interval(Look("ada@acme.example"), Look("ada@home.example")), Work).ShouldBe(AccountSight.Contradicted);
        _watch.Judge(Interval(Look("ada@acme.example")), Work).ShouldBe(AccountSight.Contradicted, "it began under the other account");
        _watch.Judge(Interval(Look("ada@acme.example")), Work).ShouldBe(AccountSight.Seen);
    }

    [Fact]
    public void A_look_without_the_element_is_missing_evidence_for_the_whole_interval() =>
        _watch.Judge(Interval(Look("ada@acme.example"), Captures.Tree(2, Mail, -1)), Work).ShouldBe(AccountSight.Missing);

    [Fact]
    public void The_look_after_an_interval_counts_too()
    {
        var interval = Interval(Look("ada@acme.example"));
        interval.TreeAfter = Look("ada@home.example");
        _watch.Judge(interval, Work).ShouldBe(AccountSight.Contradicted);
    }

    private static WaitingInterval Interval(params CapturedEvent[] events)
    {
        var interval = new WaitingInterval(Mail, Captures.At(0));
        foreach (var captured in events) interval.Add(captured);
        return interval;
    }

    private static CapturedElements Look(string account) =>
        Captures.Tree(1, Mail, -1, new CapturedElement(1, -1, "button", "Signed in as " + account, null, null, default, new ScreenRect(0, 0, 9, 9)));
}
