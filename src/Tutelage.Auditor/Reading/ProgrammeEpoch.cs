using System.Globalization;

namespace Tutelage.Auditor.Reading;

/// <summary>The count of halts as the auditor has read it, and whether one is in force. Immutable.</summary>
/// <remarks>
/// Entries tell it, not the vault's word. Every release names its epoch, and one that is over never comes back. An entry that halts or resumes is learned in
/// <see cref="LedgerReading"/> like any other kind and sets this; it is kept (<see cref="Knowledge"/>) and asked here before a release is read.
/// </remarks>
internal sealed record ProgrammeEpoch(long Epoch, bool Halted)
{
    /// <summary>Where it lies in <see cref="Knowledge"/>.</summary>
    public const string Name = "epoch";

    public static ProgrammeEpoch First { get; } = new(0, false);

    /// <summary>As it is kept: the epoch, and <c>halted</c> behind it where a halt is in force.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Epoch}{(Halted ? " halted" : "")}");

    /// <exception cref="InvalidDataException">Not a text that <see cref="Text"/> gave.</exception>
    public static ProgrammeEpoch Parse(string? text)
    {
        var parts = (text ?? "").Split(' ');
        return long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? new ProgrammeEpoch(epoch, parts is [_, "halted"]) : throw new InvalidDataException($"'{text}' is no epoch of a programme");
    }

    /// <summary>Why a release of that epoch may not be read now; null if it may. An epoch never comes back.</summary>
    public string? RefusalOf(long epoch) => Halted ? $"the programme is halted (epoch {Epoch}); no keys are released until it is resumed"
        : epoch < Epoch ? $"the release is of epoch {epoch}, and epoch {Epoch} has begun"
        : null;

    public ProgrammeEpoch Saw(long epoch) => this with { Epoch = epoch };
}
