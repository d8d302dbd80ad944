using System.CommandLine;
using Tutelage.Cli.Programme;
using Tutelage.Ledger;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage ledger verify</c>: recomputes the whole log from its public files.</summary>
internal static class LedgerVerbs
{
    private const int MaxPolicyBytes = 64 * 1024;

    public static Command Create() => new("ledger", "The log of everything that was asked, granted, opened and exported.\n\nExample: tutelage ledger verify") { Verify() };

    private static Command Verify()
    {
        var log = new Argument<string?>("DIR|URL") { Description = "The log's folder, or the vault's address. Default: the programme of this machine.", Arity = ArgumentArity.ZeroOrOne };
        var policy = new Option<string?>("--policy") { Description = "File that names log key, witness keys and quorum. Default: the keys of this machine's programme, or with --server those the server states.", HelpName = "FILE" };
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
            if (parsed.GetValue(json)) Output.Json(new { Log = given, report.Origin, report.Size, Audited = report.AuditedSize, report.Verified, Faults = report.Faults.Select(fault => new { fault.Where, fault.What }) });
            else Show(given, report);
            return report.Verified ? CliExit.Done : CliExit.PromiseBroken;
        });
        return verb;
    }

    private static void Show(string log, LogReport report)
    {
        if (report.Verified)
        {
            Output.Line($"Verified: {report.Size} entries of {report.Origin}, every one under the root that the log signed.");
            Output.Line(report.AuditedSize == report.Size ? "The auditor has read and cosigned all of them." : $"The auditor has cosigned the first {report.AuditedSize}.");
            return;
        }
        Output.Line($"NOT VERIFIED: {log} does not fit what was signed.");
        foreach (var fault in report.Faults) Output.Line($"  {fault}");
    }

    private static async Task<LogPolicy> PolicyAsync(Home home, string? path, Uri? server, CancellationToken cancellationToken)
    {
        if (path is null) return (await home.CardAsync(server, cancellationToken)).Policy;
        if (!File.Exists(path)) throw new VerbFailedException($"there is no file {path}", "a policy has lines 'log KEY', 'witness KEY', 'quorum N'");
        return new FileInfo(path).Length <= MaxPolicyBytes ? LogPolicy.Parse(await File.ReadAllTextAsync(path, cancellationToken)) : throw new VerbFailedException($"{path} is no policy: it has over {MaxPolicyBytes} bytes");
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
