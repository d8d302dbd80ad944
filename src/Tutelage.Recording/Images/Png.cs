using Tutelage.Recording.Captured;

namespace Tutelage.Recording.Images;

/// <summary>PNG, 8 bits a channel. Writes opaque RGB; reads grey, RGB, palette and their alpha forms (alpha is dropped).</summary>
public static class Png
{
    public static void Write(Stream output, ScreenImage image) => Write(output, image.Size, image.Pixels);

    /// <param name="bgrx">Rows without padding, four bytes a pixel in the order B G R X; X is ignored.</param>
    public static void Write(Stream output, ScreenSize size, ReadOnlySpan<byte> bgrx) => throw new NotImplementedException();

    /// <returns>Damage is the whole picture. The caller disposes it.</returns>
    /// <exception cref="RecordingFormatException">Not a PNG, damaged, too large, or of a kind that is not read.</exception>
    public static ScreenImage Read(Stream input) => throw new NotImplementedException();
}
