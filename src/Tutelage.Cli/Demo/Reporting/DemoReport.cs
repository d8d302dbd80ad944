using System.Text.Json;

namespace Tutelage.Cli.Demo.Reporting;

/// <summary>Writes the report: one file that needs no network.</summary>
internal static class DemoReport
{
    public static void Write(string path, ReportModel model) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(model));
}
