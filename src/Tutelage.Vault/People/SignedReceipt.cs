using System.Text.Json;
using Tutelage.Identity;

namespace Tutelage.Vault.People;

/// <summary>What a participant signed: this device may record me under this manifest.</summary>
/// <param name="Manifest">SHA-256, 64 hex digits.</param>
/// <param name="Json">The statement as text.</param>
internal sealed record SignedReceipt(PublicKey Device, string Manifest, string Json)
{
    /// <summary>Statement kind of the receipt that enrols.</summary>
    public const string Enrolment = "enrolment";

    /// <summary>Statement kind of the receipt for a later manifest.</summary>
    public const string Agreement = "agreement";

    /// <summary>Null unless <paramref name="person"/> signed it as <paramref name="kind"/> and it names a manifest and a device.</summary>
    /// <param name="given">The statement as an object, or as its text.</param>
    public static SignedReceipt? Read(JsonElement? given, PublicKey person, string kind)
    {
        if (given is not { } element) return null;
        try
        {
            var statement = SignedStatement.Parse(element.ValueKind == JsonValueKind.String ? element.GetString() ?? "" : element.GetRawText());
            if (!statement.Verify(person, kind)) return null;
            using var payload = JsonDocument.Parse(statement.Payload, new JsonDocumentOptions { MaxDepth = 8 });
            var manifest = payload.RootElement.GetProperty("manifest_sha256").GetString() ?? "";
            if (manifest.Length != 64 || !manifest.All(char.IsAsciiHexDigitLower)) return null;
            return new(PublicKey.Parse(payload.RootElement.GetProperty("device_key").GetString() ?? ""), manifest, statement.ToJson());
        }
        catch (Exception broken) when (broken is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
