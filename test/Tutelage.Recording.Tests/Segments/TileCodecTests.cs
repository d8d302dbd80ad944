using Tutelage.Recording.Segments;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Segments;

public sealed class TileCodecTests
{
    [Fact]
    public void Any_tile_comes_back_pixel_for_pixel()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var size = new ScreenSize(random.Next(1, 65), random.Next(1, 65));
            using var image = Pictures.Random(size, seed);
            var tile = new byte[TileGrid.MaxTileBytes];
            var pixels = TileGrid.Cut(image, size.Bounds, tile);
            if (seed % 5 == 0) for (var i = 0; i < pixels.Length; i++) pixels[i] = i % 4 == 3 ? (byte)255 : (byte)random.Next(seed % 2 == 0 ? 256 : 4);

            var buffer = new ByteBuffer();
            var encoding = TileCodec.Encode(pixels, buffer);
            buffer.Length.ShouldBeLessThanOrEqualTo(pixels.Length / 4 * 3);
            var decoded = new byte[pixels.Length];
            TileCodec.TryDecode(encoding, buffer.Written, decoded).ShouldBeTrue();
            decoded.ShouldBe(pixels.ToArray());
        }
    }

    [Fact]
    public void A_tile_of_one_colour_takes_less_than_a_hundred_bytes()
    {
        using var image = Captured.ScreenImage.Rent(new(64, 64), default);
        image.Fill(image.Size.Bounds, 0x123456);
        var buffer = new ByteBuffer();
        TileCodec.Encode(TileGrid.Cut(image, image.Size.Bounds, new byte[TileGrid.MaxTileBytes]), buffer).ShouldBe(TileEncoding.Runs);
        buffer.Length.ShouldBeLessThan(100);
    }

    [Fact]
    public void Mutated_tiles_are_refused_or_fill_exactly_their_pixels()
    {
        using var image = Pictures.Random(new(64, 64), 1);
        var buffer = new ByteBuffer();
        var encoding = TileCodec.Encode(TileGrid.Cut(image, image.Size.Bounds, new byte[TileGrid.MaxTileBytes]), buffer);
        var decoded = new byte[TileGrid.MaxTileBytes];
        for (var seed = 0; seed < FuzzRounds.Count; seed++) TileCodec.TryDecode(encoding, Mutations.Of(buffer.Written, seed), decoded);
    }
}
