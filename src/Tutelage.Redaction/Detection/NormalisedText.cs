namespace Tutelage.Redaction.Detection;

/// <summary>Text as detectors read it, with the way back to the text as given.</summary>
public sealed class NormalisedText
{
    private NormalisedText(string text) => Text = text;

    public string Text { get; }

    public static NormalisedText Of(string text) => new(text);
}
