namespace Tutelage.Vault;

/// <summary>Everything the vault logs. Ids and counts; never captured content, never a key, never a name.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "the auditor does not follow: {Reason}; entries from {Next} on wait")]
    public static partial void AuditorBehind(this ILogger logger, string reason, long next);

    [LoggerMessage(2, LogLevel.Information, "grant {Grant}: run ended, {Outcome}")]
    public static partial void RunEnded(this ILogger logger, string grant, string outcome);

    [LoggerMessage(3, LogLevel.Error, "grant {Grant}: run failed with {Fault}")]
    public static partial void RunFailed(this ILogger logger, string grant, string fault);

    [LoggerMessage(4, LogLevel.Critical, "the log cannot be written ({Fault}); the vault ends so that a restart reads what is there")]
    public static partial void LogUnknown(this ILogger logger, string fault);

    [LoggerMessage(5, LogLevel.Information, "job of grant {Grant}: {Line}")]
    public static partial void JobSaid(this ILogger logger, string grant, string line);

    [LoggerMessage(6, LogLevel.Warning, "the database was older than the log: {Entries} entries after {Before} came from the auditor, {Tombstones} tombstones were replayed, {People} people who enrolled since have no keys any more")]
    public static partial void CaughtUp(this ILogger logger, long before, long entries, int tombstones, int people);

    [LoggerMessage(7, LogLevel.Information, "the deletion of entry {Entry} is carried out: the server removed {Objects} objects")]
    public static partial void Deleted(this ILogger logger, long entry, long objects);

    [LoggerMessage(8, LogLevel.Warning, "a deletion is not carried out everywhere yet ({Reason}); its keys are gone, and it is tried again")]
    public static partial void DeletionPending(this ILogger logger, string reason);

    [LoggerMessage(20, LogLevel.Information, "keys are under key epoch {Epoch} now; the oldest that opens is {Oldest}")]
    public static partial void KeysRotated(this ILogger logger, long epoch, long oldest);

    [LoggerMessage(21, LogLevel.Error, "the keys could not be wrapped anew ({Fault}); everything opens as before, and it is tried again (escrow copy: {Escrow})")]
    public static partial void RotationFailed(this ILogger logger, string fault, string escrow);

    [LoggerMessage(22, LogLevel.Warning, "{Folder} has too long a path for a socket: keystore commands need the vault ended")]
    public static partial void NoKeystoreSocket(this ILogger logger, string folder);
}
