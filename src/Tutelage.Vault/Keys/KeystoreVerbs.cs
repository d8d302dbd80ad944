using System.Text.Json;
using Tutelage.Hosting;

namespace Tutelage.Vault.Keys;

/// <summary>What is asked of a key store. Layout of both directions: docs/formats/keys.md.</summary>
/// <param name="Folder">Of a backup.</param>
internal sealed record KeystoreRequest(string? Verb, string? Folder);

/// <summary>Verbs on an opened key store; answers are lines of JSON, the last one <c>{result}</c> or <c>{error}</c>.</summary>
/// <param name="record">Null where nothing can be told: then status alone may be asked.</param>
internal sealed class KeystoreVerbs(KeyStore keys, VaultKeys vault, KeystoreRecord? record, TimeProvider time, Func<IReadOnlyList<Unprotected>> more)
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
                { Verb: "backup", Folder: { Length: > 0 } folder } => Backup(folder),
                { Verb: "rehearse" } => Rehearse(faults),
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
            record?.TellRotation(keys.Ring);
            return new { Epoch = epoch, Before = before, Oldest = keys.Ring.Epochs[0].Number, Keys = keys.Rows.CountByEpoch().Values.Sum(), keys.Unopened };
        }

        BackupCard Backup(string folder)
        {
            KeyBackup.RefuseUsed(folder);
            record?.Tell(KeystoreRecord.BackedUp, keys.Ring.Current.Number);
            return KeyBackup.Make(keys, vault, folder, time, Stage, cancellation);
        }

        RestoredKeys? Rehearse(List<string> faults)
        {
            var restored = KeyRehearsal.Run(keys, vault, time, Stage, faults, cancellation);
            if (restored is { Probe: true } && restored.Opened == restored.Keys) record?.Tell(KeystoreRecord.Rehearsed, restored.KeyEpoch);
            return restored;
        }

        void Stage(string stage, long done, long total) => onLine(Line(new { stage, done, total }));
    }

    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Wire.Json);

    public static string Error(string code, string message) => Line(new { error = new { code, message } });
}
