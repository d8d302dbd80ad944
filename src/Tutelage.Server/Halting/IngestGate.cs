using Tutelage.Rules.Objects;
using Tutelage.Server.Requests;

namespace Tutelage.Server.Halting;

/// <summary>Whether an object may come in: by the epoch in its signed header, and by what vault and auditor have signed a moment ago. Never by a client's clock.</summary>
internal sealed class IngestGate(ProgrammeWatch watch)
{
    /// <summary>Asked before the body is read, and once more before the object becomes one: a halt in between keeps it out.</summary>
    /// <returns>Null if it may.</returns>
    public Refusal? Refuse(ObjectHeader header)
    {
        if (watch.State is not { } state)
            return new(503, "no-word", $"vault and auditor have not both said within {ProgrammeWatch.FreshFor.TotalSeconds:0} s that the programme goes on; keep what you hold and send again later (the operator finds their ages in /v1/status)");
        if (!state.MayIngest) return new(503, "halted", "the programme is halted; keep what you hold and send again when it has been resumed");
        return state.Admits(header.Epoch)
            ? null
            : new(403, "other-epoch", $"object {header.ObjectId} is of epoch {header.Epoch}; taken are epochs {state.AdmittedFrom} to {state.Epoch}, as two people signed after the halt. It stays where it is, for its owner to keep or discard");
    }
}
