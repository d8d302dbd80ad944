using Tutelage.Recording.Captured;
using Tutelage.Recording.Images;
using Tutelage.Testing;

namespace Tutelage.Recording.Tests.Images;

public sealed class PngTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 200)]
    [InlineData(301, 7)]
    [InlineData(64, 64)]
    public void A_picture_comes_back_pixel_for_pixel(int width, int height)
    {
        using var image = Pictures.Random(new(width, height), seed: width);
        var output = new MemoryStream();
        Png.Write(output, image);
        output.Position = 0;
        using var read = Png.Read(output);
        read.Size.ShouldBe(image.Size);
        Pictures.Same(read, image).ShouldBeTrue();
        output.Position.ShouldBe(output.Length);
    }

    /// <summary>Made with Python's zlib and struct, 2 x 2 pixels of 10 20 / 30 40: grey with filters sub and up, palette with none and paeth, grey and alpha with average.</summary>
    [Theory]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGPk4mISEQEAAKgAQMS3sfYAAAAASUVORK5CYII=")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAMAAABFaP0WAAAADFBMVEUKCgoUFBQeHh4oKCi4Y/hnAAAADklEQVR4nGNgYGRhYgQAABsACfXvI1YAAAAASUVORK5CYII=")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAQAAADYv8WvAAAAEklEQVR4nGPgYhBhYJZk4GcAAAGBAErDS87BAAAAAElFTkSuQmCC")]
    public void Pictures_of_others_are_read(string base64)
    {
        using var image = Png.Read(new MemoryStream(Convert.FromBase64String(base64)));
        byte[] expected = [10, 10, 10, 255, 20, 20, 20, 255, 30, 30, 30, 255, 40, 40, 40, 255];
        image.Pixels.ToArray().ShouldBe(expected);
    }

    [Fact]
    public void Mutated_pictures_give_the_named_error_and_nothing_else()
    {
        using var image = Pictures.Random(new(20, 10), seed: 3);
        var output = new MemoryStream();
        Png.Write(output, image);
        for (var seed = 0; seed < FuzzRounds.CountOfSlow; seed++)
        {
            try { Png.Read(new MemoryStream(Mutations.Of(output.ToArray(), seed))).Dispose(); }
            catch (RecordingFormatException) { }
        }
    }

    [Fact]
    public void A_small_file_that_claims_a_large_picture_is_refused_before_any_pixel_is_allocated()
    {
        using var image = Pictures.Random(new(1, 1), seed: 4);
        var output = new MemoryStream();
        Png.Write(output, image);
        var file = output.ToArray();
        // IHDR's width and height, then its checksum.
        (file[18], file[22]) = (0x1F, 0x1F);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Recording.Mcap.Crc32.Of(file.AsSpan(12, 17)));
        Should.Throw<RecordingFormatException>(() => Png.Read(new MemoryStream(file))).Message.ShouldContain("less pixel data");
    }
}
