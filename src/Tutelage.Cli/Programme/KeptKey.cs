using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Cli.Verbs;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Sealing;

namespace Tutelage.Cli.Programme;

/// <summary>What is public about a key of this home: <c>keys/NAME.json</c>, written once the vault knows the key.</summary>
/// <param name="Person">The vault's id of whom the key stands for.</param>
/// <param name="Recipient">Researchers: what exports may be sealed to.</param>
/// <param name="Revoked">The day its private half was destroyed here; null while it is there.</param>
internal sealed record KeptKey(string Name, Role Role, string KeyId, string? Person, Uri Server, string? Recipient, string? Revoked)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    public static string SigningPath(Home home, string name) => Path.Combine(home.Keys, Home.Name(name) + ".key");

    public static string AgePath(Home home, string name) => Path.Combine(home.Keys, Home.Name(name) + ".age-key");

    public static KeptKey? Find(Home home, string name)
    {
        var path = PathOf(home, name);
        return File.Exists(path) ? Read(path) : null;
    }

    public static IReadOnlyList<KeptKey> All(Home home) => Directory.Exists(home.Keys)
        ? Directory.EnumerateFiles(home.Keys, "*.json").Order(StringComparer.Ordinal).Select(Read).ToList()
        : [];

    public void Save(Home home) => File.WriteAllBytes(PathOf(home, Name), JsonSerializer.SerializeToUtf8Bytes(this, Json));

    /// <summary>The private key that signs for <paramref name="name"/>: one of <c>keys/</c>, or a participant's own.</summary>
    public static SigningKey Sign(Home home, string name)
    {
        var path = SigningPath(home, name);
        if (File.Exists(path)) return SigningKey.Load(path);
        if (Find(home, name) is { Revoked: { } day }) throw new VerbFailedException($"the private key of {name} was destroyed on {day}", "make another with `tutelage key new`");
        var own = Path.Combine(home.FolderOf(name), "person.key");
        return File.Exists(own) ? SigningKey.Load(own) : throw new VerbFailedException($"there is no key '{name}' in {home.Keys}", "`tutelage key list` shows those there are; `tutelage key new` makes one");
    }

    /// <summary>Overwrites and removes what is private.</summary>
    public static void Destroy(string path)
    {
        if (!File.Exists(path)) return;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(RandomNumberGenerator.GetBytes((int)file.Length));
            file.Flush(flushToDisk: true);
        }
        // If we crash here a file of random bytes stands in the key's place, which nobody can load.
        File.Delete(path);
    }

    private static string PathOf(Home home, string name) => Path.Combine(home.Keys, Home.Name(name) + ".json");

    private static KeptKey Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<KeptKey>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException fault)
        {
            throw new FormatException($"{path} does not describe a key ({fault.Message})", fault);
        }
    }
}

/// <summary>The age key that a researcher's exports are sealed to: <c>keys/NAME.age-key</c>, mode 0600, two lines.</summary>
internal static class HolderKey
{
    private const string RecipientMark = "# recipient: ";
    private const string SecretMark = "TUTELAGE-P256-KEY ";
    private const int MaxBytes = 4096;

    public static TagIdentity Create(string path)
    {
        var identity = TagIdentity.Generate();
        var secret = identity.Export();
        var text = Encoding.ASCII.GetBytes($"{RecipientMark}{identity.Recipient.Text}\n{SecretMark}{Convert.ToHexStringLower(secret)}\n");
        CryptographicOperations.ZeroMemory(secret);
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(text);
        file.Flush(flushToDisk: true);
        CryptographicOperations.ZeroMemory(text);
        return identity;
    }

    public static TagIdentity Load(string path)
    {
        if (!File.Exists(path)) throw new VerbFailedException($"there is no {path}", "exports are opened by the researcher's key: `tutelage key new NAME --role researcher` makes one");
        if ((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new VerbFailedException($"{path} is open to others", $"chmod 600 {path}, and make a new key if others may have read it");
        var line = Lines(path).FirstOrDefault(line => line.StartsWith(SecretMark, StringComparison.Ordinal)) ?? throw new FormatException($"{path} holds no key that opens exports");
        var secret = Convert.FromHexString(line[SecretMark.Length..].Trim());
        try
        {
            return TagIdentity.Import(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>The recipient that a file names, or that <paramref name="given"/> is.</summary>
    public static string RecipientIn(string given)
    {
        var text = given.StartsWith("age1", StringComparison.Ordinal) ? given
            : File.Exists(given) ? Lines(given).Select(line => line.Replace(RecipientMark, "", StringComparison.Ordinal).Trim()).FirstOrDefault(line => line.StartsWith("age1", StringComparison.Ordinal))
            : null;
        if (text is null) throw new VerbFailedException($"--holder-key '{given}' is neither an age recipient (age1…) nor a file that names one", code: CliExit.Usage);
        return AgeRecipient.Parse(text).Text;
    }

    private static string[] Lines(string path) => new FileInfo(path).Length <= MaxBytes ? File.ReadAllLines(path) : throw new FormatException($"{path} is over {MaxBytes} bytes and no key");
}
