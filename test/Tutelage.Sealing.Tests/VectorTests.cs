using System.Text.Json;

namespace Tutelage.Sealing.Tests;

/// <summary>Files that every later version MUST open. Where they come from: Vectors/README.md.</summary>
public sealed class VectorTests
{
    [Fact]
    public void The_p256tag_file_of_another_implementation_opens()
    {
        using var identity = TagIdentity.Import(Secret("npm_p256tag_secret"));
        Sealed.AssertPattern(Sealed.Open(Bytes("npm-p256tag.age"), identity), 500);
    }

    [Fact]
    public void The_first_custody_file_opens()
    {
        using var vault = TagIdentity.Import(Secret("custody_vault_secret"));
        using var auditor = TagIdentity.Import(Secret("custody_auditor_secret"));
        using var file = new MemoryStream(Bytes("custody-v1.sealed"));
        using var inner = AgeHeader.Parse(Bytes("custody-v1.inner-header")).Unwrap(vault);
        using var outer = AgeHeader.Read(file).Unwrap(auditor);
        file.Position = 0;
        using var opened = CustodySeal.Open(file, outer, inner);
        Sealed.AssertPattern(Sealed.ReadAll(opened), 1000);
    }

    [Fact]
    public void The_first_torn_spool_file_reads_with_its_tail()
    {
        using var identity = TagIdentity.Import(Secret("spool_secret"));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["spool"], Bytes("spool-v1.torn"));
        File.WriteAllBytes(SpoolFile.TailPath(folder["spool"]), Bytes("spool-v1.torn.tail"));
        using var reader = SpoolFileReader.Open(folder["spool"], identity);
        Sealed.AssertPattern(Sealed.ReadAll(reader), 700);
        reader.Ending.ShouldBe(SpoolEnding.Torn);
    }

    private static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name));

    private static byte[] Secret(string name)
    {
        using var keys = JsonDocument.Parse(Bytes("keys.json"));
        return Convert.FromHexString(keys.RootElement.GetProperty(name).GetString()!);
    }

    /// <summary>Makes new vectors in the source folder. Run by hand for a new format version only: <c>TUTELAGE_MAKE_VECTORS=1</c>.</summary>
    [Fact]
    public void Make_vectors_when_asked()
    {
        if (Environment.GetEnvironmentVariable("TUTELAGE_MAKE_VECTORS") != "1") return;
        var folder = Path.Combine(Testing.SharedFolder.Repository, "test", "Tutelage.Sealing.Tests", "Vectors");
        using var npm = TagIdentity.Generate();
        using var vault = TagIdentity.Generate();
        using var auditor = TagIdentity.Generate();
        using var spool = TagIdentity.Generate();

        using var temporary = new TemporaryFolder();
        File.WriteAllBytes(temporary["plain"], Sealed.Pattern(500));
        Tool.Run("node", Path.Combine(folder, "..", "npm", "seal.mjs"), npm.Recipient.Text, temporary["plain"], Path.Combine(folder, "npm-p256tag.age"));

        using (var file = File.Create(Path.Combine(folder, "custody-v1.sealed")))
        {
            var seal = CustodySeal.Seal(new MemoryStream(Sealed.Pattern(1000)), file, vault.Recipient, auditor.Recipient);
            File.WriteAllBytes(Path.Combine(folder, "custody-v1.inner-header"), seal.InnerHeader);
        }

        using (var writer = SpoolFileWriter.Create(temporary["spool"], spool.Recipient))
        {
            writer.Write(Sealed.Pattern(700));
            writer.FlushTail();
        }
        File.Copy(temporary["spool"], Path.Combine(folder, "spool-v1.torn"), overwrite: true);
        File.Copy(SpoolFile.TailPath(temporary["spool"]), Path.Combine(folder, "spool-v1.torn.tail"), overwrite: true);

        File.WriteAllText(Path.Combine(folder, "keys.json"), JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["npm_p256tag_secret"] = Convert.ToHexStringLower(npm.Export()),
            ["custody_vault_secret"] = Convert.ToHexStringLower(vault.Export()),
            ["custody_auditor_secret"] = Convert.ToHexStringLower(auditor.Export()),
            ["spool_secret"] = Convert.ToHexStringLower(spool.Export()),
        }, new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }
}
