namespace Tutelage.Rules.Reaching;

/// <summary>One way of opening: a class of data up to a label, for a purpose.</summary>
public readonly record struct Opening(Purpose Purpose, DataClass Class, Sensitivity Sensitivity);

/// <summary>A set of openings, one bit for each of purposes × classes × sensitivities. <c>default</c> is the empty set.</summary>
/// <remarks>The vocabulary is closed, so the set is exact: there is no opening that it could not hold.</remarks>
public readonly record struct Openings
{
    private static readonly Purpose[] Purposes = Enum.GetValues<Purpose>();
    private static readonly DataClass[] Classes = Enum.GetValues<DataClass>();
    private static readonly Sensitivity[] Sensitivities = Enum.GetValues<Sensitivity>();

    private readonly UInt128 _bits;

    private Openings(UInt128 bits) => _bits = bits;

    public bool IsEmpty => _bits == UInt128.Zero;

    public int Count => (int)UInt128.PopCount(_bits);

    /// <summary>Every combination of these words.</summary>
    public static Openings Of(IEnumerable<Purpose> purposes, IEnumerable<DataClass> classes, IEnumerable<Sensitivity> sensitivities)
    {
        var bits = UInt128.Zero;
        foreach (var purpose in purposes)
            foreach (var kept in classes)
                foreach (var sensitivity in sensitivities) bits |= Bit(new(purpose, kept, sensitivity));
        return new(bits);
    }

    public bool Contains(Opening opening) => (_bits & Bit(opening)) != UInt128.Zero;

    public Openings With(Openings others) => new(_bits | others._bits);

    public Openings Without(Openings others) => new(_bits & ~others._bits);

    public Openings Within(Openings others) => new(_bits & others._bits);

    /// <summary>Its members in the order of the vocabulary.</summary>
    public IEnumerable<Opening> Each()
    {
        foreach (var purpose in Purposes)
            foreach (var kept in Classes)
                foreach (var sensitivity in Sensitivities)
                    if (Contains(new(purpose, kept, sensitivity))) yield return new(purpose, kept, sensitivity);
    }

    /// <summary>No bit for a word that is not in the vocabulary: it is in no set.</summary>
    private static UInt128 Bit(Opening opening)
    {
        var (purpose, kept, sensitivity) = ((uint)opening.Purpose, (uint)opening.Class, (uint)opening.Sensitivity);
        return purpose < Purposes.Length && kept < Classes.Length && sensitivity < Sensitivities.Length
            ? UInt128.One << (int)((purpose * Classes.Length + kept) * Sensitivities.Length + sensitivity)
            : UInt128.Zero;
    }
}
