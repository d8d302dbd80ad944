using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Rules.Grants;

namespace Tutelage.Cli.Programme;

/// <summary>A grant as the vault tells of it.</summary>
/// <param name="EndsAt">Unix seconds; null while too few have approved.</param>
internal sealed record ListedGrant(
    string Grant, string State, string Requester, string Effect, string EffectSha256, GrantText Request, int Approvals, IReadOnlyList<string> Approvers, long? EndsAt)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = false };

    public static IReadOnlyList<ListedGrant> Read(JsonElement answer)
    {
        try
        {
            return answer.GetProperty("grants").Deserialize<List<ListedGrant>>(Json) ?? [];
        }
        catch (Exception odd) when (odd is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("the vault's list of grants cannot be read; is it of the same version?", odd);
        }
    }

    /// <summary>True if the words and the digest that the vault shows are really those of the request, worked out here from its parts.</summary>
    public bool SaysWhatItDoes() =>
        Request.Check() is { } request && request.Effect(Grant, Requester) == Effect && Convert.ToHexStringLower(request.EffectDigest(Grant, Requester)) == EffectSha256;
}

/// <summary>A grant request in the words of the wire.</summary>
internal sealed record GrantText(
    string Purpose, IReadOnlyList<string> Classes, IReadOnlyList<string> Tags, string Job, string? Dataset, string? Holder, string? HolderRecipient, int Minutes, string? Format)
{
    /// <summary>Null if a word is none of the vocabulary.</summary>
    public GrantRequest? Check()
    {
        if (!Spelling.TryRead<Purpose>(Purpose, out var purpose) || !Spelling.TryRead<JobKind>(Job, out var job)) return null;
        ExportFormat? format = null;
        if (Format is not null && !Spelling.TryRead(Format, out format)) return null;
        var classes = new List<DataClass>();
        foreach (var word in Classes)
        {
            if (!Spelling.TryRead<DataClass>(word, out var read)) return null;
            classes.Add(read.Value);
        }
        return new(purpose.Value, classes, Tags, job.Value, Dataset, Holder, HolderRecipient, Minutes) { Format = format };
    }
}
