using System.CommandLine;
using Tutelage.Cli.Accesses;
using Tutelage.Cli.Programme;
using Tutelage.Ledger;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage audit who-saw|verify</c>: a person's accesses, or the proof that there were none.</summary>
internal static class AuditVerbs
{
    private const long MaxProofBytes = 64 << 20;
    private const long MaxPolicyBytes = 64 * 1024;

    public static Command Create(TimeProvider time) => new("audit", "Who could see what, with proofs.\n\nExample: tutelage audit who-saw me") { WhoSaw(time), Verify() };

    private static Command WhoSaw(TimeProvider time)
    {
        var who = new Argument<string>("ME") { Description = "The participant, by the name they enrolled with here; their own key asks." };
        var to = new Option<string?>("--out") { Description = "Where the proof goes. Default: who-saw.tutelage-history in the person's folder.", HelpName = "FILE" };
        var server = Options.Server();
        var json = Options.Json();
        var verb = new Command("who-saw", "Lists every time keys to somebody's recordings were released, and proves the list. Exit code 6 if it is not proven.\n\nExample: tutelage audit who-saw me --out proof.tutelage-history") { who, to, server, json };
        verb.SetAction(async (parsed, token) =>
        {
            var home = Options.HomeOf(parsed);
            var name = parsed.GetRequiredValue(who);
            var address = Options.ServerOf(parsed.GetValue(server));
            using var desk = await Desk.OpenAsync(home, name, address, time, token);
            var bytes = await desk.Client.HistoryAsync(token);
            var history = PersonHistory.Parse(bytes) ?? throw new VerbFailedException("the vault's answer is no history of a person", "is the vault of this version?", CliExit.PromiseBroken);
            var card = desk.Card;
            var oneOwner = (await desk.Client.StatusAsync(card.Vault, token)).TryGetProperty("rehearsal", out var rehearsal) ? rehearsal.GetBoolean() : card.Rehearsal;
            var page = AccessPage.Of(history, card.Policy, oneOwner);
            var proof = Path.GetFullPath(parsed.GetValue(to) ?? Path.Combine(home.FolderOf(name), "who-saw" + PersonHistory.FileExtension));
            await File.WriteAllBytesAsync(proof, bytes, token);
            var rules = ToldRules.Read(await desk.Client.RulesAsync(token));
            if (parsed.GetValue(json)) Output.Json(page.ToJson(proof, rules));
            else
            {
                page.Print();
                RulesChangeVerbs.Print(rules);
                Output.Line($"Proof: {proof} ({Output.Size(bytes.Length)}). Anybody can check it with: tutelage audit verify {proof} --policy POLICY");
            }
            return page.Verdict.Fault is null ? CliExit.Done : CliExit.PromiseBroken;
        });
        return verb;
    }

    private static Command Verify()
    {
        var file = new Argument<string>("FILE") { Description = "A proof that `tutelage audit who-saw` wrote." };
        var policy = new Option<string>("--policy") { Description = "File that names the log's key, its witnesses and the quorum: whom you believe.", Required = true, HelpName = "POLICY" };
        var json = Options.Json();
        var verb = new Command("verify", "Checks a proof offline, with public keys alone. Exit code 6 if it does not hold.\n\nExample: tutelage audit verify proof.tutelage-history --policy policy.txt") { file, policy, json };
        verb.SetAction(async (parsed, token) =>
        {
            var bytes = await ReadAsync(parsed.GetRequiredValue(file), MaxProofBytes, "`tutelage audit who-saw` writes one", token);
            var believed = LogPolicy.Parse(System.Text.Encoding.UTF8.GetString(await ReadAsync(parsed.GetRequiredValue(policy), MaxPolicyBytes, "a policy has lines 'log KEY', 'witness NAME KEY', 'quorum NAME'", token)));
            var history = PersonHistory.Parse(bytes) ?? throw new VerbFailedException($"{parsed.GetRequiredValue(file)} is no proof of accesses", code: CliExit.PromiseBroken);
            var page = AccessPage.Of(history, believed, oneOwner: null);
            if (parsed.GetValue(json)) Output.Json(page.ToJson(proof: null));
            else page.Print();
            return page.Verdict.Fault is null ? CliExit.Done : CliExit.PromiseBroken;
        });
        return verb;
    }

    private static async Task<byte[]> ReadAsync(string path, long maxBytes, string hint, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new VerbFailedException($"there is no file {path}", hint);
        if (new FileInfo(path).Length > maxBytes) throw new VerbFailedException($"{path} has over {maxBytes} bytes", hint);
        return await File.ReadAllBytesAsync(path, cancellationToken);
    }
}
