namespace Tutelage.Trajectories.Importing;

/// <summary>A foreign recording that is not what its format says. The text never holds what was recorded.</summary>
/// <param name="place">Line (from 1) or state (from 0) where it stands, -1 if nowhere.</param>
public sealed class ImportFormatException(string message, long place, Exception? inner = null)
    : FormatException(place < 0 ? message : $"{message} (at {place})", inner)
{
    public long Place { get; } = place;
}
