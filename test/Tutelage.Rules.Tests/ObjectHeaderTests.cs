using FsCheck;
using FsCheck.Fluent;
using Tutelage.Rules.Objects;
using Tutelage.Testing;

namespace Tutelage.Rules.Tests;

public sealed class ObjectHeaderTests
{
    private static readonly ObjectHeader Header = new(
        new('0', 32), ObjectKind.Segment, new('a', 32), 3, "tutelage-1.0", new('f', 64), "abcDEF-_1", [File(DataClass.Input), File(DataClass.Frames)]);

    [Fact]
    public void Header_survives_its_bytes()
    {
        HeaderBytes.TryDecode(HeaderBytes.Encode(Header), out var again, out var fault).ShouldBeTrue(fault);
        HeaderBytes.Encode(again!).ShouldBe(HeaderBytes.Encode(Header));
        again!.Files.Count.ShouldBe(2);
    }

    [Fact]
    public void A_header_names_a_class_once() =>
        HeaderBytes.TryDecode(HeaderBytes.Encode(Header with { Files = [File(DataClass.Input), File(DataClass.Input)] }), out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("0000000000000000000000000000000G")]
    public void An_id_is_no_path(string id) =>
        HeaderBytes.TryDecode(HeaderBytes.Encode(Header with { ObjectId = id }), out _, out _).ShouldBeFalse();

    [Fact]
    public void Mutated_bytes_are_refused_or_mean_exactly_what_they_say() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(FuzzRounds.Count), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            var bytes = HeaderBytes.Encode(Header);
            for (var change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            return !HeaderBytes.TryDecode(bytes, out var header, out var fault) ? fault is not null : HeaderBytes.Encode(header).AsSpan().SequenceEqual(bytes);
        }));

    private static SealedFileHeader File(DataClass kept) => new(kept, 1024, new byte[32], new byte[] { 1, 2, 3 }, new byte[] { 4 });
}
