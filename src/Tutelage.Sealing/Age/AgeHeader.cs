namespace Tutelage.Sealing;

/// <summary>An age v1 header: who may open the file.</summary>
public sealed class AgeHeader
{
    /// <summary>The header as it stands in the file, version line to the line feed after the MAC.</summary>
    public ReadOnlyMemory<byte> Bytes => throw new NotImplementedException();

    /// <summary>Reads a header and nothing after it.</summary>
    /// <exception cref="AgeFormatException">Not an age header.</exception>
    public static AgeHeader Read(Stream source) => throw new NotImplementedException();
    public static Task<AgeHeader> ReadAsync(Stream source, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public static AgeHeader Parse(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <exception cref="NoMatchingIdentityException">No stanza is for this identity.</exception>
    /// <exception cref="AgeFormatException">A stanza is not allowed, or the MAC is wrong.</exception>
    public FileKey Unwrap(AgeIdentity identity) => throw new NotImplementedException();
}
