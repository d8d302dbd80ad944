using Tutelage.Attack.Tests.Support;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Attack.Tests;

/// <summary>Copies of the stores and of one custodian's folder, in the hands of somebody who has all of our code.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed class CustodyTests(AttackedProgramme programme)
{
    [Fact]
    public void The_vaults_folder_and_all_stores_open_nothing()
    {
        var copy = StealWithout("vault-alone", "auditor");
        var identities = Loot.VaultIdentities(Path.Combine(copy, "vault"), programme.Tags);
        var (inner, opened) = (0, 0);
        foreach (var file in Loot.Files(copy, programme.Tags))
        {
            foreach (var identity in identities.Values) opened += Count(() => AgeReader.Open(file.Open(), identity));
            if (file.Object.Kind == ObjectKind.Export) continue;
            using var key = AgeHeader.Parse(file.File.InnerHeader.Span).Unwrap(identities[(file.Object.Tag, file.File.Class)]);
            inner++;
            opened += Count(() => AgeReader.OpenWithFileKey(file.Open(), key));
            opened += Count(() => CustodySeal.Open(file.Open(), key, key));

            // The inner file lies under the outer seal: not even its header is in the clear.
            File.ReadAllBytes(file.Path).AsSpan().IndexOf(file.File.InnerHeader.Span).ShouldBe(-1);
        }
        opened.ShouldBe(0);
        inner.ShouldBe(10, "the vault's half of each of two segments and two shards is real");
    }

    [Fact]
    public void The_auditors_folder_and_all_stores_open_nothing()
    {
        var copy = StealWithout("auditor-alone", "vault");
        using var keys = Loot.AuditorKeysIn(Path.Combine(copy, "auditor"));
        var (outer, opened) = (0, 0);
        foreach (var file in Loot.Files(copy, programme.Tags))
        {
            if (file.Object.Kind == ObjectKind.Export)
            {
                keys.Unwrap(file.File.OuterHeader.Span).ShouldBeNull("an export is sealed to its holder alone");
                continue;
            }
            using var key = keys.Unwrap(file.File.OuterHeader.Span);
            key.ShouldNotBeNull();
            var layer = Loot.Try(() => AgeReader.OpenWithFileKey(file.Open(), key));
            layer.ShouldNotBeNull();
            outer++;
            keys.Unwrap(file.File.InnerHeader.Span).ShouldBeNull();
            opened += Count(() => CustodySeal.Open(file.Open(), key, key));
            opened += Count(() => AgeReader.OpenWithFileKey(new MemoryStream(layer, 8, layer.Length - 8), key));
            Markers.Search.InBytes("", layer).ShouldBeEmpty();
        }
        opened.ShouldBe(0);
        outer.ShouldBe(10, "the auditor's half of each of two segments and two shards is real");
    }

    [Fact]
    public void Both_folders_together_open_everything_but_exports()
    {
        var copy = programme.Steal("both");
        using var auditor = Loot.AuditorKeysIn(Path.Combine(copy, "auditor"));
        var vault = Loot.VaultIdentities(Path.Combine(copy, "vault"), programme.Tags);
        var files = Loot.Files(copy, programme.Tags);
        files.Count(file => Loot.OpenWithBoth(file, auditor, vault) is not null).ShouldBe(10);
        var export = files.Single(file => file.Object.Kind == ObjectKind.Export);
        Count(() => AgeReader.Open(export.Open(), programme.Holder)).ShouldBe(1, "its holder does");
    }

    [Fact]
    public void A_custodians_folder_under_another_root_key_opens_nothing()
    {
        foreach (var custodian in new[] { "vault", "auditor" })
        {
            var copy = programme.Steal("other-root-" + custodian);
            var root = Path.Combine(copy, custodian, "root.key");
            var bytes = File.ReadAllBytes(root);
            bytes[^2] ^= 1;
            File.WriteAllBytes(root, bytes);
            var faults = new List<string>();
            if (custodian == "vault") Tutelage.Vault.Keys.VaultKeys.Load(Path.Combine(copy, custodian), faults).ShouldBeNull();
            else using (Tutelage.Auditor.Keys.AuditorKeys.Load(Path.Combine(copy, custodian), TimeProvider.System, faults))
                faults.ShouldNotBeEmpty();
        }
    }

    private string StealWithout(string name, string other)
    {
        var copy = programme.Steal(name);
        Directory.Delete(Path.Combine(copy, other), recursive: true);
        return copy;
    }

    private static int Count(Func<Stream> open) => Loot.Try(open) is null ? 0 : 1;
}
