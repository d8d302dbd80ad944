using System.Collections.Concurrent;
using Dapper;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.People;

/// <summary>Somebody enrolled.</summary>
/// <param name="DeviceId">Key id of the device that records for a participant.</param>
internal sealed record EnrolledPerson(PublicKey Key, Role Role, string PersonId, string? Tag, string? DeviceId)
{
    public Person ForRules => new(Key.Id, Role, Tag);
}

/// <summary>Who is known, by key. Reads the database: the vault has one truth, and it is on disk. Remembered is only what never changes: somebody's key, role, tag and device, and that a receipt verifies.</summary>
internal sealed class Registry(VaultStore store, KeyStore keys)
{
    private readonly ConcurrentDictionary<string, PublicKey> _parsed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EnrolledPerson> _byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _verified = new(StringComparer.Ordinal); // tag to the receipt that verified

    /// <summary>The public key of a person or device, for checking a request's signature.</summary>
    public PublicKey? KeyById(string id)
    {
        lock (store.Gate)
        {
            var text = store.Database.QuerySingleOrDefault<string>("SELECT key FROM person WHERE key_id = @id UNION SELECT device_key FROM person WHERE device_id = @id", new { id });
            return text is null ? null : Parsed(text);
        }
    }

    public EnrolledPerson? Find(string keyId)
    {
        if (_byKey.TryGetValue(keyId, out var known)) return known;
        return FindBy("key_id", keyId) is { } person ? _byKey.GetOrAdd(keyId, person) : null;
    }

    public EnrolledPerson? FindByDevice(string deviceId) => FindBy("device_id", deviceId);

    public EnrolledPerson? FindByTag(string tag) => FindBy("tag", tag);

    /// <summary>The newest device certificate of a participant, which another agreement replaces; null if there is none.</summary>
    public string? CertificateOf(string tag)
    {
        lock (store.Gate) return store.Database.QuerySingleOrDefault<string?>("SELECT certificate FROM person WHERE tag = @tag", new { tag });
    }

    /// <summary>The recipient that a person's files of each class are sealed to.</summary>
    public IReadOnlyDictionary<string, string> RecipientsOf(string tag)
    {
        lock (store.Gate)
        {
            return store.Database.Query<(string Class, string Recipient)>("SELECT class, recipient FROM person_key WHERE tag = @tag ORDER BY class", new { tag })
                .ToDictionary(row => row.Class, row => row.Recipient, StringComparer.Ordinal);
        }
    }

    /// <summary>The person's own key of one class, for unwrapping; the caller disposes it. Null if there is none any more.</summary>
    public TagIdentity? OpenKey(string tag, DataClass name) => keys.OpenPersonKey(tag, name);

    /// <summary>The first of these persons who has a tombstone; null if none has.</summary>
    public string? DeletedAmong(IReadOnlyList<string> tags)
    {
        lock (store.Gate)
        {
            return store.Database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone)") == 0 ? null
                : tags.FirstOrDefault(tag => store.Database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone WHERE tag = @tag)", new { tag }) == 1);
        }
    }

    /// <summary>The first of these objects that its person has deleted, by itself or with everything; null if none is.</summary>
    public ObjectHeader? DeletedAmong(IEnumerable<ObjectHeader> objects)
    {
        lock (store.Gate)
        {
            return store.Database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone_object)") == 0 ? null
                : objects.FirstOrDefault(o => store.Database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone_object WHERE tag = @Tag AND object = @ObjectId)", new { o.Tag, o.ObjectId }) == 1);
        }
    }

    /// <summary>Of those who recorded these objects, how many have deleted one of them, or everything.</summary>
    public int PersonsGoneFrom(IReadOnlyList<(string Tag, string Object)> objects)
    {
        lock (store.Gate)
        {
            var persons = store.Database.Query<string>("SELECT tag FROM tombstone").ToHashSet(StringComparer.Ordinal);
            var partly = store.Database.Query<string>("SELECT DISTINCT tag FROM tombstone_object").ToHashSet(StringComparer.Ordinal);
            return objects.Where(made => persons.Contains(made.Tag)
                || (partly.Contains(made.Tag) && store.Database.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone_object WHERE tag = @Tag AND object = @Object)", new { made.Tag, made.Object }) == 1))
                .Select(made => made.Tag).Distinct(StringComparer.Ordinal).Count();
        }
    }

    /// <summary>Why nothing of this person may be opened now; null if nothing speaks against it: they are enrolled, their own signature says so, and there is no tombstone.</summary>
    public string? FaultOf(string tag)
    {
        lock (store.Gate)
        {
            var row = store.Database.QuerySingleOrDefault<(string Key, string? Receipt, bool Deleted)?>(
                "SELECT key, receipt, EXISTS (SELECT 1 FROM tombstone WHERE tombstone.tag = person.tag) FROM person WHERE tag = @tag", new { tag });
            if (row is not { } person) return $"nobody has the tag {tag}";
            if (person.Deleted) return $"person {tag} has a tombstone: what they recorded is deleted";
            if (person.Receipt is { } seen && _verified.GetValueOrDefault(tag) == seen) return null;
            if (!IsReceipt(person.Receipt, Parsed(person.Key))) return $"person {tag} has no receipt that they signed";
            _verified[tag] = person.Receipt!; // a receipt that verifies is there
            return null;
        }
    }

    /// <summary>Reading a point costs as much as verifying with it; there are as many keys as people and devices, and none ever changes.</summary>
    private PublicKey Parsed(string text) => _parsed.GetOrAdd(text, PublicKey.Parse);

    private static bool IsReceipt(string? receipt, PublicKey key)
    {
        try
        {
            return receipt is not null && SignedStatement.Parse(receipt).Verify(key, "enrolment");
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private EnrolledPerson? FindBy(string column, string value)
    {
        lock (store.Gate)
        {
            var row = store.Database.QuerySingleOrDefault<Row>(
                $"SELECT key AS Key, role AS Role, person_id AS PersonId, tag AS Tag, device_id AS DeviceId FROM person WHERE {column} = @value", new { value });
            return row is not null && Spelling.TryRead<Role>(row.Role, out var role)
                ? new EnrolledPerson(Parsed(row.Key), role.Value, row.PersonId, row.Tag, row.DeviceId)
                : null;
        }
    }

    private sealed record Row(string Key, string Role, string PersonId, string? Tag, string? DeviceId);
}
