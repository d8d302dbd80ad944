using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Tutelage.Cli.Programme;

namespace Tutelage.Cli.Verbs;

/// <summary><c>tutelage keystore …</c>: the vault's key store, on the vault's machine and as its user. The vault's own program does the work; no key comes here.</summary>
internal static class KeystoreVerbs
{
    /// <summary>The vault's exit status for a backup that no keyring opens any more, and ours.</summary>
    private const int Dark = 9;

    private const int DoubtfulState = 4;

    public static Command Create() => new("keystore", "Keys of the vault: their state, a new epoch, backups.\n\nExample: tutelage keystore rehearse") { Status(), Rotate(), Backup(), Restore(), Rehearse() };

    private static Command Status() => Verb("status", "Shows the key epoch, what is under it, and what cannot be protected here.", [], answer =>
    {
        Output.Line($"key epoch {Number(answer, "epoch")} of {Text(answer, "opened")}; {Number(answer, "keys")} keys under it{(Number(answer, "unopened") is > 0 and var lost ? $", {lost} THAT NOTHING OPENS" : "")}");
        Output.Line($"the keyring holds {Number(answer, "epochs")} epochs: backups from key epoch {Number(answer, "oldest")} on still open{(answer.GetProperty("due").GetBoolean() ? "; a rotation is due" : "")}");
        Output.Line($"last backup {When(answer, "last_backup")}, last rehearsal in which every key opened {When(answer, "last_rehearsal")}");
        if (answer.TryGetProperty("fault", out var fault)) Output.Line($"NOT ROTATED: {fault.GetString()}");
        foreach (var gap in answer.GetProperty("unprotected").EnumerateArray()) Output.Line($"not protected ({Text(gap, "code")}): {Text(gap, "words")}");
    });

    private static Command Rotate() => Verb("rotate", "Begins a new key epoch now and wraps every key under it. After seven of them, earlier backups are dark.", [], answer =>
        Output.Line($"Key epoch {Number(answer, "epoch")}: {Number(answer, "keys")} keys are under it. Backups from key epoch {Number(answer, "oldest")} on still open."));

    private static Command Backup() => Verb("backup", "Copies the key store, sealed, to a new folder. Keep root.key and the escrow copy of the keyring apart from it.",
        [new Argument<string>("DIR") { Description = "A new folder." }], answer => Output.Line($"Backup of key epoch {Number(answer, "key_epoch")}, {Number(answer, "size_bytes")} bytes. It opens with root.key and a keyring that holds this epoch: until seven rotations from now."));

    private static Command Restore() => Verb("restore", "Brings a backup back into a new folder. Exit code 9 if it is dark.",
        [
            new Argument<string>("DIR") { Description = "The backup." },
            new Option<string?>("--root") { Description = "The root key that was kept apart. Default: root.key in the new folder.", HelpName = "FILE" },
            new Option<string?>("--keyring") { Description = "A keyring or its escrow copy. Default: keyring in the new folder.", HelpName = "FILE" },
        ], answer => Output.Line($"Restored from key epoch {Number(answer, "key_epoch")}: {Number(answer, "opened")} of {Number(answer, "keys")} keys open. Start the vault on it: before it serves, it gets the entries since the backup from the auditor, which must run."));

    private static Command Rehearse() => Verb("rehearse", "Makes a backup, restores it into a scratch folder, opens every key in it, and destroys both.", [], answer =>
        Output.Line($"Rehearsed: the probe {(answer.GetProperty("probe").GetBoolean() ? "opens" : "DOES NOT OPEN")}, {Number(answer, "opened")} of {Number(answer, "keys")} keys open; nothing was left behind."));

    private static Command Verb(string name, string description, IReadOnlyList<Symbol> more, Action<JsonElement> show)
    {
        var data = new Option<string?>("--data") { Description = name == "restore" ? "The new folder." : "The vault's folder. Default: that of the programme on this machine.", HelpName = "DIR", Required = name == "restore" };
        var json = Options.Json();
        var example = name is "backup" or "restore" ? $"{name} ./backup-1" + (name == "restore" ? " --data ./vault-2 --root root.key --keyring keyring.escrow" : "") : name;
        var verb = new Command(name, $"{description}\n\nExample: tutelage keystore {example}") { data, json };
        foreach (var symbol in more)
        {
            if (symbol is Argument argument) verb.Arguments.Add(argument);
            else if (symbol is Option option) verb.Options.Add(option);
        }

        verb.SetAction(async (parsed, token) =>
        {
            var arguments = new List<string> { "keystore", name, "--data", Path.GetFullPath(parsed.GetValue(data) ?? Path.Combine(Options.HomeOf(parsed).Programme, "vault")) };
            foreach (var symbol in more)
            {
                if (symbol is Argument<string> folder) arguments.AddRange(["--folder", Path.GetFullPath(parsed.GetValue(folder)!)]);
                else if (symbol is Option<string?> option && parsed.GetValue(option) is { } file) arguments.AddRange([option.Name, Path.GetFullPath(file)]);
            }

            var answer = await RunAsync(arguments, parsed.GetValue(json), token);
            if (parsed.GetValue(json)) Output.Json(answer);
            else show(answer);
            var isWhole = name is not ("restore" or "rehearse") || answer.GetProperty("probe").GetBoolean() && Number(answer, "opened") == Number(answer, "keys");
            return isWhole ? CliExit.Done : CliExit.PromiseBroken;
        });
        return verb;
    }

    /// <summary>Runs the vault's program and shows its progress on standard error.</summary>
    private static async Task<JsonElement> RunAsync(IReadOnlyList<string> arguments, bool quiet, CancellationToken cancellationToken)
    {
        var dotnet = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        var start = new ProcessStartInfo(dotnet, [HostProcess.PathOf("Tutelage.Vault"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start) ?? throw new HostFailedException("Tutelage.Vault", -1, "the operating system did not start it");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var last = "";
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            last = line;
            if (!quiet && !Console.IsErrorRedirected && JsonDocument.Parse(line).RootElement is var step && step.TryGetProperty("stage", out var stage))
                await Console.Error.WriteAsync($"\r{stage.GetString(),-10} {Number(step, "done")}/{Number(step, "total")}   ");
        }

        if (!quiet && !Console.IsErrorRedirected) await Console.Error.WriteAsync("\r");
        await process.WaitForExitAsync(cancellationToken);
        var answer = last.Length > 0 ? JsonDocument.Parse(last).RootElement : default;
        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("result", out var result)) return result.Clone();
        var said = answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out var error) ? Text(error, "message") ?? "" : (await errors).Trim();
        throw new VerbFailedException(said.Length > 0 ? said : "the vault's program ended without an answer", null, process.ExitCode switch
        {
            Dark => Dark,
            2 => CliExit.Usage,
            DoubtfulState => CliExit.PromiseBroken,
            _ => CliExit.Failed,
        });
    }

    private static string When(JsonElement from, string name) =>
        Number(from, name) is { } at ? DateTimeOffset.FromUnixTimeSeconds(at).ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) : "never";

    private static long? Number(JsonElement from, string name) => from.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) ? value.GetString() : null;
}
