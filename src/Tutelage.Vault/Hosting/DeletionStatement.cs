using System.Globalization;
using Tutelage.Identity;

namespace Tutelage.Hosting;

/// <summary>What a deletion reaches; the words are those of statement, entry and database.</summary>
internal static class DeletionScope
{
    public const string Person = "person";
    public const string Objects = "objects";
}

/// <summary>Payload of a statement of kind <c>deletion</c> as it was signed (docs/formats/deletion.md).</summary>
internal sealed record DeletionPayload(string? Tag, string? Scope, IReadOnlyList<string?>? Objects, string? Day, string? Nonce);

/// <summary>A deletion that its person has signed and that says what it should: vault and auditor read it alike.</summary>
/// <param name="Objects">Ids, ascending; none if everything goes.</param>
/// <param name="Statement">The signed text.</param>
internal sealed record SignedDeletion(string Tag, string Scope, IReadOnlyList<string> Objects, SignedStatement Statement)
{
    public const string Kind = "deletion";

    /// <summary>What fits into a statement of 64 KiB; more are several deletions.</summary>
    public const int MostObjects = 1000;

    private const int IdDigits = 32;

    public bool IsOfPerson => Scope == DeletionScope.Person;

    /// <summary>Null, and why, unless <paramref name="person"/> has signed exactly such a deletion of their own.</summary>
    public static SignedDeletion? Read(string text, PublicKey person, string tag, out string fault)
    {
        try
        {
            var statement = SignedStatement.Parse(text);
            fault = $"it is not a statement of kind {Kind} that {person.Id} has signed";
            if (!statement.Verify(person, Kind)) return null;
            var payload = statement.Read<DeletionPayload>();
            fault = FaultOf(payload, tag) ?? "";
            return fault.Length == 0 ? new SignedDeletion(tag, payload.Scope!, [.. payload.Objects!.Select(id => id!)], statement) : null; // FaultOf has seen each of them
        }
        catch (FormatException broken)
        {
            fault = broken.Message;
            return null;
        }
    }

    private static string? FaultOf(DeletionPayload payload, string tag)
    {
        if (payload.Tag != tag) return "it is of somebody else";
        if (payload.Scope is not (DeletionScope.Person or DeletionScope.Objects)) return $"its scope must be {DeletionScope.Person} or {DeletionScope.Objects}";
        if (payload.Objects is not { Count: <= MostObjects } objects) return $"its objects must be a list of at most {MostObjects} ids; sign several deletions";
        if (objects.Count > 0 == (payload.Scope == DeletionScope.Person)) return "it names objects if and only if its scope is objects";
        if (objects.Any(id => !IsHex(id))) return $"an object's id has {IdDigits} lower-case hex digits";
        for (var i = 1; i < objects.Count; i++)
        {
            if (string.CompareOrdinal(objects[i - 1], objects[i]) >= 0) return "its objects must ascend, each once";
        }

        if (!DateOnly.TryParseExact(payload.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) return "its day must be yyyy-MM-dd";
        return IsHex(payload.Nonce) ? null : $"its nonce has {IdDigits} lower-case hex digits";
    }

    private static bool IsHex(string? text) => text is { Length: IdDigits } && text.All(char.IsAsciiHexDigitLower);
}
