using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Releases;

/// <summary>A header of a release was not sealed to this auditor.</summary>
internal sealed class UnopenedHeaderException(string message) : Exception(message);

/// <summary>Outer file keys by whichever month's key they were sealed to, each month opened once.</summary>
/// <param name="months">Newest first.</param>
internal sealed class OuterKeySource(IReadOnlyList<TagIdentity> months) : FileKeySource
{
    private readonly List<AgeIdentity> _open = [.. months.Select(month => month.Open())];

    /// <exception cref="UnopenedHeaderException">To none of them, or its header is none.</exception>
    public override FileKey KeyOf(ReleasedObject released, DataClass name)
    {
        try
        {
            var header = AgeHeader.Parse(released.Header.Files.First(f => f.Class == name).OuterHeader.Span);
            foreach (var month in _open)
            {
                try
                {
                    return header.Unwrap(month);
                }
                catch (NoMatchingIdentityException)
                {
                    // Sealed in another month: try the one before.
                }
            }
        }
        catch (AgeFormatException)
        {
            // Said below: a header that is none was sealed to nobody.
        }

        throw new UnopenedHeaderException($"object {released.Header.ObjectId}, {Spelling.Of(name)}: its outer header is not sealed to this auditor");
    }

    public override void Dispose()
    {
        foreach (var month in _open) month.Dispose();
    }
}
