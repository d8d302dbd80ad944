using System.Text.Json;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Auditor.Halting;

/// <summary>What the entries tell of halts and resumes: epoch, stage, and who halted. Pure; rebuilt by reading again.</summary>
/// <remarks>An entry that goes on without two right signatures, or a release while something is halted, is refused: a vault that writes one has stopped itself.</remarks>
internal sealed class HaltReading
{
    /// <summary>Where it lies in <see cref="Knowledge"/>.</summary>
    public const string Name = "halting";

    public ProgrammeStanding State { get; private set; } = ProgrammeStanding.Beginning;

    /// <summary>As it is kept with the entries that it comes from.</summary>
    public string Text => JsonSerializer.Serialize(new Kept(State.Epoch, Spelling.Of(State.Stage), State.AdmittedFrom, LastHalt?.Statement, LastHalt is { } halt ? Spelling.Of(halt.Role) : null), Wire.Json);

    /// <param name="text">What <see cref="Text"/> gave; null before the first entry.</param>
    /// <exception cref="InvalidDataException">It did not.</exception>
    public static HaltReading Parse(string? text)
    {
        if (text is null) return new HaltReading();
        if (Wire.Read<Kept>(System.Text.Encoding.UTF8.GetBytes(text)) is not { } kept || new StateWords("", kept.Epoch, kept.Stage, kept.AdmittedFrom, "", null).Read() is not { } state)
            throw new InvalidDataException($"'{text}' is no state of a programme");
        return new HaltReading { State = state, LastHalt = kept.Statement is { } statement && Spelling.TryRead<Role>(kept.Role, out var role) ? (statement, role.Value) : null };
    }

    /// <summary>The last halt's statement, and the role of whoever signed it.</summary>
    public (string Statement, Role Role)? LastHalt { get; private set; }

    public (Action? Learn, string Fault) Halted(EntryBody entry, Func<string, KnownPerson?> personOf)
    {
        var text = entry.Text("statement");
        if (HaltStatement.Read(System.Text.Encoding.UTF8.GetBytes(text), id => personOf(id)?.Key) is not { } halt || personOf(halt.Key.Id) is not { } person || person.Key.Id != entry.Text("by"))
            return (null, "a halt that nobody known has signed");
        if (HaltRules.Refusal(State, halt.Words, person.ForRules) is { } refusal) return (null, refusal);
        var after = State.After(halt.Words);
        if (HaltRules.IsOld(State, halt.Words) || after == State || entry.Members.GetProperty("epoch").GetInt64() != after.Epoch) return (null, $"the halt does not lead from epoch {State.Epoch} to the one that the entry names");
        return (() => (State, LastHalt) = (after, (text, person.Role)), "");
    }

    public (Action? Learn, string Fault) Resumed(EntryBody entry, Func<string, KnownPerson?> personOf)
    {
        var signed = entry.Members.GetProperty("statements").EnumerateArray()
            .Select(text => ResumeStatement.Read(System.Text.Encoding.UTF8.GetBytes(text.GetString() ?? ""), id => personOf(id)?.Key)).ToList();
        if (signed is not [{ } one, { } other]) return (null, "a resume has two signatures of people known");
        if (Faults(State, one, other, personOf, LastHalt?.Role ?? Role.Steward) is { Count: > 0 } faults) return (null, string.Join("; ", faults));
        if (entry.Members.GetProperty("epoch").GetInt64() != one.Words.Epoch || entry.Text("stage") != one.Words.Stage || entry.Members.GetProperty("admitted_from").GetInt64() != one.Words.AdmittedFrom
            || entry.Text("checks_sha256") != one.Words.ChecksSha256)
            return (null, "the entry says another effect than was signed");
        var reached = HaltRules.Next(State) ?? Stage.Release; // Faults found one
        return (() => State = State.After(one.Words, reached), "");
    }

    /// <summary>Why a release may not stand here; null if it may.</summary>
    public string? RefusalOfRelease(long epoch) =>
        !State.MayRelease ? $"a release while the programme is {Spelling.Of(State.Stage)} in epoch {State.Epoch}" : epoch == State.Epoch ? null : $"a release of epoch {epoch} in epoch {State.Epoch}";

    public static IReadOnlyList<string> Faults(ProgrammeStanding state, ResumeStatement one, ResumeStatement other, Func<string, KnownPerson?> personOf, Role haltedBy)
    {
        if (one.Words != other.Words) return ["the two have signed different effects"];
        if (personOf(one.Key.Id) is not { } first || personOf(other.Key.Id) is not { } second) return ["one of the two is nobody that the entries tell of"];
        return [.. HaltRules.Faults(state, one.Words), .. HaltRules.FaultsOfPair(first.ForRules, second.ForRules, haltedBy)];
    }

    private sealed record Kept(long Epoch, string Stage, long AdmittedFrom, string? Statement, string? Role);
}
