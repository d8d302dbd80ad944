using System.Text.Json;
using System.Text.Json.Serialization;
using Tutelage.Identity;

namespace Tutelage.Server;

/// <summary>Whom this server believes: one vault.</summary>
/// <param name="Authority">host:port that clients sign, null if it is the bound address.</param>
internal sealed record Trust(PublicKey Vault, PublicKey Auditor, string? Authority)
{
    private const int FileBytes = 64 * 1024;

    /// <summary>The trust file, or all its faults.</summary>
    public static (Trust? Trust, IReadOnlyList<string> Faults) Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > FileBytes) return (null, [$"trust file {path} is over {FileBytes} bytes"]);
            var config = JsonSerializer.Deserialize(File.ReadAllBytes(path), TrustJson.Default.TrustConfig);
            return config is null ? (null, [$"trust file {path} holds null"]) : Check(config, path);
        }
        catch (JsonException fault)
        {
            return (null, [$"trust file {path} is not the JSON of docs/formats/ingest.md (line {fault.LineNumber + 1})"]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, [$"trust file {path} cannot be read: {fault.Message}"]);
        }
    }

    private static (Trust?, IReadOnlyList<string>) Check(TrustConfig config, string path)
    {
        var faults = new List<string>();
        if (config.Version != 1) faults.Add($"trust file {path}: version is {config.Version}; this server knows 1");
        var (vault, auditor) = (Key("vault_key", config.VaultKey), Key("auditor_key", config.AuditorKey));
        if (config.Authority is { } authority && (authority.Length is 0 or > 255 || !Uri.TryCreate("http://" + authority, UriKind.Absolute, out var uri) || uri.PathAndQuery != "/"))
            faults.Add($"trust file {path}: authority is not host:port");
        return vault is null || auditor is null || faults.Count > 0 ? (null, faults) : (new Trust(vault, auditor, config.Authority), faults);

        PublicKey? Key(string name, string? text)
        {
            try
            {
                return PublicKey.Parse(text ?? "");
            }
            catch (FormatException)
            {
                faults.Add($"trust file {path}: {name} is not a public key (base64url of a P-256 SPKI)");
                return null;
            }
        }
    }
}

/// <summary>The trust file as it stands there. It is one file for all three hosts: members that this one does not need are ignored.</summary>
internal sealed record TrustConfig(int Version, string? VaultKey, string? AuditorKey, string? Authority);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 4)]
[JsonSerializable(typeof(TrustConfig))]
internal sealed partial class TrustJson : JsonSerializerContext;
