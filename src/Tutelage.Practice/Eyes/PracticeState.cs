using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutelage.Practice.Eyes;

/// <summary><c>window.practice</c> as a page shows it (docs/formats/practice.md).</summary>
/// <param name="State"><c>ready</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</param>
public sealed record PracticeState(
    string Task, int Seed, string Variant, string Instruction, long LimitMs, string State, string? Reason, string? Next, IReadOnlyList<ExpectedStep> Expected)
{
    [JsonIgnore]
    public bool IsOver => State is "done" or "failed";

    internal static PracticeState Parse(string json) =>
        JsonSerializer.Deserialize<PracticeState>(json, s_json) ?? throw new PageFaultException("the page shows no practice state");

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
}

/// <summary>One step of the way that the page itself proposes, for synthetic participants only.</summary>
/// <param name="Kind"><c>click hover type select choose reach key edit drag slide</c>.</param>
/// <param name="Selector">CSS selector of the element.</param>
/// <param name="Text">What to type.</param>
/// <param name="Commit">Key that ends the typing.</param>
/// <param name="Focused">The element has the focus already when the step begins.</param>
/// <param name="Protected">The text is a secret by its field.</param>
/// <param name="Plant">Id of the plant that is typed.</param>
/// <param name="Option">Option to choose.</param>
/// <param name="Options">All options of a native select, in order.</param>
/// <param name="List">Selector of a custom list that can scroll.</param>
/// <param name="OptionSelector">Selector of the option in a custom list.</param>
/// <param name="Keys">Keys in the browser's spelling: one after the other for <c>reach</c>, together for <c>key</c>.</param>
/// <param name="Editor">Selector of the field that <c>edit</c> opens.</param>
/// <param name="To">Selector of the place to drop on.</param>
/// <param name="Track">Selector of a slider's track.</param>
/// <param name="Fraction">Place on the track, 0 left to 1 right.</param>
public sealed record ExpectedStep(
    string Kind, string Selector, string? Text = null, string? Commit = null, bool Focused = false, bool Protected = false, string? Plant = null, string? Option = null,
    IReadOnlyList<string>? Options = null, string? List = null, string? OptionSelector = null, IReadOnlyList<string>? Keys = null, string? Editor = null, string? To = null,
    string? Track = null, double? Fraction = null);
