using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tutelage.Attack.Tests.Support;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Sending;
using Tutelage.Recording;
using Tutelage.Rules.Capture;

namespace Tutelage.Attack.Tests;

/// <summary>Who paused, refused, or works at night is not to be seen from outside: the server's operator reads all that there is, and anybody reads the log.</summary>
[Collection(nameof(AttackedProgramme))]
public sealed partial class QuietTests(AttackedProgramme programme)
{
    private static readonly DateTimeOffset Day = new(2026, 5, 4, 14, 30, 0, TimeSpan.Zero), Night = new(2026, 5, 9, 3, 10, 0, TimeSpan.Zero);

    private string Server => Path.Combine(programme.Data, "server");

    [Fact]
    public async Task The_operator_cannot_tell_who_paused_who_refused_and_who_works_at_night()
    {
        var before = TimeProvider.System.GetUtcNow().AddHours(-1);
        var plain = new QuietWork(Day, GapReason.NotAllowed);
        var usual = await programme.JoinAsync("usual");
        var (pauses, refuses, atNight) = (await programme.JoinAsync("pauses"), await programme.JoinAsync("refuses"), await programme.JoinAsync("at night"));
        var (log, status, said) = (await LogAsync(), await StatusAsync(), programme.Server.Said);

        await RefuseNewerManifestAsync("refuses");
        await WorkAsync(usual.Folder, plain);
        await WorkAsync(pauses.Folder, plain with { Why = GapReason.Paused });
        await WorkAsync(refuses.Folder, plain);
        await WorkAsync(atNight.Folder, plain with { Began = Night });

        var seen = ServerEye.About(Server, usual.Person.Tag!);
        seen.Count.ShouldBe(2);
        foreach (var other in new[] { pauses, refuses, atNight }) ServerEye.About(Server, other.Person.Tag!).ShouldBe(seen, other.Person.Name);

        ServerEye.Columns(Server).ShouldBe(["file.class", "file.id", "file.sha256", "file.size_bytes", "object.classes", "object.epoch", "object.id", "object.kind", "object.size_bytes", "object.tag"]);
        var copy = Path.Combine(programme.Steal("quiet"), "server");
        foreach (var (from, to) in new[] { (before, before.AddHours(2)), (Day.AddHours(-1), Day.AddHours(1)), (Night.AddHours(-1), Night.AddHours(1)) }) ServerEye.Moments(copy, from, to).ShouldBeEmpty();
        foreach (var folder in new[] { "objects", "incoming" })
            foreach (var at in Directory.EnumerateFileSystemEntries(Path.Combine(Server, folder), "*", SearchOption.AllDirectories).Append(Path.Combine(Server, folder)).Append(Path.Combine(Server, "nonces")))
                File.GetLastWriteTimeUtc(at).ShouldBe(DateTime.UnixEpoch, at);

        programme.Server.Said.ShouldBe(said);
        (await StatusAsync()).ShouldBe(status);
        (await LogAsync()).ShouldBe(log);
    }

    [Fact]
    public void A_hole_has_one_size_whatever_its_reason()
    {
        var root = Directory.CreateTempSubdirectory("tutelage-quiet-").FullName;
        try
        {
            var usual = Sizes(GapReason.NotAllowed);
            foreach (var why in new[] { GapReason.Paused, GapReason.Blocked, GapReason.ContextUnknown, GapReason.AccountUnknown, GapReason.QuotaMet, GapReason.LeaseLost, GapReason.IndicatorHidden, GapReason.AccessibilityLost })
                Sizes(why).ShouldBe(usual, why.ToString());
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        List<string> Sizes(GapReason why)
        {
            var spool = new QuietWork(Day, why).Record(Path.Combine(root, why.ToString()));
            return [.. spool.Held().Select(id =>
            {
                using var opened = spool.Open(id);
                return string.Join(' ', opened.Files.OrderBy(file => file.Key).Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Key} {Length(file.Value)}")));
            }).Order(StringComparer.Ordinal)];
        }

        static long Length(Stream plain)
        {
            var counted = new byte[4096];
            var length = 0L;
            for (int got; (got = plain.Read(counted)) > 0; length += got)
            {
            }
            return length;
        }
    }

    private static async Task WorkAsync(string folder, QuietWork work)
    {
        using var enrolment = Enrolment.Load(folder);
        var spool = work.Record(Path.Combine(folder, "spool"));
        await foreach (var sent in new HeldSending(spool, enrolment, TimeProvider.System).SendAllAsync(CancellationToken.None)) sent.Outcome.ShouldBe(SendOutcome.Sent, sent.Detail);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Has the real program offer a newer manifest to this person, who does not say yes; the card is then as it was.</summary>
    private async Task RefuseNewerManifestAsync(string name)
    {
        var path = Path.Combine(Server, "programme.json");
        var (before, trust, steward) = (await File.ReadAllTextAsync(path), AttackedProgramme.Json(await File.ReadAllTextAsync(programme.Trust)), programme["steward"].Key);
        var newer = ManifestText.Read(AttackedProgramme.ManifestYaml.Replace("version: 1", "version: 2", StringComparison.Ordinal)).Manifest!;
        Replace(JsonSerializer.Serialize(new
        {
            version = 1, rehearsal = true, vault = programme.Vault.Address, auditor = programme.Auditor.Address, server = programme.Server.Address, vault_key = AttackedProgramme.Text(trust, "vault_key"),
            log = AttackedProgramme.Text(trust, "log"), witness = AttackedProgramme.Text(trust, "witness"), manifest = System.Text.Encoding.UTF8.GetString(ManifestBytes.Encode(newer)),
            manifest_signature = SignedStatement.Sign(steward, ManifestStatement.Kind, new ManifestStatement(newer.Digest)).ToJson(), manifest_signer = steward.Public.Text,
        }));
        try
        {
            var start = new ProcessStartInfo("dotnet", [WatchedHost.PathOf("tutelage"), "manifest", "agree", "--as", name, "--server", programme.Server.Address.ToString()])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            start.Environment["TUTELAGE_HOME"] = programme.Root;
            using var asked = Process.Start(start)!;
            asked.StandardInput.Close();
            var errors = asked.StandardError.ReadToEndAsync();
            var shown = await asked.StandardOutput.ReadToEndAsync();
            await asked.WaitForExitAsync();
            shown.ShouldContain("Version 2 instead of version 1", Case.Sensitive, await errors);
            asked.ExitCode.ShouldNotBe(0);
        }
        finally
        {
            Replace(before);
        }

        void Replace(string card)
        {
            File.WriteAllText(path + ".new", card);
            File.Move(path + ".new", path, overwrite: true);
        }
    }

    /// <summary>The log as anybody reads it: origin, size and root.</summary>
    private async Task<string> LogAsync()
    {
        var (status, text) = await programme["nobody"].GetAsync(programme.Vault.Address, "log/checkpoint");
        ((int)status).ShouldBe(200, text);
        return string.Join('\n', text.Split('\n').Take(3));
    }

    /// <summary>Both pages, without the ages of what vault and auditor say each second.</summary>
    private async Task<string> StatusAsync() =>
        AgeOfWord().Replace((await programme["nobody"].GetAsync(programme.Server.Address, "v1/status")).Text, "") + (await programme["nobody"].GetAsync(programme.Server.Address, "")).Text;

    [GeneratedRegex("\"(vault|auditor)_word_ms\":\\d+")]
    private static partial Regex AgeOfWord();
}
