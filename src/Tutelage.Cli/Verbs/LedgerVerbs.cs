using System.CommandLine;
using System.Text.Json;
using Tutelage.Cli.Programme;
using Tutelage.Ledger;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage ledger verify</c> and <c>fsck</c>: recompute a whole log from its public files. Neither changes anything.</summary>
internal static class LedgerVerbs
{
    private const int MaxPolicyBytes = 64 * 1024;

    public static Command Create() => new("ledger", "The log of everything that was asked, granted, opened and exported.\n\nExample: tutelage ledger verify") { Verify(), Fsck() };

    private static Command Verify()
    {
        var log = new Argument<string?>("DIR|URL") { Description = "The log's folder, or the vault's address. Default: the programme of this machine.", Arity = ArgumentArity.ZeroOrOne };
        var policy = Policy();
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("verify", "Recomputes the log and names everything that does not fit. Exit code 6 if anything does not.\n\nExample: tutelage ledger verify http://127.0.0.1:7440 --policy policy.txt") { log, policy, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            var believed = await PolicyAsync(home, parsed.GetValue(policy), Options.ServerOf(parsed.GetValue(server)), token);
            var given = parsed.GetValue(log) ?? new ProgrammeFolder(home.Programme).Log;
            var report = Uri.TryCreate(given, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
                ? await OverHttpAsync(new(given), believed, token)
                : LogVerifier.Verify(given, believed);
            if (parsed.GetValue(json)) ShowJson(given, report);
            else Show(given, report);
            return report.Verified ? CliExit.Done : CliExit.PromiseBroken;
        });
        return verb;
    }

    private static Command Fsck()
    {
        var folder = new Argument<string?>("DIR") { Description = "The log's folder. Default: the programme of this machine.", Arity = ArgumentArity.ZeroOrOne };
        var policy = Policy();
        var json = Options.Json();
        var verb = new Command("fsck", "Reads every file of a log's folder and explains all damage and everything left over: what, where, what to do. Changes nothing. Exit code 6 for damage, 8 if something is only left over.\n\nExample: tutelage ledger fsck /srv/copy/log --policy policy.txt") { folder, policy, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            var given = parsed.GetValue(folder) ?? new ProgrammeFolder(home.Programme).Log;
            if (!Directory.Exists(given)) throw new VerbFailedException($"there is no folder {given}", "give the log's folder, the one that holds 'checkpoint' and 'tile'", CliExit.Usage);
            var report = LogVerifier.Verify(given, await PolicyAsync(home, parsed.GetValue(policy), null, token));
            if (parsed.GetValue(json)) ShowJson(given, report);
            else Explain(given, report);
            return !report.Verified ? CliExit.PromiseBroken : report.Notes.Count > 0 ? CliExit.LeftOver : CliExit.Done;
        });
        return verb;
    }

    private static Option<string?> Policy() => new("--policy")
    {
        Description = "File of c2sp.org/tlog-policy: log, witnesses, groups and quorum. Default: the keys of this machine's programme, or with --server those the server states.", HelpName = "FILE",
    };

    private static void ShowJson(string log, LogReport report) => Output.Json(new
    {
        Log = log, report.Origin, report.Size, Audited = report.AuditedSize, report.Verified, Faults = report.Faults.Select(Shown), Notes = report.Notes.Select(Shown),
    });

    private static object Shown(LogFault fault) => new { Kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.Kind.ToString()), fault.Where, fault.What, fault.WhatToDo };

    private static void Explain(string folder, LogReport report)
    {
        Output.Line(report switch
        {
            { Verified: false } => $"DAMAGED: {folder}, {report.Faults.Count} found.",
            { Notes.Count: > 0 } => $"Sound: {report.Size} entries of {report.Origin}; {report.Notes.Count} left over.",
            _ => $"Sound: {report.Size} entries of {report.Origin}, nothing left over.",
        });
        foreach (var fault in report.Faults.Concat(report.Notes))
        {
            Output.Line($"  {(fault.IsDamage ? "damage " : "note   ")}{fault}");
            Output.Line($"         do: {fault.WhatToDo}");
        }
    }

    private static void Show(string log, LogReport report)
    {
        if (report.Verified)
        {
            Output.Line($"Verified: {report.Size} entries of {report.Origin}, every one under the root that the log signed.");
            Output.Line(report.AuditedSize == report.Size ? "The auditor has read and cosigned all of them." : $"The auditor has read and cosigned the first {report.AuditedSize}.");
            return;
        }
        Output.Line($"NOT VERIFIED: {log} does not fit what was signed.");
        foreach (var fault in report.Faults) Output.Line($"  {fault}");
        Output.Line("Copy its folder and say 'tutelage ledger fsck DIR' to hear what to do about each.");
    }

    private static async Task<LogPolicy> PolicyAsync(Home home, string? path, Uri? server, CancellationToken cancellationToken)
    {
        if (path is null) return (await home.CardAsync(server, cancellationToken)).Policy;
        if (!File.Exists(path)) throw new VerbFailedException($"there is no file {path}", "a policy has lines 'log KEY', 'witness NAME KEY', 'quorum NAME' (c2sp.org/tlog-policy)");
        return new FileInfo(path).Length <= MaxPolicyBytes ? LogPolicy.Parse(await File.ReadAllBytesAsync(path, cancellationToken)) : throw new VerbFailedException($"{path} is no policy: it has over {MaxPolicyBytes} bytes");
    }

    private static async Task<LogReport> OverHttpAsync(Uri vault, LogPolicy policy, CancellationToken cancellationToken)
    {
        var copy = Directory.CreateTempSubdirectory("tutelage-log-");
        try
        {
            await LogCopy.FetchAsync(vault, policy, copy.FullName, cancellationToken);
            return LogVerifier.Verify(copy.FullName, policy);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }
}
