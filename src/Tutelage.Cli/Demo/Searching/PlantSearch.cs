using System.Buffers.Binary;
using System.IO.Compression;

namespace Tutelage.Cli.Demo.Searching;

/// <summary>Where a plant was found.</summary>
/// <param name="Place">File or stream, as it is named in the report.</param>
/// <param name="How">raw, utf-16le, base64, inflated raw, picture, …</param>
internal readonly record struct PlantHit(string PlantId, string Place, string How);

/// <summary>Looks for planted values in bytes, texts and what was deflated in them.</summary>
/// <remarks>If it were blind, the demo's promise would be empty: the control run without redaction must find every plant with this same code.</remarks>
internal sealed class PlantSearch(IReadOnlyList<(string PlantId, string Value)> plants)
{
    /// <summary>Deflate in deflate in deflate is looked into; more is not.</summary>
    private const int Deepest = 3;

    /// <summary>What one stream may inflate to.</summary>
    private const int MostInflated = 64 << 20;

    private readonly NeedleIndex _needles = new(plants.Select(plant => PlantNeedles.For(plant.PlantId, plant.Value)));

    public IReadOnlyList<PlantHit> InBytes(string place, byte[] bytes) => InBytes(place, bytes, "", 0).Distinct().ToList();

    public IReadOnlyList<PlantHit> InFile(string place, string path)
    {
        if (new FileInfo(path).Length > 1L << 30) throw new InvalidOperationException($"{place} is too large to search in one piece");
        return InBytes(place, File.ReadAllBytes(path));
    }

    /// <summary>In text as a recogniser read it; half of a long value counts (<see cref="ReadText"/>).</summary>
    public IReadOnlyList<PlantHit> InReadText(string place, string text, string how)
    {
        var read = ReadText.Fold(text);
        return plants.Where(plant => ReadText.Holds(read, plant.Value)).Select(plant => new PlantHit(plant.PlantId, place, how)).ToList();
    }

    private IEnumerable<PlantHit> InBytes(string place, byte[] bytes, string how, int depth)
    {
        foreach (var (plantId, encoding) in _needles.In(bytes)) yield return new(plantId, place, how + encoding);
        if (depth == Deepest) yield break;
        foreach (var inflated in Inflated(bytes))
            foreach (var hit in InBytes(place, inflated, "inflated ", depth + 1)) yield return hit;
    }

    private static IEnumerable<byte[]> Inflated(byte[] bytes)
    {
        if (IsPng(bytes))
        {
            if (TryInflate(PngPixels(bytes), 0, (stream, mode) => new ZLibStream(stream, mode)) is { } pixels) yield return pixels;
            yield break;
        }
        for (var offset = 0; offset + 3 < bytes.Length; offset++)
        {
            Func<Stream, CompressionMode, Stream>? open = null;
            if (bytes[offset] == 0x78 && (bytes[offset] * 256 + bytes[offset + 1]) % 31 == 0) open = (stream, mode) => new ZLibStream(stream, mode);
            else if (bytes[offset] == 0x1F && bytes[offset + 1] == 0x8B && bytes[offset + 2] == 8) open = (stream, mode) => new GZipStream(stream, mode);
            if (open is not null && TryInflate(bytes, offset, open) is { Length: > 8 } inflated) yield return inflated;
        }
    }

    private static byte[]? TryInflate(byte[] from, int offset, Func<Stream, CompressionMode, Stream> open)
    {
        using var source = new MemoryStream(from, offset, from.Length - offset, writable: false);
        using var inflater = open(source, CompressionMode.Decompress);
        var result = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = inflater.Read(buffer)) > 0 && result.Length < MostInflated) result.Write(buffer, 0, read);
        }
        catch (Exception chance) when (chance is InvalidDataException or IOException)
        {
            // A chance header, or one whose end is cut: what came out before counts.
        }
        return result.Length == 0 ? null : result.ToArray();
    }

    private static bool IsPng(byte[] bytes) => bytes.Length > 8 && BinaryPrimitives.ReadUInt64BigEndian(bytes) == 0x89504E470D0A1A0A;

    private static byte[] PngPixels(byte[] png)
    {
        var pixels = new MemoryStream();
        for (var offset = 8; offset + 12 <= png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(offset));
            if (length < 0 || offset + 12 + length > png.Length) break;
            if (png.AsSpan(offset + 4, 4).SequenceEqual("IDAT"u8)) pixels.Write(png, offset + 8, length);
            offset += 12 + length;
        }
        return pixels.ToArray();
    }
}
