using Tutelage.Hosting;

namespace Tutelage.Vault.Recovery;

/// <summary>File <c>restored</c>: the folder came back from a backup and has not asked its auditor yet what it lacks. Until it has, no vault starts on it.</summary>
/// <remarks>Without it a restored vault that finds no auditor would write a second history after the backup's last entry.</remarks>
internal static class RestoredMark
{
    public const string FileName = "restored";

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    public static void Put(string folder)
    {
        if (!IsIn(folder)) PrivateFile.Create(Path.Combine(folder, FileName), "ask the auditor first\n"u8);
    }

    public static void Remove(string folder) => PrivateFile.Destroy(Path.Combine(folder, FileName));
}
