using Tutelage.Recording.Captured;
using Tutelage.Recording.Images;
using Tutelage.Redaction.Detection;
using Tutelage.Redaction.Ocr;
using Tutelage.Testing;

namespace Tutelage.Redaction.Tests.Ocr;

public sealed class OcrTests
{
    [Fact]
    public void A_drawn_page_is_read_line_by_line()
    {
        if (Engine() is not { } engine) return;
        using (engine)
        {
            using var page = Page();
            var lines = engine.Read(page);
            var text = string.Concat(lines.Select(line => line.Text)).Replace(" ", "");
            foreach (var expected in new[] { "Expenses", "PaymentreceivedfromMariaHolloway", "4539578763621486", "maria.holloway@example.org", "1,482.50", "Savereport", "NorthwindTravel", "312.40", "HotelAdlon", "CityTaxi", "J.Petrov", "Quarterly" })
                text.ShouldContain(expected, Case.Insensitive);
            lines.ShouldAllBe(line => page.Size.Bounds.Contains(line.Box) && line.Confidence > 0 && line.Confidence <= 1.001f);
        }
    }

    [Fact]
    public void Second_pass_fills_what_detectors_find_in_pixels_that_stood()
    {
        if (Engine() is not { } engine) return;
        using (engine)
        {
            using var page = Page();
            using var memory = new SessionMemory(default);
            var lines = engine.Read(page);
            new Redaction.Pixels.FrameOcrCheck(engine, DetectorSet.Standard, memory).FillFindings(page, lines).ShouldBeGreaterThan(0);
            var left = string.Join('\n', engine.Read(page).Select(line => line.Text));
            left.ShouldNotContain("4539");
            left.ShouldNotContain("holloway@");
            left.Replace(" ", "").ShouldContain("Savereport");
        }
    }

    [Fact]
    public void A_folder_without_models_gives_no_engine() => OcrEngine.TryLoad(Path.GetTempPath()).ShouldBeNull();

    internal static ScreenImage Page()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Pages", "expenses.png"));
        return Png.Read(file);
    }

    /// <summary>Null at home where eng/ocr/fetch.sh has not run.</summary>
    internal static OcrEngine? Engine()
    {
        var folder = Path.Combine(SharedFolder.Repository, "artifacts", "ocr");
        if (OcrEngine.TryLoad(folder) is { } engine) return engine;
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new DirectoryNotFoundException($"OCR models are missing at {folder}; CI must run eng/ocr/fetch.sh first");
        Console.WriteLine($"skipped: no OCR models at {folder} (run eng/ocr/fetch.sh)");
        return null;
    }
}
