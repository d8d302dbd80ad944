using System.Text;
using Tutelage.Rules.Access;
using Tutelage.Rules.Capture;
using Tutelage.Rules.Change;
using Tutelage.Rules.Objects;

namespace Tutelage.Rules.Tests;

/// <summary>Bytes that every later version MUST write and read the same. <c>TUTELAGE_MAKE_VECTORS=1</c> writes new ones, for a new format version only.</summary>
public sealed class VectorTests
{
    private static readonly ObjectHeader Segment = new(
        "0123456789abcdef0123456789abcdef", ObjectKind.Segment, "fedcba9876543210fedcba9876543210", 7, "tutelage-redaction-1", new('5', 64), "abcDEF-_1",
        [
            new(DataClass.Input, 1152, Pattern(32), Pattern(40), Pattern(24)),
            new(DataClass.Frames, 9_437_184, Pattern(32), Pattern(41), Pattern(25)),
        ]);

    private static readonly ObjectHeader Export = Segment with
    {
        Kind = ObjectKind.Export, Tag = "holderKeyId-_1234567890", Epoch = 0, Manifest = "", Files = [new(DataClass.Derived, 64, Pattern(32), default, Pattern(33))],
    };

    [Fact]
    public void Headers_have_the_committed_bytes()
    {
        Same("header-segment.json", HeaderBytes.Encode(Segment));
        Same("header-export.json", HeaderBytes.Encode(Export));
    }

    [Theory]
    [InlineData("header-segment.json")]
    [InlineData("header-export.json")]
    public void Committed_headers_are_read_to_their_own_bytes(string name)
    {
        HeaderBytes.TryDecode(Committed(name), out var header, out var fault).ShouldBeTrue(fault);
        HeaderBytes.Encode(header!).ShouldBe(Committed(name));
    }

    [Fact]
    public void A_manifest_has_the_committed_bytes()
    {
        Same("manifest.yaml", Encoding.UTF8.GetBytes(ManifestTests.Example + "\n"));
        var manifest = ManifestText.Read(Encoding.UTF8.GetString(Committed("manifest.yaml")));
        Same("manifest.json", ManifestBytes.Encode(manifest.Manifest!));
        ManifestBytes.Encode(ManifestBytes.Decode(Committed("manifest.json")).Manifest!).ShouldBe(Committed("manifest.json"));
    }

    [Fact]
    public void Rules_and_their_change_have_the_committed_bytes()
    {
        Same("rules.yaml", Encoding.UTF8.GetBytes(ExampleRules.Text + "\n"));
        var rules = RuleText.Read(Encoding.UTF8.GetString(Committed("rules.yaml"))).Rules!;
        Same("rules.json", RuleBytes.Encode(rules));
        RuleBytes.Encode(RuleBytes.Decode(Committed("rules.json")).Rules!).ShouldBe(Committed("rules.json"));
        Same("rule-change.json", RuleChange.Statement(RuleDiff.Between(rules, ExampleRules.Next("allow: Cleo Marsh", "allow: [Cleo Marsh, Dan Roy]"))));
    }

    private static void Same(string name, byte[] bytes)
    {
        if (Environment.GetEnvironmentVariable("TUTELAGE_MAKE_VECTORS") == "1")
            File.WriteAllBytes(Path.Combine(Testing.SharedFolder.Repository, "test", "Tutelage.Rules.Tests", "Vectors", name), bytes);
        else bytes.ShouldBe(Committed(name), name);
    }

    private static byte[] Committed(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name));

    private static byte[] Pattern(int length) => Enumerable.Range(0, length).Select(index => (byte)(index * 7 + length)).ToArray();
}
