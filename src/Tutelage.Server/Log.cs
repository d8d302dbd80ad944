namespace Tutelage.Server;

/// <summary>Everything this process logs. Ids, counts and codes; no tags, no bytes of clients.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "object {ObjectId} stored ({SizeBytes} bytes)")]
    public static partial void Stored(this ILogger log, string objectId, long sizeBytes);

    [LoggerMessage(2, LogLevel.Information, "request refused: {Error} ({Status})")]
    public static partial void Refused(this ILogger log, string error, int status);

    [LoggerMessage(3, LogLevel.Error, "request failed: {FaultType}")]
    public static partial void Faulted(this ILogger log, string faultType);

    [LoggerMessage(4, LogLevel.Information, "data set {DatasetId} recorded")]
    public static partial void Recorded(this ILogger log, string datasetId);

    [LoggerMessage(5, LogLevel.Information, "the vault had {Objects} objects of somebody removed")]
    public static partial void Deleted(this ILogger log, long objects);
}
