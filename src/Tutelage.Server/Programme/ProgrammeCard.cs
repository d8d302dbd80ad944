using Tutelage.Server.Requests;
using Tutelage.Server.Store;

namespace Tutelage.Server.Programme;

/// <summary><c>GET /v1/programme</c>: what everybody may know of the programme (docs/formats/programme.md), as the operator laid it into the data folder.</summary>
/// <remarks>The server adds no trust to it: whoever enrols checks the steward's signature and that the vault is the one it names.</remarks>
internal static class ProgrammeCard
{
    public const string FileName = "programme.json";

    /// <summary>docs/formats/programme.md.</summary>
    public const int MaxBytes = 1 << 20;

    public static void MapProgramme(this WebApplication app) => app.MapGet("/v1/programme", (ObjectStore store) =>
        Path.Combine(store.Layout.Root, FileName) is var path && File.Exists(path)
            ? Results.File(path, "application/json")
            : new Refusal(404, "no-programme", "no programme is described here yet"));
}
