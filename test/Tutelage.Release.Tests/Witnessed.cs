using System.Text;
using System.Text.Json;
using Tutelage.Ledger;
using Tutelage.Vault.Record;

namespace Tutelage.Release.Tests;

/// <summary>What somebody who sees every durable entry, and trusts nobody, knows: read naively from the bodies, by code that shares nothing with vault or auditor.</summary>
internal sealed class Witnessed
{
    private readonly Dictionary<string, (HashSet<string> Approvers, long Keys, bool Denied)> _grants = [];
    private readonly Dictionary<long, ReleaseEntry> _releases = [];
    private readonly HashSet<string> _nonces = [];
    private readonly HashSet<long> _outer = [];
    private readonly HashSet<long> _inner = [];
    private readonly Dictionary<string, long> _released = [];
    private long _read;

    public sealed record ReleaseEntry(string Grant, string Recipient, string Root, long Keys, long Expires, IReadOnlyList<string> About, byte[] Body, byte[] Salt, bool WasApproved);

    public int Outer => _outer.Count;

    public int Inner => _inner.Count;

    /// <summary>Reads the entries that have come since.</summary>
    public void Read(VaultLedger ledger)
    {
        foreach (var entry in ledger.Read(_read, int.MaxValue))
        {
            entry.Position.ShouldBe(_read++);
            using var body = JsonDocument.Parse(entry.Body);
            var root = body.RootElement;
            switch (entry.Kind)
            {
                case "requested":
                    _grants.Add(Grant(root), ([], root.GetProperty("request").GetProperty("keys").GetInt64(), false));
                    break;
                case "approved":
                    _grants[Grant(root)].Approvers.Add(root.GetProperty("approver").GetString()!);
                    break;
                case "denied":
                    _grants[Grant(root)] = _grants[Grant(root)] with { Denied = true };
                    break;
                case "release":
                    _nonces.Add(root.GetProperty("nonce").GetString()!).ShouldBeTrue("a nonce was used twice");
                    var (approvers, _, denied) = _grants[Grant(root)];
                    _releases.Add(entry.Position, new ReleaseEntry(
                        Grant(root), root.GetProperty("recipient").GetString()!, root.GetProperty("objects_root").GetString()!, root.GetProperty("keys").EnumerateObject().Sum(k => k.Value.GetInt64()),
                        root.GetProperty("expires").GetInt64(), [.. root.GetProperty("about").EnumerateArray().Select(link => link.GetProperty("tag").GetString()!)], entry.Body, entry.Salt, approvers.Count >= 2 && !denied));
                    break;
            }
        }
    }

    /// <summary>Outer keys have left the auditor: an entry for exactly this is durable, approved, and under a checkpoint that the auditor has cosigned.</summary>
    public void SawOuter(long index, string recipient, VaultLedger ledger, long cosigned)
    {
        CheckEntry(index, recipient, ledger, cosigned);
        _outer.Add(index);
    }

    /// <summary>Inner keys have left the vault: as before, the outer ones went first, the clock allowed it, and no entry served twice.</summary>
    public void SawInner(long index, string recipient, string root, IReadOnlyCollection<string> persons, VaultLedger ledger, long cosigned, DateTimeOffset now, DateTimeOffset cosignedAt, bool halted)
    {
        var entry = CheckEntry(index, recipient, ledger, cosigned);
        entry.Root.ShouldBe(root);
        entry.About.SequenceEqual(persons.Distinct().Order(StringComparer.Ordinal)).ShouldBeTrue("a release is about the persons whose objects it opens, and about nobody else");
        _outer.ShouldContain(index, "inner keys before outer ones");
        _inner.Add(index).ShouldBeTrue("one entry, two releases");
        now.ToUnixTimeSeconds().ShouldBeLessThanOrEqualTo(entry.Expires);
        (now - cosignedAt).Duration().ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(6));
        halted.ShouldBeFalse("a key was released during a halt");
        _released[entry.Grant] = _released.GetValueOrDefault(entry.Grant) + entry.Keys;
        _released[entry.Grant].ShouldBeLessThanOrEqualTo(_grants[entry.Grant].Keys);
    }

    private ReleaseEntry CheckEntry(long index, string recipient, VaultLedger ledger, long cosigned)
    {
        Read(ledger);
        _releases.ShouldContainKey(index, "a key was released without an entry");
        var entry = _releases[index];
        entry.Recipient.ShouldBe(recipient);
        entry.WasApproved.ShouldBeTrue("a key was released without two approvals, or after a denial");
        cosigned.ShouldBeGreaterThan(index, "a key was released before the auditor had cosigned its entry");
        ledger.Log.ReadEntry(index).ToArray().ShouldBe(EntryCommitment.Of(entry.Salt, entry.Body));
        return entry;
    }

    private static string Grant(JsonElement body) => body.GetProperty("grant").GetString()!;
}
