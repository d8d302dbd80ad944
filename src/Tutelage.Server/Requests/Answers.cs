using System.Text.Json.Serialization;
using Tutelage.Server.Datasets;
using Tutelage.Server.Deletions;
using Tutelage.Server.Ingest;
using Tutelage.Server.Reading;
using Tutelage.Server.Store;

namespace Tutelage.Server.Requests;

/// <summary>What every answer carries, and what becomes of a fault that no slice expected.</summary>
internal static class Answers
{
    public static void UseAnswers(this WebApplication app) => app.Use(async (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            var refusal = fault switch
            {
                _ when DiskFull.Is(fault) => Refusal.DiskFull(),
                BadHttpRequestException bad => new Refusal(bad.StatusCode, "bad-request", "the request is not HTTP as it should be, or its body ended early"),
                _ => new Refusal(500, "fault", "a fault of the server; the operator finds its type in the log"),
            };
            if (refusal.Status == 500) context.RequestServices.GetRequiredService<ILogger<Refusal>>().Faulted(fault.GetType().Name);
            await refusal.ExecuteAsync(context);
        }
    });
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReadyLine))]
[JsonSerializable(typeof(RefusalBody))]
[JsonSerializable(typeof(StoredAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(ObjectList))]
[JsonSerializable(typeof(DatasetAnswer))]
[JsonSerializable(typeof(DatasetRecord))]
[JsonSerializable(typeof(DatasetPayload))]
[JsonSerializable(typeof(DeletionRequest))]
[JsonSerializable(typeof(DeletionAnswer))]
internal sealed partial class ServerJson : JsonSerializerContext;

/// <param name="Ingest"><c>open</c>, <c>halted</c>, or <c>no-word</c>: no fresh word of vault and auditor.</param>
/// <param name="VaultWordMs">Since the vault's newest word was asked for.</param>
internal sealed record StatusAnswer(string Service, string Version, string State, string Vault, string Ingest, long? Epoch, long? VaultWordMs, long? AuditorWordMs);
