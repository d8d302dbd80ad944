using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction;
using Tutelage.Rules;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Pipeline;

/// <summary>Translates the gate's decision into the words of redaction and of gaps.</summary>
internal static class ContextPolicy
{
    public static GateDecision Decide(CaptureManifest manifest, DesktopContext context) =>
        Gate.Decide(manifest, context.App, context.Document, context.IsPrivate);

    public static GapReason GapFor(GateReason reason) => reason switch
    {
        GateReason.NotAllowed => GapReason.NotAllowed,
        GateReason.Blocked or GateReason.PrivateWindow => GapReason.Blocked,
        GateReason.ContextUnknown => GapReason.ContextUnknown,
        GateReason.AccountUnknown => GapReason.AccountUnknown,
        GateReason.QuotaMet => GapReason.QuotaMet,
        GateReason.Allowed => throw new ArgumentOutOfRangeException(nameof(reason), "an allowed context has no gap"),
    };

    /// <param name="shapeOnly">The text did not come to a boundary in time, or the recorder may keep none: fields are not kept.</param>
    public static RedactionPolicy For(GateDecision decision, CaptureManifest manifest, string? instruction, bool shapeOnly)
    {
        var rule = decision.Rule ?? throw new ArgumentException("a closed gate has no policy", nameof(decision));
        return new()
        {
            Mode = decision.Verdict == GateVerdict.Capture ? RedactionMode.Capture : RedactionMode.Shape,
            App = rule.App,
            Site = rule.Site?.ToString(),
            // The separator before it belongs to the document's part.
            TitleSuffix = rule.Title?.TrimStart(' ', '-', '–', '—', '|', '·', ':'),
            Fields = shapeOnly || !rule.Classes.Contains(DataClass.Text) ? [] : rule.Fields.Select(field => new FieldRuleOf(field).Rule).ToList(),
            QuantumMs = manifest.QuantumMs,
            Instruction = instruction,
        };
    }

    private readonly record struct FieldRuleOf(Rules.Capture.FieldRule Field)
    {
        public Redaction.FieldRule Rule => new(Field.Role, Field.Name, null, Field.Text == FieldText.Keep ? TextTreatment.Kept : TextTreatment.Surrogate);
    }
}
