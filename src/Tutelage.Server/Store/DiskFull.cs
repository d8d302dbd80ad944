using Microsoft.Data.Sqlite;

namespace Tutelage.Server.Store;

/// <summary>Tells "no space left" from every other failure: the caller answers 507 and the client tries again later.</summary>
internal static class DiskFull
{
    private const int NoSpace = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT
    private const int FileTooLarge = 27; // EFBIG
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int SqliteFull = 13;

    public static bool Is(Exception fault) => fault switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull,
        IOException io => io.HResult is NoSpace or QuotaExceeded or FileTooLarge or WindowsDiskFull,
        _ => false,
    };
}
