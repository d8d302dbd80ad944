using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction.Detection;
using Tutelage.Redaction.Ocr;

namespace Tutelage.Redaction.Pixels;

/// <summary>Second pass over pixels: reads what is still to be seen and fills what detectors or the session's memory find in it.</summary>
/// <remarks>Costs about a second per full screen and core: for verification, exports and the second look, not for every frame of a live recording.</remarks>
internal sealed class FrameOcrCheck(OcrEngine engine, DetectorSet detectors, SessionMemory memory)
{
    /// <summary>Lines in the region of <paramref name="mask"/>, content being filled already.</summary>
    public IReadOnlyList<OcrLine> Read(ScreenImage image, AreaMask mask) => engine.Read(image, mask.Region);

    /// <summary>Fills every line in which something is found; lines close under one another are also read as one text.</summary>
    /// <returns>Filled pixels.</returns>
    public long FillFindings(ScreenImage image, IReadOnlyList<OcrLine> lines)
    {
        long filled = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            var two = i + 1 < lines.Count ? lines[i].Text + "\n" + lines[i + 1].Text : null;
            var alone = Holds(lines[i].Text);
            if (alone) Fill(lines[i].Box);
            else if (two is not null && !Holds(lines[i + 1].Text) && Holds(two))
            {
                Fill(lines[i].Box);
                Fill(lines[i + 1].Box);
            }
        }

        return filled;

        bool Holds(string text) => detectors.Find(text).Count > 0 || memory.HoldsSecret(text);

        void Fill(ScreenRect box)
        {
            var clipped = box.Inflate(2).Intersect(image.Size.Bounds);
            image.Fill(clipped, FrameRedaction.FillColour);
            filled += clipped.Area;
        }
    }
}
