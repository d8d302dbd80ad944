using System.Diagnostics;

namespace Tutelage.Sealing.Tests;

/// <summary>Exchange with other implementations: the age tool (Debian package age) by X25519, npm's age-encryption and @hpke/core by p256tag.</summary>
public sealed class AgeToolTests
{
    [Fact]
    public void The_age_tool_opens_what_we_seal_and_we_open_what_it_seals()
    {
        if (!Tool.Has("age")) return;
        using var folder = new TemporaryFolder();
        using var identity = X25519Identity.Generate();
        File.WriteAllText(folder["key.txt"], identity.ExportText() + "\n");
        foreach (var size in new[] { 0, 1, Sealed.Chunk, 3 * Sealed.Chunk + 9 })
        {
            File.WriteAllBytes(folder["ours.age"], Sealed.ToFile(Sealed.Pattern(size), identity.Recipient));
            Tool.Run("age", "-d", "-i", folder["key.txt"], "-o", folder["opened"], folder["ours.age"]);
            if (size == 0) File.Create(folder["opened"]).Dispose(); // the tool makes no file of no bytes
            Sealed.AssertPattern(File.ReadAllBytes(folder["opened"]), size);

            Tool.Run("age", "-r", identity.Recipient.Text, "-o", folder["theirs.age"], folder["opened"]);
            Sealed.AssertPattern(Sealed.Open(File.ReadAllBytes(folder["theirs.age"]), identity), size);
        }
    }

    [Fact]
    public void A_complete_spool_file_is_an_ordinary_age_file()
    {
        if (!Tool.Has("age")) return;
        using var folder = new TemporaryFolder();
        using var identity = X25519Identity.Generate();
        File.WriteAllText(folder["key.txt"], identity.ExportText() + "\n");
        using (var writer = SpoolFileWriter.Create(folder["spool"], identity.Recipient))
        {
            writer.Write(Sealed.Pattern(100_000));
            writer.FlushTail();
            writer.Write(Sealed.Pattern(100_000, 100_000));
            writer.Complete();
        }
        Tool.Run("age", "-d", "-i", folder["key.txt"], "-o", folder["opened"], folder["spool"]);
        Sealed.AssertPattern(File.ReadAllBytes(folder["opened"]), 200_000);
    }

    /// <summary>The package seals and reads the file; @hpke/core opens the stanza, for which the package has no identity.</summary>
    [Fact]
    public void Other_implementations_of_p256tag_open_what_we_seal_and_we_open_what_they_seal()
    {
        if (!Tool.HasPackages(out var npm)) return;
        using var folder = new TemporaryFolder();
        using var identity = TagIdentity.Generate();
        using var other = X25519Identity.Generate();
        var secret = Convert.ToHexStringLower(identity.Export());
        foreach (var size in new[] { 0, 1, 2 * Sealed.Chunk })
        {
            File.WriteAllBytes(folder["plain"], Sealed.Pattern(size));
            Tool.Run("node", Path.Combine(npm, "seal.mjs"), identity.Recipient.Text, folder["plain"], folder["theirs"]);
            Sealed.AssertPattern(Sealed.Open(File.ReadAllBytes(folder["theirs"]), identity), size);

            File.WriteAllBytes(folder["ours"], Sealed.ToFile(Sealed.Pattern(size), other.Recipient, identity.Recipient));
            Tool.Run("node", Path.Combine(npm, "open.mjs"), secret, folder["ours"], folder["opened"]);
            Sealed.AssertPattern(File.ReadAllBytes(folder["opened"]), size);
        }
    }
}

internal static class Tool
{
    /// <summary>True if the tool is there; false at home without it.</summary>
    public static bool Has(string name)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));
        if (!found && Environment.GetEnvironmentVariable("CI") == "true") throw new FileNotFoundException($"the tool '{name}' is missing; CI must have it");
        if (!found) Console.WriteLine($"skipped: the tool '{name}' is not installed");
        return found;
    }

    /// <summary>True if the packages of test/Tutelage.Sealing.Tests/npm are there; eng/prepare.sh fetches them. The vector npm-p256tag.age covers one direction without.</summary>
    public static bool HasPackages(out string npm)
    {
        npm = Path.Combine(Testing.SharedFolder.Repository, "test", "Tutelage.Sealing.Tests", "npm");
        if (Directory.Exists(Path.Combine(npm, "node_modules", "@hpke"))) return Has("node");
        if (Environment.GetEnvironmentVariable("CI") == "true") throw new DirectoryNotFoundException($"the packages of {npm} are missing; CI must have them (npm ci)");
        Console.WriteLine($"skipped: run `npm ci --ignore-scripts` in {npm} to check p256tag against other implementations");
        return false;
    }

    public static void Run(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{name}: {error}");
    }
}
