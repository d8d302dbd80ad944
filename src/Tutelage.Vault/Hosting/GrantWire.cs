using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Rules.Grants;

namespace Tutelage.Hosting;

/// <summary>A grant request as it stands on the wire and in entries: snake_case members, words of the closed vocabulary.</summary>
internal sealed record GrantWire(
    string? Purpose, IReadOnlyList<string>? Classes, IReadOnlyList<string>? Tags, string? Job, string? Dataset, string? Holder, string? HolderRecipient, int Minutes, string? Format = null, int? Keys = null)
{
    public static GrantWire Of(GrantRequest request) => new(
        Spelling.Of(request.Purpose), [.. request.Classes.Order().Select(Spelling.Of)], [.. request.Tags.Order(StringComparer.Ordinal)], Spelling.Of(request.Job),
        request.DataSet, request.Holder, request.HolderRecipient, request.Minutes, request.Format is { } format ? Spelling.Of(format) : null, request.Keys);

    public static GrantRequest? Read(JsonElement element) => Wire.Read<GrantWire>(JsonSerializer.SerializeToUtf8Bytes(element))?.Check(out _);

    /// <summary>The request in the vocabulary, or which word is none of it.</summary>
    public GrantRequest? Check(out string fault)
    {
        fault = "";
        if (!Spelling.TryRead<Purpose>(Purpose, out var purpose)) fault = $"purpose must be one of {Spelling.All<Purpose>()}";
        else if (!Spelling.TryRead<JobKind>(Job, out var job)) fault = $"job must be one of {Spelling.All<JobKind>()}";
        else if (Format is not null && !Spelling.TryRead<ExportFormat>(Format, out _)) fault = $"format must be one of {Spelling.All<ExportFormat>()}";
        else if (Tags is not { Count: <= 1000 } || Tags.Any(t => t is null)) fault = "tags must be a list of at most 1000 tags";
        else if (new[] { Dataset, Holder, HolderRecipient }.Any(text => text is { Length: > 512 })) fault = "dataset, holder and holder_recipient have at most 512 characters";
        else
        {
            var classes = new List<DataClass>();
            foreach (var name in Classes ?? [])
            {
                if (Spelling.TryRead<DataClass>(name, out var read)) classes.Add(read.Value);
                else
                {
                    fault = $"classes must be of {Spelling.All<DataClass>()}";
                    return null;
                }
            }

            return new GrantRequest(purpose.Value, classes, Tags, job.Value, Dataset, Holder, HolderRecipient, Minutes) 
            {
                Format = Spelling.TryRead<ExportFormat>(Format, out var format) ? format : null, Keys = Keys ?? GrantRules.KeysUnlessSaid,
            };
        }

        return null;
    }
}
