using Tutelage.Rules.Capture;

namespace Tutelage.Cli.Demo;

/// <summary>The capture rules of the demo's participants: the practice site and nothing else.</summary>
internal static class DemoManifest
{
    /// <summary>Fields of the practice pages whose text may stand: their values come from the instruction.</summary>
    private static readonly string[] Kept = ["Merchant", "Paid to", "Vendor", "Amount", "Total", "Sum"];

    public static CaptureManifest For(Uri site)
    {
        var fields = string.Concat(Kept.Select(name => $"      - {{role: textbox, name: {name}, text: keep}}\n"));
        var reading = ManifestText.Read($"""
            tutelage-manifest: 1
            programme: Tutelage demo (synthetic participants)
            version: 1
            timing-quantum-ms: 50
            hold-minutes: 10
            frames-per-second: 4
            capture:
              - app: chromium
                site: {site}
                title-suffix: " - Chromium"
                classes: [input, text, elements, frames]
                fields:
            """ + "\n" + fields);
        return reading.Manifest ?? throw new InvalidOperationException("the demo's own manifest is faulty: " + string.Join("; ", reading.Faults));
    }
}
