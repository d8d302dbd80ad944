namespace Tutelage.Auditor.Reading;

/// <summary>The count of halts as the auditor has read it, and whether one is in force. Immutable.</summary>
/// <remarks>Entries tell it, not the vault's word: a release of another epoch is refused, so that what a halt has ended cannot be released under it or before it.</remarks>
internal sealed record ProgrammeEpoch(long Epoch, bool Halted)
{
    public static ProgrammeEpoch First { get; } = new(0, false);

    /// <summary>Why a release of that epoch may not be read now; null if it may. An epoch never comes back.</summary>
    public string? RefusalOf(long epoch) => Halted ? $"the programme is halted (epoch {Epoch}); no keys are released until it is resumed"
        : epoch < Epoch ? $"the release is of epoch {epoch}, and epoch {Epoch} has begun"
        : null;

    public ProgrammeEpoch Saw(long epoch) => this with { Epoch = epoch };
}
