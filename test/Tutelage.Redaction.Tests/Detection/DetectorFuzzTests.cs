using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tutelage.Redaction.Detection;
using Tutelage.Testing;

namespace Tutelage.Redaction.Tests.Detection;

public sealed class DetectorFuzzTests
{
    private static readonly string[] Pieces =
    [
        "4242", " ", "-", "\n", "@", "example.com", "DE89", "AKIA", "ghp_", "eyJ", ".", "://", ":", "=", "-----BEGIN ", "PRIVATE KEY", "\u200b", "\ud835", "\udfd2", "\u0301", "٤", "Ａ",
        "password", "1", "a", "Z", "+", "00", "/", "::", "é", "\ufeff", "\0", "AAAAAAAAAAAAAAAAAAAAAAAA",
    ];

    [Fact]
    public void Ten_thousand_mixtures_are_scanned_and_every_finding_lies_inside_its_text()
    {
        var random = new System.Random(20261);
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var text = new StringBuilder();
            for (var piece = random.Next(1, 30); piece > 0; piece--) text.Append(Pieces[random.Next(Pieces.Length)]);
            AssertInside(text.ToString());
        }
    }

    [Fact]
    public void Any_string_is_scanned() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<string?>(text => AssertInside(text ?? "")));

    [Fact]
    public void Normalising_twice_changes_nothing() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<string?>(text =>
        {
            var once = NormalisedText.Of(text ?? "").Whole.Text;
            NormalisedText.Of(once).Whole.Text.ShouldBe(once);
        }));

    [Theory]
    [InlineData("@a.a.a.a.a.a.a")]
    [InlineData("0 0 0 0 ")]
    [InlineData("4242")]
    [InlineData("eyJhbGciOi.")]
    [InlineData("password password=")]
    [InlineData("DE8 ")]
    [InlineData("-----BEGIN ")]
    [InlineData("a://b:")]
    [InlineData("1:1:1:")]
    [InlineData("sk-sk-")]
    public void Hostile_repetition_stays_linear(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 200_000 / piece.Length));
        Should.NotThrow(() => TextScan.Find(text));
    }

    /// <summary>Any way of breaking a card number with up to two separators between digits is found.</summary>
    [Fact]
    public void Card_numbers_are_found_however_they_are_spaced()
    {
        var random = new System.Random(7);
        string[] separators = ["", "", " ", "-", "\n", "\u00a0", "\u2013", "\u200b", ". "];
        for (var round = 0; round < 2_000; round++)
        {
            var text = new StringBuilder("no ");
            foreach (var digit in RandomCard(random))
            {
                text.Append(random.Next(4) == 0 ? (char)(digit - '0' + '０') : digit);
                text.Append(separators[random.Next(separators.Length)]);
            }

            TextScan.Find(text + " end").ShouldContain(finding => finding.Kind == FindingKind.PaymentCard, text.ToString());
        }
    }

    internal static string RandomCard(System.Random random)
    {
        var digits = new byte[16];
        digits[0] = 4;
        for (var i = 1; i < 15; i++) digits[i] = (byte)random.Next(10);
        for (byte check = 0; check < 10; check++)
        {
            digits[15] = check;
            if (CheckDigits.Luhn(digits)) break;
        }

        return string.Concat(digits);
    }

    private static void AssertInside(string text)
    {
        foreach (var finding in TextScan.Find(text))
        {
            finding.Start.ShouldBeGreaterThanOrEqualTo(0);
            finding.Length.ShouldBeGreaterThan(0);
            finding.End.ShouldBeLessThanOrEqualTo(text.Length);
        }
    }
}
