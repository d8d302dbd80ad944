namespace Tutelage.Redaction.Detection;

/// <summary>What sort of secret or personal text a detector found.</summary>
public enum FindingKind
{
    PaymentCard, Iban, EmailAddress, PhoneNumber, VendorToken, PrivateKey, HighEntropy, UrlCredentials, NationalId, NetworkAddress, BirthDate,

    /// <summary>Seen as a secret earlier in the session.</summary>
    Remembered,
}

/// <summary>A stretch of the text that was given, in its own UTF-16 positions.</summary>
/// <param name="Detector">Which detector, or which row of its table, found it.</param>
public readonly record struct Finding(FindingKind Kind, int Start, int Length, string Detector)
{
    public int End => Start + Length;
}
