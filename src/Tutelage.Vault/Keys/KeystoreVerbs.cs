using System.Text.Json;
using Tutelage.Hosting;

namespace Tutelage.Vault.Keys;

/// <summary>What is asked of a key store. Layout of both directions: docs/formats/keys.md.</summary>
/// <param name="Folder">Of a backup.</param>
internal sealed record KeystoreRequest(string? Verb, string? Folder);

/// <summary>Verbs on an opened key store; answers are lines of JSON, the last one <c>{result}</c> or <c>{error}</c>.</summary>
internal sealed class KeystoreVerbs(KeyStore keys, VaultKeys vault, TimeProvider time, Func<IReadOnlyList<Unprotected>> more)
{
    public const string Failed = "failed";
    public const string Dark = "dark";
    public const string Doubtful = "doubtful";
    public const string WrongVerb = "wrong-verb";

    /// <summary>Runs to the end; what goes wrong is the last line.</summary>
    public void Run(KeystoreRequest request, Action<string> onLine, CancellationToken cancellation)
    {
        try
        {
            var faults = new List<string>();
            object? result = request switch
            {
                { Verb: "status" } => KeystoreStatus.Of(keys, more()),
                { Verb: "rotate" } => Rotate(),
                { Verb: "backup", Folder: { Length: > 0 } folder } => KeyBackup.Make(keys, vault, folder, time, Stage, cancellation),
                { Verb: "rehearse" } => KeyRehearsal.Run(keys, vault, time, Stage, faults, cancellation),
                _ => throw new FormatException($"'{request.Verb}' is no verb of a key store, or lacks its folder"),
            };
            onLine(faults.Count > 0 ? Error(Doubtful, string.Join("; ", faults)) : Line(new { result }));
        }
        catch (FormatException wrong)
        {
            onLine(Error(WrongVerb, wrong.Message));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException or OperationCanceledException)
        {
            onLine(Error(Failed, broken.Message));
        }

        object Rotate()
        {
            var before = keys.Ring.Current.Number;
            var epoch = keys.Rotate();
            return new { Epoch = epoch, Before = before, Oldest = keys.Ring.Epochs[0].Number, Keys = keys.Rows.CountByEpoch().Values.Sum(), keys.Unopened };
        }

        void Stage(string stage, long done, long total) => onLine(Line(new { stage, done, total }));
    }

    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Wire.Json);

    public static string Error(string code, string message) => Line(new { error = new { code, message } });
}
