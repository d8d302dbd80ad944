using FsCheck;
using FsCheck.Fluent;
using Tutelage.Rules.Capture;

namespace Tutelage.Rules.Tests;

public sealed class ManifestTests
{
    internal const string Example = """
        tutelage-manifest: 1
        programme: Practice pilot
        version: 1
        timing-quantum-ms: 50
        hold-minutes: 0
        capture:
          - app: chromium
            site: http://127.0.0.1:4000/expense-form/
            title-suffix: " - Chromium"
            classes: [input, text, elements, frames]
            fields:
              - {role: textbox, name: Merchant, text: keep}
          - app: mousepad
            classes: [input]
        """;

    [Fact]
    public void Yaml_gives_the_manifest_it_describes()
    {
        var manifest = Read(Example);
        manifest.Rules.Count.ShouldBe(2);
        manifest.Rules[0].Site!.ToString().ShouldBe("http://127.0.0.1:4000/expense-form/");
        manifest.Rules[0].Fields.ShouldBe([new FieldRule("textbox", "Merchant", FieldText.Keep)]);
        manifest.OfflineMinutes.ShouldBe(0);
    }

    [Fact]
    public void Signed_bytes_give_the_same_manifest_back()
    {
        var manifest = Read(Example);
        var again = ManifestBytes.Decode(ManifestBytes.Encode(manifest));
        again.Faults.ShouldBeEmpty();
        again.Manifest!.Digest.ShouldBe(manifest.Digest);
    }

    [Fact]
    public void Bytes_that_are_not_canonical_are_refused()
    {
        var bytes = ManifestBytes.Encode(Read(Example));
        ManifestBytes.Decode([.. bytes, (byte)' ']).Manifest.ShouldBeNull();
        ManifestBytes.Decode(System.Text.Encoding.UTF8.GetBytes(Example)).Manifest.ShouldBeNull();
    }

    [Theory]
    [InlineData("programme: Practice pilot", "programm: Practice pilot", "'programm' is not known")]
    [InlineData("    site: http://127.0.0.1:4000/expense-form/\n", "", "is a browser")]
    [InlineData("http://127.0.0.1:4000/expense-form/", "http://*.example/", "without wildcard")]
    [InlineData("http://127.0.0.1:4000/expense-form/", "http://me@tracker.example/", "user name")]
    [InlineData("http://127.0.0.1:4000/expense-form/", "https://www.my-bank.example/", "block list")]
    [InlineData("app: mousepad", "app: keepassxc", "block list")]
    [InlineData("classes: [input]", "classes: [everything]", "is not one of")]
    [InlineData("classes: [input]", "classes: [derived]", "cannot be captured")]
    [InlineData("timing-quantum-ms: 50", "timing-quantum-ms: 0", "from 1 to 1000")]
    [InlineData("version: 1\n", "", "'version' is missing")]
    public void A_fault_is_named(string right, string wrong, string expected)
    {
        var reading = ManifestText.Read(Example.Replace(right, wrong, StringComparison.Ordinal));
        reading.Manifest.ShouldBeNull();
        reading.Faults.ShouldContain(fault => fault.What.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_named_at_once() =>
        ManifestText.Read(Example.Replace("chromium", "keepassxc", StringComparison.Ordinal).Replace("[input]", "[nothing]", StringComparison.Ordinal))
            .Faults.Count.ShouldBeGreaterThanOrEqualTo(2);

    [Fact]
    public void Words_name_every_field_that_is_kept() =>
        ManifestWords.Of(Read(Example)).ShouldContain(line => line.Contains("\"Merchant\" is kept", StringComparison.Ordinal));

    [Fact]
    public void Any_text_is_read_or_refused_without_a_crash() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            var text = Example.ToCharArray();
            for (var change = 0; change < 6; change++) text[random.Next(text.Length)] = (char)random.Next(1, 0x250);
            var reading = ManifestText.Read(new string(text));
            return reading.Manifest is null == reading.Faults.Count > 0;
        }));

    internal static CaptureManifest Read(string yaml)
    {
        var reading = ManifestText.Read(yaml);
        reading.Faults.ShouldBeEmpty();
        return reading.Manifest!;
    }
}
