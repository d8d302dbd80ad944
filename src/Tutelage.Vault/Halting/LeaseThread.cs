namespace Tutelage.Vault.Halting;

/// <summary>Asks the auditor every half second, on a thread of its own with sockets of its own: neither a busy pool nor a long hand-over of entries makes the lease late.</summary>
internal sealed class LeaseThread(AuditorLease lease, VaultOptions options, TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>A later answer would give little; the next question is asked sooner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = Patience, UseProxy = false }) { Timeout = Patience, MaxResponseContentBufferSize = 256 * 1024 };
    private readonly ManualResetEventSlim _end = new();
    private Thread? _thread;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "auditor's lease" };
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _end.Set();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _end.Set();
        _thread?.Join(Patience + Every);
        _http.Dispose();
        _end.Dispose();
    }

    private void Run()
    {
        var address = options.AuditorAddress ?? throw new ArgumentException("the vault needs its auditor's address", nameof(options));
        do
        {
            var (nonce, asked) = (AuditorLease.NewNonce(), time.GetTimestamp());
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"v1/state?nonce={nonce}"));
                using var answer = _http.Send(request);
                using var body = new MemoryStream();
                answer.Content.CopyTo(body, null, CancellationToken.None);
                lease.Take(body.GetBuffer().AsSpan(0, (int)body.Length), nonce, asked);
            }
            catch (Exception away) when (away is HttpRequestException or IOException or OperationCanceledException)
            {
                lease.Missed(away is HttpRequestException http ? http.HttpRequestError.ToString() : "no answer");
            }
            catch (Exception fault) when (fault is Microsoft.Data.Sqlite.SqliteException or InvalidOperationException)
            {
                lease.Missed($"a halt of the auditor's could not be written here: {fault.GetType().Name}"); // it is in force all the same
            }
        }
        while (!_end.Wait(Every));
    }
}
