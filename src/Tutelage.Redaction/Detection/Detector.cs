namespace Tutelage.Redaction.Detection;

/// <summary>One family of secrets or personal text. Stateless and thread-safe.</summary>
/// <remarks>
/// A detector that throws closes the gate: the interval becomes a gap. It MUST NOT put text into its exceptions, and its time MUST grow linearly
/// with the text: what people see on their screens is hostile input.
/// </remarks>
public abstract class Detector
{
    /// <summary>Adds what it finds in <paramref name="text"/>, by <see cref="TextView.Finding"/>: positions are those of the original.</summary>
    public abstract void Find(NormalisedText text, ICollection<Finding> findings);
}
