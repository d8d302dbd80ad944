namespace Tutelage.Ledger;

/// <summary>Which sets of cosigners are enough: nobody, one witness, or K of a group's members (c2sp.org/tlog-policy). Immutable.</summary>
public abstract record WitnessQuorum
{
    private protected WitnessQuorum()
    {
    }

    /// <summary>The log alone is believed; that says nothing against its operator.</summary>
    public static WitnessQuorum None { get; } = new NobodyNeeded();

    public bool IsNone => this is NobodyNeeded;

    public static WitnessQuorum Of(VerifierKey witness) => new OneWitness(witness);

    /// <param name="threshold">1 to the number of members.</param>
    public static WitnessQuorum Group(int threshold, IReadOnlyList<WitnessQuorum> members)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, members.Count);
        return new SomeOf(threshold, members);
    }

    /// <summary>Whether these keys, each of which has cosigned one checkpoint, are enough.</summary>
    public abstract bool IsMetBy(IReadOnlyCollection<VerifierKey> cosigners);

    private sealed record NobodyNeeded : WitnessQuorum
    {
        public override bool IsMetBy(IReadOnlyCollection<VerifierKey> cosigners) => true;
    }

    private sealed record OneWitness(VerifierKey Key) : WitnessQuorum
    {
        public override bool IsMetBy(IReadOnlyCollection<VerifierKey> cosigners) => cosigners.Contains(Key);
    }

    private sealed record SomeOf(int Threshold, IReadOnlyList<WitnessQuorum> Members) : WitnessQuorum
    {
        public override bool IsMetBy(IReadOnlyCollection<VerifierKey> cosigners) => Members.Count(m => m.IsMetBy(cosigners)) >= Threshold;
    }
}
