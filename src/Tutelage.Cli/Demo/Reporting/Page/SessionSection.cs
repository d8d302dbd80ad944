using System.Text.RegularExpressions;

namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>One participant: the desktop as it was beside what was kept of it, then keys and actions the same way.</summary>
internal static partial class SessionSection
{
    public static Html Tabs(IReadOnlyList<ReportSession> sessions) => Html.Join(sessions.Select((session, index) => Html.Of($"""
        <button type="button" role="tab" id="tab-{index}" aria-controls="session-{index}" aria-selected="{(index == 0 ? "true" : "false")}">{session.Participant}</button>
        """)));

    public static Html Panels(IReadOnlyList<ReportSession> sessions) => Html.Join(sessions.Select(Panel));

    private static Html Panel(ReportSession session, int index) => Html.Of($"""
        <section class="session" id="session-{index}" aria-labelledby="name-{index}">
          <h3 id="name-{index}">{session.Participant}</h3>
          <p class="quiet">Stored under the pseudonym <code>{session.Tag}</code>. {PageWords.Seconds(session.LengthMs)}, {PageWords.Count(session.Gaps.Count, "gap")}, {PageWords.Count(session.Actions.Count, "action")}.</p>
          <div class="screens">
            <figure>
              <figcaption><b>As it was</b> on this synthetic desktop</figcaption>
              <div class="screen raw"><img alt="" hidden><p class="panel empty">no picture</p></div>
            </figure>
            <figure>
              <figcaption><b>What was kept</b></figcaption>
              <div class="screen kept"><img alt="" hidden><p class="panel empty">no picture</p></div>
            </figure>
          </div>
          <div class="scrubber">
            <button type="button" class="play" aria-pressed="false">Play</button>
            <div class="scale">
              <input type="range" min="0" max="{Length(session)}" step="1" value="{First(session)}" aria-label="Moment of {session.Participant}'s session">
              {Timeline(session, index)}
            </div>
            <output class="moment">{PageWords.Clock(First(session))}</output>
          </div>
          <p class="doing quiet">&nbsp;</p>
          {Legend(session)}
          <div class="columns">
            {Keys(session, index)}
            {Actions(session, index)}
          </div>
        </section>
        """);

    /// <summary>Places are percentages and attributes, not styles: the page's policy allows no inline style.</summary>
    private static Html Timeline(ReportSession session, int index) => Html.Of($"""
        <svg class="timeline" aria-hidden="true">
          <defs><pattern id="hatch-{index}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="stripe" width="2" height="6"/></pattern></defs>
          <rect class="lane" y="0" width="100%" height="22" rx="4"/>
          {session.Gaps.Select(gap => Html.Of($"""<g class="{PageWords.GapClass(gap.Reason)}"><rect class="gap" x="{At(session, gap.StartMs):0.###}%" y="0" width="{Math.Max(0.25, At(session, gap.EndMs) - At(session, gap.StartMs)):0.###}%" height="22"/><rect fill="url(#hatch-{index})" x="{At(session, gap.StartMs):0.###}%" y="0" width="{Math.Max(0.25, At(session, gap.EndMs) - At(session, gap.StartMs)):0.###}%" height="22"/></g>"""))}
          {session.Keys.Select(keys => Html.Of($"""<circle class="typing" cx="{At(session, keys.Ms):0.###}%" cy="30" r="2.5"/>"""))}
          {session.Actions.Where(action => action.Ms is not null).Select(action => Html.Of($"""<rect class="tick {Outcome(action).Class}" x="{At(session, action.Ms!.Value):0.###}%" y="38" width="2" height="{(Outcome(action).Class == "missed" ? 14 : 9)}"/>"""))}
          <line class="now" x1="0" x2="0" y1="0" y2="54"/>
        </svg>
        """);

    /// <returns>Percent of the session's length.</returns>
    private static double At(ReportSession session, long ms) => Math.Clamp(100.0 * ms / Length(session), 0, 100);

    /// <summary>The strip reaches to whatever is last on it: the witness may have looked on for a moment longer.</summary>
    private static long Length(ReportSession session) => session.Frames.Select(frame => frame.Ms).Append(session.LengthMs).Append(1).Max();

    private static long First(ReportSession session) => session.Frames.Select(frame => Math.Max(0, frame.Ms)).DefaultIfEmpty(0).Min();

    private static Html Legend(ReportSession session) => Html.Of($"""
        <ul class="legend" aria-label="What the strip shows">
          <li><i class="swatch kept" aria-hidden="true"></i>recorded</li>
          {session.Gaps.Select(gap => gap.Reason).Distinct().Select(reason => Html.Of($"""<li><i class="swatch gap {PageWords.GapClass(reason)}" aria-hidden="true"></i>gap: {PageWords.Gap(reason).Name}</li>"""))}
          <li><i class="swatch typing" aria-hidden="true"></i>typing</li>
          <li><i class="swatch found" aria-hidden="true"></i>action, found again</li>
          <li><i class="swatch missed" aria-hidden="true"></i>action, missed</li>
          <li><i class="swatch outside" aria-hidden="true"></i>action outside the allow-list</li>
        </ul>
        """);

    private static Html Keys(ReportSession session, int index) => Html.Of($"""
        <div class="listing">
          <h4 id="keys-{index}">Keys typed, keys kept</h4>
          <div class="scroll" tabindex="0" role="region" aria-labelledby="keys-{index}">
            <table>
              <thead><tr><th scope="col">At</th><th scope="col">Typed</th><th scope="col">Kept</th></tr></thead>
              <tbody>{session.Keys.Select(keys => Html.Of($"""
                <tr><td>{Jump(index, keys.Ms)}</td><td class="keys">{Strokes(keys.Typed)}</td><td class="keys">{Kept(keys)}</td></tr>
                """))}</tbody>
            </table>
          </div>
        </div>
        """);

    private static Html Kept(ReportKeys keys) => keys switch
    {
        { Gap: { } gap } => Html.Of($"""<span class="chip {PageWords.GapClass(gap)}">gap: {PageWords.Gap(gap).Name}</span>"""),
        { Kept: null } => Html.FromTrusted("""<span class="quiet">nothing</span>"""),
        { IsText: true, Kept: var text } => Html.Of($"{Strokes(text)}"),
        { Kept: var shape } => Html.Of($"""<span class="shape">{Strokes(shape)}</span>"""),
    };

    private static Html Actions(ReportSession session, int index) => Html.Of($"""
        <div class="listing">
          <h4 id="actions-{index}">Actions done, actions found</h4>
          <div class="scroll" tabindex="0" role="region" aria-labelledby="actions-{index}">
            <table>
              <thead><tr><th scope="col">At</th><th scope="col">Done</th><th scope="col">Found in the data set</th></tr></thead>
              <tbody>{Runs(session.Actions).Select(run => Html.Of($"""
                <tr class="task"><th colspan="3" scope="rowgroup">{run[0].Task}</th></tr>
                {run.Select(action => Html.Of($"""
                  <tr class="{Outcome(action).Class}"><td>{(action.Ms is { } ms ? Jump(index, ms) : default)}</td><td>{action.Done}</td><td><span class="mark" aria-hidden="true">{Outcome(action).Mark}</span> {Outcome(action).Words}</td></tr>
                  """))}
                """))}</tbody>
            </table>
          </div>
        </div>
        """);

    public static (string Class, string Mark, string Words) Outcome(ReportAction action) => action switch
    {
        { Found: { } found } => ("found", "✓", found),
        { InOtherApp: true } => ("outside", "▨", "a gap, as it should be"),
        _ => ("missed", "✕", "missed"),
    };

    /// <summary>Leads back to the moment in the pictures above.</summary>
    public static Html Jump(int session, long ms) => Html.Of($"""
        <button type="button" class="jump" data-session="{session}" data-ms="{ms}" aria-label="Show the moment {PageWords.Clock(ms)}">{PageWords.Clock(ms)}</button>
        """);

    /// <summary>Neighbours of one task, in order; a task that comes back begins a run of its own.</summary>
    private static List<List<ReportAction>> Runs(IReadOnlyList<ReportAction> actions)
    {
        var runs = new List<List<ReportAction>>();
        foreach (var action in actions)
        {
            if (runs.Count == 0 || runs[^1][0].Task != action.Task) runs.Add([]);
            runs[^1].Add(action);
        }
        return runs;
    }

    /// <summary>Letters as they are, keys without a letter as key caps.</summary>
    private static Html Strokes(string typed) => Html.Join(Cap.Split(typed).Select((part, index) => index % 2 == 0 ? Html.Of($"{part}") : Stroke(part)));

    /// <summary>Keys that X names by a word although they write one sign.</summary>
    private static readonly Dictionary<string, string> Signs = new(StringComparer.Ordinal)
    {
        ["period"] = ".", ["comma"] = ",", ["minus"] = "-", ["underscore"] = "_", ["at"] = "@", ["slash"] = "/", ["colon"] = ":", ["semicolon"] = ";", ["plus"] = "+", ["equal"] = "=",
        ["exclam"] = "!", ["question"] = "?", ["numbersign"] = "#", ["dollar"] = "$", ["percent"] = "%", ["ampersand"] = "&", ["asterisk"] = "*", ["parenleft"] = "(", ["parenright"] = ")",
        ["apostrophe"] = "'", ["quotedbl"] = "\"", ["less"] = "<", ["greater"] = ">", ["bracketleft"] = "[", ["bracketright"] = "]", ["backslash"] = "\\", ["bar"] = "|", ["asciitilde"] = "~",
    };

    private static Html Stroke(string key) => key.ToLowerInvariant() switch
    {
        "space" => Html.FromTrusted(" "),
        var sign when Signs.TryGetValue(sign, out var letter) => Html.Of($"{letter}"),
        "shift_l" or "shift_r" => default, // the letter after it shows it
        "control_l" or "control_r" or "control" => Html.FromTrusted("<kbd>Ctrl</kbd>"),
        "alt_l" or "alt_r" or "alt" => Html.FromTrusted("<kbd>Alt</kbd>"),
        "backspace" => Html.FromTrusted("""<kbd title="Backspace">⌫</kbd>"""),
        "return" or "enter" => Html.FromTrusted("""<kbd title="Enter">⏎</kbd>"""),
        "tab" or "iso_left_tab" => Html.FromTrusted("""<kbd title="Tab">⇥</kbd>"""),
        "up" => Html.FromTrusted("<kbd>↑</kbd>"),
        "down" => Html.FromTrusted("<kbd>↓</kbd>"),
        "left" => Html.FromTrusted("<kbd>←</kbd>"),
        "right" => Html.FromTrusted("<kbd>→</kbd>"),
        _ => Html.Of($"<kbd>{key}</kbd>"),
    };

    [GeneratedRegex(@"\[([A-Za-z0-9_]{1,24})\]", RegexOptions.CultureInvariant)]
    private static partial Regex Cap { get; }
}
