namespace Tutelage.Recording;

/// <summary>What is kept of content instead of its letters.</summary>
/// <param name="Length">Upper bound of the length class in characters (see <see cref="LengthClassOf"/>); 0 is empty.</param>
/// <param name="Kind">What sort of text it looked like.</param>
/// <param name="Source">Where the text also stood, so that a model can still learn copying.</param>
/// <param name="SourceStart">First token (white-space separated, from 0) of the instruction if <paramref name="Source"/> is
/// <see cref="TextSource.Instruction"/>; the element's id if <see cref="TextSource.Element"/>; else -1.</param>
/// <param name="SourceCount">Number of tokens for <see cref="TextSource.Instruction"/>, else 0.</param>
public readonly record struct TextShape(int Length, TextKind Kind, TextSource Source = TextSource.Unknown, int SourceStart = -1, int SourceCount = 0)
{
    /// <summary>Length classes, in characters: 0, 1, 4, 8, 16, 32, 64, 256, and 1024 for everything longer.</summary>
    public static int LengthClassOf(int characters) => characters switch
    {
        <= 0 => 0, 1 => 1, <= 4 => 4, <= 8 => 8, <= 16 => 16, <= 32 => 32, <= 64 => 64, <= 256 => 256, _ => 1024,
    };
}

/// <summary>What sort of text a shape stands for.</summary>
public enum TextKind
{
    Unknown, Word, Words, Prose, Number, Amount, Date, Identifier, Address, Secret,
}

/// <summary>Where typed text also stood when it was typed.</summary>
public enum TextSource
{
    Unknown, Instruction, Element, Clipboard,
}
