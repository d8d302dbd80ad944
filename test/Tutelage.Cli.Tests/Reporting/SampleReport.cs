using Tutelage.Cli.Demo;
using Tutelage.Cli.Demo.Reporting;
using Tutelage.Recording;
using Tutelage.Recording.Images;

namespace Tutelage.Cli.Tests.Reporting;

/// <summary>A small run as a report sees it: three people, painted screens, gaps, typing, actions, plants and a real log.</summary>
internal static class SampleReport
{
    private static readonly string[] Names = ["ana", "ben", "chloe"];
    private static readonly string[] Tags = ["5d1f0c8e77aa41b29c3b", "a08bd2f4e15c4e7f8d21", "c4e91b7730fd4aa6b5f2"];

    private static readonly Lazy<List<ReportSession>> Sessions = new(() => Names.Select((name, person) => Session($"synthetic-{name}", Tags[person], person)).ToList());

    public static ReportModel Create(Func<string, string>? alterBody = null)
    {
        var sessions = Sessions.Value;
        var plants = new List<ReportPlant>
        {
            new("Password", "", "Typed", "synthetic-ana", true, []),
            new("Card", "visa", "Typed", "synthetic-ana", true, []),
            new("Card", "amex", "Shown", "synthetic-ben", true, []),
            new("Email", "", "Field", "synthetic-ben", true, []),
            new("Token", "github", "Title", "synthetic-chloe", true, []),
            new("Token", "aws", "Image", "synthetic-chloe", true, []),
            new("Note", "", "OtherApp", "synthetic-chloe", true, []),
        };
        var done = sessions.Sum(session => session.Actions.Count);
        var summary = new DemoSummary(
            new(3, 24_816, 0, 9, 4_812_331, 6.4, 8.7), sessions.SelectMany(session => session.Gaps).GroupBy(gap => gap.Reason).ToDictionary(reason => reason.Key, reason => reason.Count()),
            new(plants.Count, plants.Count, 0, new(412, 61_202_118, 9, 388, 96)),
            new("ds-5f0e7c2b91aa", 12, done, 188, ["agentnet", "webdataset"]), done, done - 3, new(17, true, 17),
            new Dictionary<string, double>
            {
                ["start"] = 4.1, ["work"] = 96.4, ["search segments"] = 14.2, ["search without redaction"] = 11.7, ["send"] = 2.3, ["build"] = 9.8, ["export"] = 4.4,
                ["search exports"] = 6.6, ["verify"] = 0.4, ["search files"] = 8.9,
            }, "report.html");
        return new(1, "2030-05-06 12:00:00Z", summary, sessions, plants, SampleLog.Of(Tags, alterBody));
    }

    private static ReportSession Session(string name, string tag, int person)
    {
        List<ReportGap> gaps = [new(21_000, 27_500, "NotAllowed"), new(48_000, 49_200, "ContextUnknown"), .. person == 1 ? [new ReportGap(70_000, 76_000, "Paused")] : Array.Empty<ReportGap>()];
        var frames = Enumerable.Range(0, 24).Select(at =>
        {
            var ms = 500 + at * 3_900L;
            var gap = gaps.FirstOrDefault(gap => gap.StartMs <= ms && ms < gap.EndMs)?.Reason;
            return new ReportFrame(ms, Screen(at, person, redacted: false), gap is null ? Screen(at, person, redacted: true) : null, gap);
        }).ToList();
        List<ReportKeys> keys =
        [
            new(4_200, "Conference[space]in[space]Lyobn[BackSpace][BackSpace][BackSpace]yon", "‹words, up to 32›", false),
            new(9_800, "[Tab]", "[tab]", true),
            new(12_400, "248.60[Tab]", "‹number, up to 8› [tab]", false),
            new(22_900, "dear[space]diary", null, false, "NotAllowed"),
            new(33_000, "[control][c]", "[control] [c]", true),
            new(61_500, "hunter2hunter2", null, false),
        ];
        List<ReportAction> actions =
        [
            new("expense/1", "click textbox \"Purpose\"", "click textbox \"Purpose\"", 3_900, false),
            new("expense/1", "type \"Conference in Lyon\" into textbox \"Purpose\"", "type ‹words, up to 32› into textbox \"Purpose\"", 4_200, false),
            new("expense/1", "select \"Travel\" in combobox \"Category\"", "select \"Travel\" in combobox \"Category\"", 8_100, false),
            new("expense/1", "type \"248.60\" into textbox \"Amount\"", "type ‹number, up to 8› into textbox \"Amount\"", 12_400, false),
            new("expense/1", "click button \"Submit\"", "click button \"Submit\"", 18_600, false),
            new("outside the allow-list", "type \"dear diary\" into textbox \"Note\"", null, 22_900, true),
            new("inbox/1", "click menuitem \"Move to\"", "click menuitem \"Move to\"", 30_700, false),
            new("inbox/1", "key control+c", "key control+c", 33_000, false),
            new("inbox/1", "scroll -4 notches", null, 41_000, false),
            new("table/1", "double_click cell \"Quarter\"", "double_click cell \"Quarter\"", 52_300, false),
            new("settings/1", "drag slider \"Volume\"", "drag slider \"Volume\"", 80_300, false),
        ];
        return new(name, tag, 92_000, frames, keys, gaps, actions);
    }

    /// <summary>A form that fills up: words are dark strokes as they were, one grey box as they were kept.</summary>
    private static byte[] Screen(int at, int person, bool redacted)
    {
        var size = new ScreenSize(640, 400);
        var pixels = new byte[size.Width * size.Height * 4];
        Fill(0, 0, 640, 400, 0xEEF1F4);
        Fill(0, 0, 640, 26, 0x39424E);
        Fill(12, 8, 90, 10, 0xC9D1DA);
        Fill(0, 26, 130, 374, 0xDFE5EB);
        for (var item = 0; item < 6; item++) Fill(16, 48 + item * 30, 70 + item * 11 % 30, 8, item == person ? 0x0B5F57u : 0x8C98A6u);
        for (var field = 0; field < 6; field++)
        {
            var y = 52 + field * 54;
            Fill(160, y, 60 + field * 17 % 50, 8, 0x5B6775);
            Fill(160, y + 14, 400, 26, 0xBAC4CE);
            Fill(161, y + 15, 398, 24, 0xFFFFFF);
            var written = Math.Clamp(at - field * 4, 0, 4) * 80 + person * 9;
            if (redacted && written > 9 * person) Fill(168, y + 20, written, 14, 0xC4C8CC);
            else for (var x = 0; x < written - 6 && !redacted; x += 11) Fill(168 + x, y + 21 + x * 7 % 3, 7, 11 - x * 5 % 4, 0x1F2A36);
        }
        Fill(160, 372, 84, 20, 0x0B5F57);
        var png = new MemoryStream();
        Png.Write(png, size, pixels);
        return png.ToArray();

        void Fill(int left, int top, int width, int height, uint colour)
        {
            var row = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(pixels.AsSpan());
            for (var y = top; y < top + height; y++) row.Slice(y * 640 + left, Math.Min(width, 640 - left)).Fill(colour);
        }
    }
}
