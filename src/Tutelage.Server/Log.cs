namespace Tutelage.Server;

/// <summary>Everything this process logs. Ids, counts and codes; no tags, no bytes of clients, and nothing when an object comes: who keeps the log with times would keep everybody's hours.</summary>
internal static partial class Log
{
    [LoggerMessage(2, LogLevel.Information, "request refused: {Error} ({Status})")]
    public static partial void Refused(this ILogger log, string error, int status);

    [LoggerMessage(3, LogLevel.Error, "request failed: {FaultType}")]
    public static partial void Faulted(this ILogger log, string faultType);

    [LoggerMessage(4, LogLevel.Information, "data set {DatasetId} recorded")]
    public static partial void Recorded(this ILogger log, string datasetId);

    [LoggerMessage(5, LogLevel.Information, "the vault had {Objects} objects of somebody removed")]
    public static partial void Deleted(this ILogger log, long objects);
}
