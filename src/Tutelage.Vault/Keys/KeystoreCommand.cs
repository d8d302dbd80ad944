using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Vault.Record;
using Tutelage.Vault.Recovery;

namespace Tutelage.Vault.Keys;

/// <summary><c>Tutelage.Vault keystore VERB --data DIR</c>: by itself where the vault does not run, else through its socket. Lines of JSON on standard output.</summary>
internal static class KeystoreCommand
{
    /// <summary>The work failed; the last line says why.</summary>
    public const int ExitFailed = 1;

    /// <summary>No keyring opens the backup any more.</summary>
    public const int ExitDark = 9;

    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var faults = new List<string>();
        var flags = CommandFlags.Parse([.. words.Skip(1)], ["--data", "--folder", "--root", "--keyring", "--clock"], ["--rehearsal"], faults);
        var verb = words.Count > 0 ? words[0] : "";
        if (verb is not ("status" or "rotate" or "backup" or "restore" or "rehearse")) faults.Add($"keystore {verb}: unknown; known are status, rotate, backup, restore, rehearse");
        var data = flags.Required("--data", faults);
        var folder = verb is "backup" or "restore" ? Path.GetFullPath(flags.Required("--folder", faults) is { Length: > 0 } given ? given : ".") : null;
        var time = HostClock.For(flags["--clock"], flags.Has("--rehearsal"), faults);
        if (faults.Count > 0) return HostExit.Refuse("vault", HostExit.WrongCommandLine, faults);
        HostMemory.Lock();
        ProcessGuard.Close(faults);
        if (faults.Count > 0) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);
        var request = new KeystoreRequest(verb, folder);
        if (folder is not null && verb == "restore") return Say(Restore(folder, data, flags["--root"], flags["--keyring"]));
        if (!Directory.Exists(data)) return HostExit.Refuse("vault", HostExit.DoubtfulState, [$"--data {data}: there is no such folder"]);
        using var held = FolderLock.Take(data, "vault", []);
        return held is null ? await AskAsync(data, request) : await Task.Run(() => RunHere(data, request, time));
    }

    private static string Restore(string backup, string target, string? root, string? keyring)
    {
        var faults = new List<string>();
        try
        {
            var restored = KeyRestore.Restore(backup, target, root, keyring, (stage, done, total) => Console.WriteLine(KeystoreVerbs.Line(new { stage, done, total })), faults);
            return restored is null ? KeystoreVerbs.Error(KeystoreVerbs.Doubtful, string.Join("; ", faults)) : KeystoreVerbs.Line(new { result = restored });
        }
        catch (BackupDarkException dark)
        {
            return KeystoreVerbs.Error(KeystoreVerbs.Dark, dark.Message);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or Sealing.AgeFormatException or Sealing.PayloadAuthenticationException or Sealing.NoMatchingIdentityException or InvalidDataException or Microsoft.Data.Sqlite.SqliteException)
        {
            return KeystoreVerbs.Error(KeystoreVerbs.Failed, broken.Message);
        }
    }

    private static int RunHere(string data, KeystoreRequest request, TimeProvider time)
    {
        var faults = new List<string>();
        FolderGuard.Check(data, faults);
        using var vault = faults.Count > 0 ? null : VaultKeys.Load(data, faults);
        using var store = vault is null ? null : VaultStore.Open(data, faults);
        using var keys = vault is null || store is null ? null : KeyStore.Open(data, vault.Root, store, time, faults);
        if (vault is null || store is null || keys is null) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);
        if (RestoredMark.IsIn(data) && request.Verb != "status") return HostExit.Refuse("vault", HostExit.DoubtfulState, [$"{data}: came back from a backup and has not asked its auditor yet; start the vault first"]);
        using var ledger = request.Verb == "status" ? null : VaultLedger.Open(data, store, vault, time, faults);
        if (faults.Count > 0) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);
        var record = ledger is null ? null : new KeystoreRecord(store, ledger, time);
        using var ended = new CancellationTokenSource();
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, signal => (signal.Cancel, _) = (true, ended.CancelAsync()));
        var last = "";
        new KeystoreVerbs(keys, vault, record, time, static () => []).Run(request, line => Console.WriteLine(last = line), ended.Token);
        return ExitOf(last);
    }

    private static async Task<int> AskAsync(string data, KeystoreRequest request)
    {
        if (KeystoreSocket.PathIn(data) is not { } path || !File.Exists(path))
            return HostExit.Refuse("vault", HostExit.DoubtfulState, [$"{data}: a vault uses this folder and cannot be asked (its path is over 90 characters, or it is starting or ending); try again, or end it first"]);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(KeystoreVerbs.Line(request) + "\n"));
            using var answer = new StreamReader(stream);
            var last = "";
            while (await answer.ReadLineAsync() is { } line) Console.WriteLine(last = line);
            return ExitOf(last);
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            return Say(KeystoreVerbs.Error(KeystoreVerbs.Failed, $"the vault in {data} ended or does not answer ({gone.Message}); run the command again"));
        }
    }

    private static int Say(string line)
    {
        Console.WriteLine(line);
        return ExitOf(line);
    }

    private static int ExitOf(string line)
    {
        if (line.Length == 0) return ExitFailed;
        using var answer = JsonDocument.Parse(line);
        if (answer.RootElement.TryGetProperty("result", out _)) return HostExit.Ended;
        return answer.RootElement.TryGetProperty("error", out var error) && error.TryGetProperty("code", out var code) ? code.GetString() switch
        {
            KeystoreVerbs.Dark => ExitDark,
            KeystoreVerbs.Doubtful => HostExit.DoubtfulState,
            KeystoreVerbs.WrongVerb => HostExit.WrongCommandLine,
            _ => ExitFailed,
        } : ExitFailed;
    }
}
