using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>What the page's script works with. Each picture is there once, however many moments show it.</summary>
/// <param name="Pictures">PNG files; frames refer to them by position.</param>
internal sealed record PageContent(IReadOnlyList<byte[]> Pictures, IReadOnlyList<PageSession> Sessions, PageLedger Ledger)
{
    public static PageContent Of(ReportModel model)
    {
        var pictures = new List<byte[]>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        return new(pictures, model.Sessions.Select(SessionOf).ToList(), new(
            model.Ledger.Size, model.Ledger.RootBase64, model.Ledger.Leaves,
            model.Ledger.Entries.Select(entry => new PageEntry(entry.Index, entry.Body, entry.SaltBase64, entry.Proof)).ToList()));

        PageSession SessionOf(ReportSession session) => new(
            session.Frames.OrderBy(frame => frame.Ms).Select(frame => new PageFrame(
                Math.Max(0, frame.Ms), PageWords.Clock(frame.Ms), PlaceOf(frame.RawPng), PlaceOf(frame.KeptPng),
                frame.Gap is { } gap ? PageWords.Gap(gap).Name : null, frame.Gap is { } why ? PageWords.Gap(why).Sentence : null, frame.Gap is { } reason ? PageWords.GapClass(reason) : null)).ToList(),
            session.Actions.Where(action => action.Ms is not null).OrderBy(action => action.Ms)
                .Select(action => new PageAction(action.Ms!.Value, action.Done, SessionSection.Outcome(action).Words, SessionSection.Outcome(action).Class)).ToList());

        int? PlaceOf(byte[]? png)
        {
            if (png is null) return null;
            var digest = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(png));
            if (places.TryGetValue(digest, out var place)) return place;
            pictures.Add(png);
            return places[digest] = pictures.Count - 1;
        }
    }

    /// <summary>JSON that may stand in a script element: the default encoder escapes &lt;, &gt;, &amp;, quotes and everything beyond ASCII, U+2028 among it.</summary>
    public Html Json() => Html.FromTrusted(JsonSerializer.Serialize(this, PageJson.Default.PageContent));
}

internal sealed record PageSession(IReadOnlyList<PageFrame> Frames, IReadOnlyList<PageAction> Actions);

internal sealed record PageFrame(long Ms, string Clock, int? Raw, int? Kept, string? Gap, string? Why, string? GapClass);

internal sealed record PageAction(long Ms, string Done, string Found, string Outcome);

internal sealed record PageLedger(long Size, string Root, IReadOnlyList<string> Leaves, IReadOnlyList<PageEntry> Entries);

internal sealed record PageEntry(long Index, string Body, string Salt, string Proof);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PageContent))]
internal sealed partial class PageJson : JsonSerializerContext;
