using System.Net.Sockets;
using System.Text;
using Tutelage.Hosting;
using Tutelage.Vault.Auditing;

namespace Tutelage.Vault.Keys;

/// <summary>The key store of a running vault, for commands of its own user: a Unix socket in its folder, which nobody else may enter.</summary>
/// <remarks>One conversation at a time: a line with the request, then lines of the answer.</remarks>
internal sealed class KeystoreSocket(KeyStore keys, VaultKeys vault, KeystoreRecord record, VaultOptions options, AuditorLink auditor, TimeProvider time, ILogger<KeystoreSocket> log) : BackgroundService
{
    public const string FileName = "keystore.sock";

    /// <summary>sun_path of linux/un.h holds 108 bytes, the last one zero.</summary>
    private const int MaxPathBytes = 107;
    private const int MaxRequestBytes = 8 * 1024;

    private static readonly TimeSpan RequestWithin = TimeSpan.FromSeconds(5);

    /// <summary>Null if a folder's path is too long for a socket: then commands need the vault stopped.</summary>
    public static string? PathIn(string folder) => Path.Combine(Path.GetFullPath(folder), FileName) is var path && Encoding.UTF8.GetByteCount(path) <= MaxPathBytes ? path : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (PathIn(options.DataFolder) is not { } path)
        {
            log.NoKeystoreSocket(options.DataFolder);
            return;
        }

        File.Delete(path); // of a vault that was killed; this one holds the folder's lock
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen(4);
        var verbs = new KeystoreVerbs(keys, vault, record, time, () => Status.Owners(options, auditor));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var caller = await listener.AcceptAsync(stoppingToken);
                await AnswerAsync(caller, verbs, stoppingToken);
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
            {
                // The caller went away, or the vault ends: the loop's condition decides.
            }
        }
    }

    private static async Task AnswerAsync(Socket caller, KeystoreVerbs verbs, CancellationToken stopping)
    {
        await using var stream = new NetworkStream(caller);
        if (await ReadLineAsync(stream, stopping) is not { } line) return;
        if (Wire.Read<KeystoreRequest>(line) is not { } request) return;
        await using var answer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
        await Task.Run(() => verbs.Run(request, answer.WriteLine, stopping), stopping);
    }

    private static async Task<byte[]?> ReadLineAsync(NetworkStream stream, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(RequestWithin);
        var (buffer, length) = (new byte[MaxRequestBytes], 0);
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), limit.Token);
            if (read == 0) return null;
            length += read;
            if (buffer.AsSpan(0, length).IndexOf((byte)'\n') is >= 0 and var end) return buffer[..end];
        }

        return null;
    }
}
