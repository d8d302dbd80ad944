namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>Every gap of every session, under its reason in plain words.</summary>
internal static class GapSection
{
    public static Html Of(IReadOnlyList<ReportSession> sessions)
    {
        var reasons = sessions.SelectMany((session, index) => session.Gaps.Select(gap => (Session: index, session.Participant, Gap: gap))).GroupBy(gap => gap.Gap.Reason)
            .OrderByDescending(reason => reason.Count()).ThenBy(reason => reason.Key, StringComparer.Ordinal).ToList();
        return reasons.Count == 0
            ? Html.FromTrusted("<p>There were none in this run.</p>")
            : Html.Of($"""<ul class="reasons">{reasons.Select(reason => Html.Of($"""
                <li class="reason {PageWords.GapClass(reason.Key)}">
                  <h3>{PageWords.Gap(reason.Key).Name}</h3>
                  <p>{PageWords.Gap(reason.Key).Sentence}</p>
                  <p class="quiet">{PageWords.Count(reason.Count(), "gap")}, {PageWords.Seconds(reason.Sum(gap => gap.Gap.EndMs - gap.Gap.StartMs))} in all</p>
                  <ul class="times">{reason.Select(gap => Html.Of($"<li>{gap.Participant} {SessionSection.Jump(gap.Session, gap.Gap.StartMs)} for {PageWords.Seconds(gap.Gap.EndMs - gap.Gap.StartMs)}</li>"))}</ul>
                </li>
                """))}</ul>""");
    }
}
