namespace Tutelage.Redaction.Detection;

/// <summary>One family of secrets or personal text. Stateless and thread-safe.</summary>
/// <remarks>A detector that throws closes the gate: the interval becomes a gap. It MUST NOT put text into its exceptions.</remarks>
public abstract class Detector
{
    public abstract FindingKind Kind { get; }

    /// <summary>Adds what it finds in <paramref name="text"/>; positions are those of the normalised text.</summary>
    public abstract void Find(NormalisedText text, ICollection<Finding> findings);
}
