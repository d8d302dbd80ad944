using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tutelage.Sealing.Tests;

public sealed class CustodySealTests
{
    [Fact]
    public void It_opens_with_both_keys_at_every_size_and_its_size_is_padded()
    {
        using var custody = new Custody();
        foreach (var size in Sealed.InterestingSizes)
        {
            var file = custody.Seal(Sealed.Pattern(size));
            var seal = custody.Last.ShouldNotBeNull();
            seal.SizeBytes.ShouldBe(file.Length);
            seal.Sha256.ShouldBe(SHA256.HashData(file));
            file.AsSpan().StartsWith(seal.OuterHeader).ShouldBeTrue();

            foreach (var source in new Stream[] { new MemoryStream(file), new OnceStream(file) })
            {
                using var opened = custody.Open(source);
                Sealed.AssertPattern(Sealed.ReadAll(opened), size);
            }
        }
    }

    [Fact]
    public void Neither_key_alone_gives_a_byte()
    {
        using var custody = new Custody();
        var file = custody.Seal(Sealed.Pattern(1000));
        var seal = custody.Last.ShouldNotBeNull();
        using var outer = AgeHeader.Parse(seal.OuterHeader).Unwrap(custody.Auditor);
        using var inner = AgeHeader.Parse(seal.InnerHeader).Unwrap(custody.Vault);
        using var nothing = FileKey.Generate();
        Should.Throw<AgeFormatException>(() => CustodySeal.Open(new MemoryStream(file), outer, nothing));
        Should.Throw<AgeFormatException>(() => CustodySeal.Open(new MemoryStream(file), nothing, inner));
        Should.Throw<AgeFormatException>(() => CustodySeal.Open(new MemoryStream(file), inner, outer));
        Should.Throw<NoMatchingIdentityException>(() => AgeHeader.Parse(seal.OuterHeader).Unwrap(custody.Vault));
        Should.Throw<NoMatchingIdentityException>(() => AgeHeader.Parse(seal.InnerHeader).Unwrap(custody.Auditor));
        file.AsSpan().IndexOf(Sealed.Pattern(40).AsSpan(8)).ShouldBe(-1);
        file.AsSpan().IndexOf(seal.InnerHeader.AsSpan(22)).ShouldBe(-1);
    }

    [Fact]
    [Trait("Pace", "slow")]
    public void Files_of_similar_size_look_the_same_from_outside()
    {
        using var custody = new Custody();
        var sizes = Enumerable.Range(0, 200).Select(i => custody.Seal(Sealed.Pattern(200_000 + 3 * i)).Length).Distinct().Count();
        sizes.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public void Padmé_keeps_the_leading_bits_and_adds_at_most_12_percent()
    {
        (long Size, long Padded)[] known = [(0, 0), (1, 1), (2, 2), (8, 8), (9, 10), (10, 10), (100, 104), (1000, 1024), (1_000_000, 1_015_808)];
        foreach (var (size, padded) in known) Padme.PaddedSize(size).ShouldBe(padded, size.ToString());
        var random = new Random(3);
        for (var i = 0; i < 10_000; i++)
        {
            var size = random.NextInt64(1, 1L << random.Next(2, 50));
            var padded = Padme.PaddedSize(size);
            padded.ShouldBeGreaterThanOrEqualTo(size);
            ((padded - size) * 100).ShouldBeLessThanOrEqualTo(12 * size);
            Padme.PaddedSize(padded).ShouldBe(padded);
        }
    }

    [Fact]
    public void Cut_altered_or_lengthened_files_are_refused_before_the_end()
    {
        using var custody = new Custody();
        var file = custody.Seal(Sealed.Pattern(100_000));
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var altered = (byte[])file.Clone();
            altered[random.Next(altered.Length)] ^= (byte)(1 << random.Next(8));
            var bytes = (i % 3) switch { 0 => altered, 1 => file[..random.Next(file.Length)], _ => [.. file, 0] };
            var fault = Should.Throw<Exception>(() => Sealed.ReadAll(custody.Open(bytes)));
            Sealed.IsNamed(fault).ShouldBeTrue(fault.ToString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(10_000_000)]
    [InlineData(250)]
    public void A_lie_about_the_inner_length_is_refused(long lie)
    {
        using var custody = new Custody();
        using var outerFile = new MemoryStream();
        using var outer = new AgeWriter(outerFile, custody.Auditor.Recipient);
        var innerFile = Sealed.ToFile("content"u8, custody.Vault.Recipient);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(length, lie);
        outer.Write(length);
        outer.Write(innerFile);
        outer.Complete();
        AssertRefused(custody, outerFile.ToArray(), innerFile, outer);
    }

    /// <summary>The inner file is whole and alone, and only its length is said to be another one, for which no padding would be needed.</summary>
    [Fact]
    public void A_length_that_reaches_behind_the_outer_file_is_refused_though_it_would_need_no_padding()
    {
        using var custody = new Custody();
        var innerFile = Sealed.ToFile(Sealed.Pattern(700), custody.Vault.Recipient);
        for (var lie = innerFile.Length + 1; lie < 5_000; lie++)
        {
            if (Padme.PaddedSize(8 + lie) != 8 + lie) continue;
            using var outerFile = new MemoryStream();
            using var outer = new AgeWriter(outerFile, custody.Auditor.Recipient);
            var length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, lie);
            outer.Write(length);
            outer.Write(innerFile);
            outer.Complete();
            AssertRefused(custody, outerFile.ToArray(), innerFile, outer);
        }
    }

    /// <summary>What was written whole and is read whole, piece by piece and asynchronously: the end is checked there too.</summary>
    [Fact]
    public async Task A_sound_object_reads_asynchronously_to_its_end_again_and_again()
    {
        using var custody = new Custody();
        var file = custody.Seal(Sealed.Pattern(70_000));
        foreach (var source in new Stream[] { new MemoryStream(file), new OnceStream(file) })
        {
            await using var opened = custody.Open(source);
            using var read = new MemoryStream();
            await opened.CopyToAsync(read);
            Sealed.AssertPattern(read.ToArray(), 70_000);
            (await opened.ReadAsync(new byte[10])).ShouldBe(0);
            opened.Read(new byte[10]).ShouldBe(0);
            opened.Read([]).ShouldBe(0);
            opened.Position.ShouldBe(70_000);
        }
        using var inAnother = new OnceStream(file);
        using var once = custody.Open(inAnother);
        Should.Throw<NotSupportedException>(() => once.Length);
        Should.Throw<NotSupportedException>(() => once.Position = 3);
    }

    [Fact]
    public void Padding_that_is_not_zero_or_not_of_Padmé_size_is_refused()
    {
        using var custody = new Custody();
        var innerFile = Sealed.ToFile(Sealed.Pattern(900), custody.Vault.Recipient);
        var padding = (int)(Padme.PaddedSize(8 + innerFile.Length) - 8 - innerFile.Length);
        padding.ShouldBeGreaterThan(0);
        foreach (var tail in new[] { new byte[padding - 1], new byte[padding + 1], [.. new byte[padding - 1], 1] })
        {
            using var outerFile = new MemoryStream();
            using var outer = new AgeWriter(outerFile, custody.Auditor.Recipient);
            var length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, innerFile.Length);
            outer.Write(length);
            outer.Write(innerFile);
            outer.Write(tail);
            outer.Complete();
            AssertRefused(custody, outerFile.ToArray(), innerFile, outer);
        }
    }

    [Fact]
    public void A_plaintext_that_is_not_as_long_as_announced_is_refused()
    {
        using var custody = new Custody();
        foreach (var announced in new[] { 99, 101 })
            Should.Throw<InvalidDataException>(() =>
                CustodySeal.Seal(new MemoryStream(new byte[100]), announced, Stream.Null, custody.Vault.Recipient, custody.Auditor.Recipient));
        Should.Throw<ArgumentException>(() => CustodySeal.Seal(new MemoryStream(), Stream.Null, custody.Vault.Recipient, custody.Vault.Recipient));
    }

    [Fact]
    public void An_outer_file_that_ends_within_the_length_is_refused()
    {
        using var custody = new Custody();
        foreach (var size in new[] { 0, 7 })
        {
            using var outerFile = new MemoryStream();
            using var outer = new AgeWriter(outerFile, custody.Auditor.Recipient);
            outer.Write(new byte[size]);
            outer.Complete();
            AssertRefused(custody, outerFile.ToArray(), Sealed.ToFile("content"u8, custody.Vault.Recipient), outer);
        }
    }

    [Fact]
    public void What_has_no_known_or_no_possible_length_is_not_sealed()
    {
        using var custody = new Custody();
        Should.Throw<ArgumentException>(() => CustodySeal.Seal(new OnceStream(new byte[5]), Stream.Null, custody.Vault.Recipient, custody.Auditor.Recipient)).Message.ShouldContain("length");
        Should.Throw<ArgumentOutOfRangeException>(() => CustodySeal.Seal(new MemoryStream(), -1, Stream.Null, custody.Vault.Recipient, custody.Auditor.Recipient));

        // From where the plaintext stands, not from its beginning.
        using var file = new MemoryStream();
        var seal = CustodySeal.Seal(new MemoryStream(Sealed.Pattern(100)) { Position = 40 }, file, custody.Vault.Recipient, custody.Auditor.Recipient);
        using var outerKey = AgeHeader.Parse(seal.OuterHeader).Unwrap(custody.Auditor);
        using var innerKey = AgeHeader.Parse(seal.InnerHeader).Unwrap(custody.Vault);
        Sealed.ReadAll(CustodySeal.Open(new MemoryStream(file.ToArray()), outerKey, innerKey)).ShouldBe(Sealed.Pattern(60, 40));
    }

    private static void AssertRefused(Custody custody, byte[] file, byte[] innerFile, AgeWriter outer)
    {
        using var outerKey = outer.Header.Unwrap(custody.Auditor);
        using var innerKey = AgeHeader.Read(new MemoryStream(innerFile)).Unwrap(custody.Vault);
        foreach (var open in new Func<Stream>[] { () => new MemoryStream(file), () => new OnceStream(file) })
        {
            var fault = Should.Throw<Exception>(() => Sealed.ReadAll(CustodySeal.Open(open(), outerKey, innerKey)));
            Sealed.IsNamed(fault).ShouldBeTrue(fault.ToString());
            fault = Should.Throw<Exception>(() => CustodySeal.Open(open(), outerKey, innerKey).CopyToAsync(Stream.Null));
            Sealed.IsNamed(fault).ShouldBeTrue(fault.ToString());
        }
    }
}
