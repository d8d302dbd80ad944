using System.Security.Cryptography;
using System.Text;
using Tutelage.Hosting;
using Tutelage.Rules;

namespace Tutelage.Vault.People;

/// <summary>A token that binds whoever redeems it to one role. The operator hands it out; files <c>invitations/&lt;role&gt;</c>, mode 0600.</summary>
internal static class Invitation
{
    private const string Folder = "invitations";

    /// <summary>How many people may redeem a role's token. Participants are many; who approves and who opens are few.</summary>
    public static int UsesOf(Role role) => role == Role.Participant ? 1000 : 10;

    /// <summary>Creates one token file a role where there is none.</summary>
    /// <returns>Path by role.</returns>
    public static IReadOnlyDictionary<string, string> CreateFiles(string dataFolder)
    {
        PrivateFile.CreateFolder(Path.Combine(dataFolder, Folder));
        var paths = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var role in Enum.GetValues<Role>())
        {
            var path = Path.Combine(dataFolder, Folder, Spelling.Of(role));
            if (!File.Exists(path)) PrivateFile.Create(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))));
            paths.Add(Spelling.Of(role), path);
        }

        return paths;
    }

    /// <summary>SHA-256 of each role's token; all that the vault compares.</summary>
    public static IReadOnlyDictionary<Role, byte[]> LoadDigests(string dataFolder, List<string> faults)
    {
        var digests = new Dictionary<Role, byte[]>();
        foreach (var role in Enum.GetValues<Role>())
        {
            var path = Path.Combine(dataFolder, Folder, Spelling.Of(role));
            if (File.Exists(path) && PrivateFile.Read(path, faults) is { } token) digests.Add(role, SHA256.HashData(token.AsSpan().TrimEnd("\r\n"u8)));
        }

        return digests;
    }
}
