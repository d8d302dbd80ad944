using System.Text;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Redaction.Ocr;

/// <summary>Reads one line: a class per column, repeated classes and blanks dropped (connectionist temporal classification, greedy).</summary>
internal static class LineReader
{
    private const int Height = 48;

    /// <summary>Widths are padded to multiples of this, so that the runtime meets few shapes.</summary>
    private const int WidthStep = 32;

    /// <summary>A line longer than this is read in its first part only; 48 px high, it is some 400 letters.</summary>
    private const int MaxWidth = 6400;

    private static readonly float[] Half = [0.5f, 0.5f, 0.5f];

    public static (string Text, float Confidence) Read(OnnxModel model, string[] characters, ScreenImage image, ScreenRect box)
    {
        var width = Math.Clamp((box.Width * Height + box.Height - 1) / box.Height, 16, MaxWidth);
        var padded = Math.Max(64, (width + WidthStep - 1) / WidthStep * WidthStep);
        var input = new float[3 * Height * padded];
        PixelTensor.Fill(image, box, input, width, Height, padded, Half, Half);
        var (scores, dimensions) = model.Run(input, [1, 3, Height, padded]);

        int columns = (int)dimensions[1], classes = (int)dimensions[2];
        var text = new StringBuilder();
        var confidence = 0f;
        var letters = 0;
        var previous = 0;
        for (var column = 0; column < columns; column++)
        {
            var row = scores.AsSpan(column * classes, classes);
            var best = IndexOfMax(row);
            if (best != 0 && best != previous && best < characters.Length)
            {
                text.Append(characters[best]);
                confidence += row[best];
                letters++;
            }

            previous = best;
        }

        return (text.ToString(), letters == 0 ? 0 : confidence / letters);
    }

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }
}
