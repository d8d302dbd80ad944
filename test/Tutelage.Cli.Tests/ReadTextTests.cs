using Tutelage.Cli.Demo.Searching;

namespace Tutelage.Cli.Tests;

public sealed class ReadTextTests
{
    [Theory]
    [InlineData("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", "ghp dOS83iiIzFqXamGI73T8")]
    [InlineData("6011 8171 6307 9214", "card: 60118171 630")]
    [InlineData("glpat-t4I6iQSVncF6k8FpjBBw", "glpat-t4l6iOSVncF6x8Fp")]
    [InlineData("luca okafor copper 421624", "lucaokaforcopper")]
    public void A_value_is_known_although_it_was_misread(string value, string read) => ReadText.Holds(ReadText.Fold(read), value).ShouldBeTrue();

    [Theory]
    [InlineData("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", "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")]
    [InlineData("6011 8171 6307 9214", "4111 1111 1111 1111")]
    [InlineData("hunter2", "hunter")]
    [InlineData("6011 8171 6307 9214", "")]
    public void Another_value_is_not_taken_for_it(string value, string read) => ReadText.Holds(ReadText.Fold(read), value).ShouldBeFalse();
}
