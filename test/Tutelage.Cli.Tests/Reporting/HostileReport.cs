using Tutelage.Cli.Demo.Reporting;

namespace Tutelage.Cli.Tests.Reporting;

internal static class HostileReport
{
    /// <summary>The same run with these words in every place that holds words.</summary>
    public static ReportModel Of(ReportModel model, string words) => model with
    {
        Made = words,
        Summary = model.Summary with
        {
            Dataset = model.Summary.Dataset with { Id = words, Exports = [words] },
            Seconds = new Dictionary<string, double> { [words] = 1 },
        },
        Sessions = model.Sessions.Select(session => session with
        {
            Participant = words,
            Tag = words,
            Frames = session.Frames.Select(frame => frame with { Gap = frame.Gap is null ? null : words }).ToList(),
            Keys = session.Keys.Select((keys, at) => keys with { Typed = words, Kept = words, Gap = at == 0 ? words : null }).ToList(),
            Gaps = session.Gaps.Select(gap => gap with { Reason = words }).ToList(),
            Actions = session.Actions.Select(action => action with { Task = words, Done = words, Found = action.Found is null ? null : words }).ToList(),
        }).ToList(),
        Plants = model.Plants.Select(plant => plant with { Kind = words, Format = words, Place = words, Participant = words, FoundIn = [words] }).ToList(),
        Ledger = model.Ledger with
        {
            Origin = words,
            Checkpoint = words + "\n" + words + "\n\n" + words,
            Entries = model.Ledger.Entries.Select(entry => entry with { Kind = words, Body = words, Proof = words, SaltBase64 = words }).ToList(),
        },
    };
}
