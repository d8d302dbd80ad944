using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.People;

/// <summary>Body of <c>POST /v1/people</c>.</summary>
/// <param name="Receipt">Participants only: a statement of kind <c>enrolment</c> by the person, whose payload names <c>manifest_sha256</c> and <c>device_key</c>.</param>
internal sealed record RedeemRequest(string? Invitation, string? PublicKey, string? Name, string? Role, JsonElement? Receipt);

/// <param name="DeviceCertificate">The vault's statement that this device records for this tag.</param>
internal sealed record RedeemAnswer(string Person, string? Tag, IReadOnlyDictionary<string, string>? Recipients, JsonElement? DeviceCertificate);

/// <summary><c>POST /v1/people</c>: an invitation binds a public key to a role; for a participant, a signed receipt, keys of their own, and a device certificate.</summary>
internal static class People
{
    private const int MaxBodyBytes = 128 * 1024;
    private const int MaxNameLength = 100;

    public static void MapPeople(this WebApplication app)
    {
        var services = app.Services;
        var (options, store, ledger) = (services.GetRequiredService<VaultOptions>(), services.GetRequiredService<VaultStore>(), services.GetRequiredService<VaultLedger>());
        var (keys, personKeys, registry) = (services.GetRequiredService<VaultKeys>(), services.GetRequiredService<KeyStore>(), services.GetRequiredService<Registry>());
        app.MapPost("/v1/people", async (HttpContext http) =>
        {
            if (await SignedCalls.ReadBodyAsync(http, MaxBodyBytes) is not { } body) return Wire.Refuse(StatusCodes.Status413PayloadTooLarge, "too-large", $"the body is longer than {MaxBodyBytes} bytes");
            if (Wire.Read<RedeemRequest>(body) is not { } request || !TryReadKey(request.PublicKey, out var key)) return BadRequest("the body is not {invitation, public_key, role, name?, receipt?}");
            if (!Spelling.TryRead<Role>(request.Role, out var role)) return BadRequest($"role must be one of {Spelling.All<Role>()}");
            if (request.Name is { Length: > MaxNameLength }) return BadRequest($"a name has at most {MaxNameLength} characters");
            var digests = Invitation.LoadDigests(options.DataFolder, []);
            var given = SHA256.HashData(Encoding.UTF8.GetBytes(request.Invitation ?? ""));
            if (!digests.TryGetValue(role.Value, out var expected) || !CryptographicOperations.FixedTimeEquals(given, expected))
                return Wire.Refuse(StatusCodes.Status403Forbidden, "bad-invitation", $"the invitation is not one for a {Spelling.Of(role.Value)}; ask the operator for one");

            // A lost answer is asked for again: the same key in the same role gets the same answer and uses nothing up.
            if (registry.Find(key.Id) is { } known) return known.Role == role ? Wire.Ok(Answer(known, registry)) : Taken(key);
            return role == Role.Participant ? Participant(request, key) : Other(request, key, role.Value);
        });

        IResult Participant(RedeemRequest request, PublicKey key)
        {
            if (SignedReceipt.Read(request.Receipt, key, SignedReceipt.Enrolment) is not { } receipt) return BadRequest("a participant's receipt is a statement of kind enrolment, signed by public_key, with manifest_sha256 and device_key");
            if (registry.KeyById(receipt.Device.Id) is not null) return Taken(receipt.Device);
            var personId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            var tag = keys.TagOf(personId);
            var certificate = SignedStatement.Sign(keys.Identity, ReleasedObject.CertificateKind, new DeviceCertificate(tag, receipt.Device.Text, receipt.Manifest)).ToJson();
            var classes = Enum.GetValues<DataClass>().Select(name => personKeys.NewPersonKey(tag, name)).ToList();
            return Enrol(request, key, Role.Participant, tag, (transaction, insertPerson) =>
            {
                insertPerson(new { id = key.Id, key = key.Text, role = "participant", personId, request.Name, tag, deviceId = receipt.Device.Id, device = receipt.Device.Text, receipt.Manifest, receipt = receipt.Json, certificate });
                foreach (var name in classes) personKeys.Insert(name, transaction);
            }, json =>
            {
                json.WriteString("device_key", receipt.Device.Text);
                json.WriteString("manifest_sha256", receipt.Manifest);
                json.WriteString("receipt", receipt.Json);
            });
        }

        IResult Other(RedeemRequest request, PublicKey key, Role role)
        {
            var personId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            return Enrol(request, key, role, null, (_, insertPerson) => insertPerson(new
            {
                id = key.Id, key = key.Text, role = Spelling.Of(role), personId, request.Name, tag = (string?)null, deviceId = (string?)null, device = (string?)null,
                Manifest = (string?)null, receipt = (string?)null, certificate = (string?)null,
            }), static _ => { });
        }

        IResult Enrol(RedeemRequest request, PublicKey key, Role role, string? tag, Action<Microsoft.Data.Sqlite.SqliteTransaction, Action<object>> insert, Action<Utf8JsonWriter> members)
        {
            try
            {
                ledger.Record(transaction =>
                {
                    var count = store.Database.ExecuteScalar<int>("SELECT COUNT(*) FROM person WHERE role = @role", new { role = Spelling.Of(role) }, transaction);
                    if (count >= Invitation.UsesOf(role)) throw new InvitationUsedUpException();
                    insert(transaction, row => store.Database.Execute("INSERT INTO person VALUES (@id, @key, @role, @personId, @Name, @tag, @deviceId, @device, @Manifest, @receipt, @certificate)", row, transaction));
                    return true;
                }, new EntryDraft("enrolled", tag is null ? [] : [tag], json =>
                {
                    json.WriteString("role", Spelling.Of(role));
                    json.WriteString("key", key.Text);
                    members(json);
                }));
            }
            catch (InvitationUsedUpException)
            {
                return Wire.Refuse(StatusCodes.Status403Forbidden, "invitation-used-up", $"the invitation for a {Spelling.Of(role)} has been used {Invitation.UsesOf(role)} times");
            }
            catch (Microsoft.Data.Sqlite.SqliteException taken) when (taken.SqliteErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT)
            {
                return Taken(key); // the same key was enrolled by another request just now
            }

            return registry.Find(key.Id) is { } person ? Wire.Ok(Answer(person, registry)) : Taken(key);
        }
    }

    private static RedeemAnswer Answer(EnrolledPerson person, Registry registry) => new(
        person.PersonId, person.Tag, person.Tag is null ? null : registry.RecipientsOf(person.Tag),
        person.Tag is { } tag && registry.CertificateOf(tag) is { } certificate ? JsonSerializer.Deserialize<JsonElement>(certificate) : null);

    private static bool TryReadKey(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        try
        {
            if (text is not null) key = PublicKey.Parse(text);
        }
        catch (FormatException)
        {
            // Not a key: the caller says so.
        }

        return key is not null;
    }

    private static IResult BadRequest(string message) => Wire.Refuse(StatusCodes.Status400BadRequest, "bad-request", message);

    private static IResult Taken(PublicKey key) => Wire.Refuse(StatusCodes.Status409Conflict, "key-taken", $"key {key.Id} is enrolled already, in another role or for somebody else; make a new key");

    private sealed class InvitationUsedUpException : Exception;
}
