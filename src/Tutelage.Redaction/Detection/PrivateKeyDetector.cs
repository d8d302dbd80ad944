namespace Tutelage.Redaction.Detection;

/// <summary>Private keys in text armour (RFC 7468, OpenSSH, PGP), up to their end line or the end of the text.</summary>
internal sealed class PrivateKeyDetector : Detector
{
    private const string Begin = "-----BEGIN ";
    private const string Marker = "PRIVATE KEY";
    private const string End = "-----END ";

    public override void Find(NormalisedText text, ICollection<Finding> findings)
    {
        Scan(text.Whole, Begin, Marker, End, findings);
        if (text.Squeezed.Text.Length != text.Whole.Text.Length) Scan(text.Squeezed, "-----BEGIN", "PRIVATEKEY", "-----END", findings);
    }

    private static void Scan(TextView view, string begin, string marker, string end, ICollection<Finding> findings)
    {
        var text = view.Text;
        for (var at = 0; (at = text.IndexOf(begin, at, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            var title = text.AsSpan(at, Math.Min(text.Length - at, 64));
            if (title.Contains(marker, StringComparison.OrdinalIgnoreCase))
            {
                var close = text.IndexOf(end, at + begin.Length, StringComparison.OrdinalIgnoreCase);
                var stop = close < 0 ? text.Length : Math.Min(text.Length, close + 64);
                findings.Add(view.Finding(FindingKind.PrivateKey, at, stop - at, "private-key"));
                at = stop;
            }
            else at += begin.Length;
        }
    }
}
