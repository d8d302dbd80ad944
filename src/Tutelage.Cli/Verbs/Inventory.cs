using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Rules;
using Tutelage.Rules.Access;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Reaching;

namespace Tutelage.Cli.Verbs;

/// <summary>Data sets and who is enrolled, from a JSON file (docs/formats/rules.md). Where nobody is listed as enrolled, everybody is whom the rules name.</summary>
internal sealed class Inventory
{
    private const long MaxBytes = 256 << 20;

    private static readonly JsonSerializerOptions Strict = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 8 };

    private readonly IReadOnlyList<Person> _people;

    private Inventory(IReadOnlyList<Person> people, IReadOnlyList<DataSetLabel> dataSets) => (_people, DataSets) = (people, dataSets);

    public IReadOnlyList<DataSetLabel> DataSets { get; }

    /// <exception cref="VerbFailedException">The file is not as docs/formats/rules.md says.</exception>
    public static Inventory Read(string path, RuleSet rules)
    {
        try
        {
            var file = JsonSerializer.Deserialize<InventoryFile>(RulesFile.ReadText(path, MaxBytes), Strict);
            if (file?.Datasets is not { } listed) throw new VerbFailedException($"{path} has no 'datasets'", "such as {\"datasets\":[{\"id\":\"d1\",\"class\":\"derived\",\"sensitivity\":\"personal\",\"persons\":[]}]}");
            var dataSets = listed.Select(entry => new DataSetLabel(
                entry.Id ?? throw new VerbFailedException($"{path}: a data set has no id"), Options.Word<DataClass>($"{path}: class", entry.Class ?? ""),
                entry.Sensitivity is { } label ? Options.Word<Sensitivity>($"{path}: sensitivity", label) : null, entry.Persons ?? [])).ToList();
            var people = file.People?.Select(entry => new Person(entry.Key ?? "", Options.Word<Role>($"{path}: role", entry.Role ?? ""), entry.Tag)) ?? rules.People.Select(person => new Person(person.KeyId, person.Role, null));
            return new([.. people], dataSets);
        }
        catch (JsonException broken)
        {
            throw new VerbFailedException($"{path} is not a list of data sets: {broken.Message}", "docs/formats/rules.md shows one");
        }
    }

    public StandingReach Under(RuleReach reach) => StandingReach.Of(reach.Rules, reach.State, _people, DataSets);

    private sealed record InventoryFile(IReadOnlyList<EnrolledEntry>? People, IReadOnlyList<DataSetEntry>? Datasets);

    private sealed record EnrolledEntry(string? Key, string? Role, string? Tag);

    private sealed record DataSetEntry(string? Id, string? Class, string? Sensitivity, IReadOnlyList<string>? Persons);
}
