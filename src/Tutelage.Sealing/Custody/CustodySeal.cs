namespace Tutelage.Sealing;

/// <summary>What <see cref="CustodySeal.Seal(Stream,Stream,AgeRecipient,AgeRecipient)"/> wrote.</summary>
/// <param name="SizeBytes">Of the whole sealed file.</param>
/// <param name="Sha256">Of the whole sealed file.</param>
/// <param name="OuterHeader">age header wrapped to the auditor; also the first bytes of the file.</param>
/// <param name="InnerHeader">age header wrapped to the vault; also inside the file.</param>
public sealed record SealedFile(long SizeBytes, byte[] Sha256, byte[] OuterHeader, byte[] InnerHeader);

/// <summary>age inside age: opening takes the vault's key and the auditor's.</summary>
public static class CustodySeal
{
    /// <summary>Seals from the plaintext's position to its end; <paramref name="plaintext"/> must be seekable.</summary>
    public static SealedFile Seal(Stream plaintext, Stream destination, AgeRecipient vault, AgeRecipient auditor) => throw new NotImplementedException();

    /// <summary>Seals exactly <paramref name="lengthBytes"/> bytes of a stream that cannot seek.</summary>
    public static SealedFile Seal(Stream plaintext, long lengthBytes, Stream destination, AgeRecipient vault, AgeRecipient auditor) => throw new NotImplementedException();

    public static Stream Open(Stream sealedFile, FileKey outer, FileKey inner) => throw new NotImplementedException();
}
