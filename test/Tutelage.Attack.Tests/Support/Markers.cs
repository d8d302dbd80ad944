using System.Text;
using Tutelage.Cli.Demo.Searching;
using Tutelage.Recording;
using Tutelage.Recording.Captured;

namespace Tutelage.Attack.Tests.Support;

/// <summary>One invented string in every stream that a recorder writes, and the search for all of them in whatever form they may lie somewhere.</summary>
internal static class Markers
{
    public const string Keys = "qzvkeys7plumbago";
    public const string Typed = "Qzvtyped verbascum nine";
    public const string Instruction = "Qzvtask pick the chokeberry form";
    public const string ElementName = "Qzvname sassafras button";
    public const string ElementValue = "Qzvvalue tormentil";
    public const string Hint = "Qzvhint hellebore";
    public const string Title = "Qzvtitle bistort ledger";
    public const string Site = "https://qzvsite-agrimony.test/";

    /// <summary>Drawn into a frame as the colours of neighbouring pixels, three letters each; searched also as four bytes a pixel and in reverse order.</summary>
    public const string Pixels = "QzvpixelsHoundstongueRagwortSpeedwellTeaselWoodruffYarrow";

    public static readonly ScreenSize Screen = new(192, 128);

    public static IReadOnlyList<(string Id, string Value)> All { get; } =
    [
        ("keys", Keys), ("typed", Typed), ("instruction", Instruction), ("element name", ElementName), ("element value", ElementValue), ("hint", Hint), ("title", Title), ("site", Site),
        ("pixels", Pixels), ("pixels", string.Concat(Pixels.Chunk(3).Select(pixel => $"{pixel[0]}{pixel[1]}{pixel[2]}\0"))), ("pixels", string.Concat(Pixels.Chunk(3).Select(pixel => $"{pixel[2]}{pixel[1]}{pixel[0]}"))),
    ];

    /// <summary>Raw, UTF-16, base64 at every alignment, hex, percent, and all of that in anything deflated.</summary>
    public static PlantSearch Search { get; } = new(All);

    /// <summary>A frame that holds the pixel marker.</summary>
    public static ScreenImage Frame()
    {
        var image = ScreenImage.Rent(Screen, Screen.Bounds);
        image.Fill(Screen.Bounds, 0x00E0E0E0);
        var letters = Encoding.ASCII.GetBytes(Pixels);
        for (var at = 0; at < letters.Length / 3; at++) letters.AsSpan(at * 3, 3).CopyTo(image.Pixels[(70 * image.StrideBytes + (70 + at) * 4)..]);
        return image;
    }

    /// <summary>The colours of a frame without the byte that means nothing.</summary>
    public static byte[] Colours(ScreenImage image) => image.Pixels.ToArray().Where((_, at) => at % 4 != 3).ToArray();
}
