using System.Runtime.CompilerServices;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;

namespace Tutelage.Recorder.Sending;

/// <summary>Sends what waits when its owner says so, with no recorder running.</summary>
/// <param name="patience">How long vault and server may take to answer; null is <see cref="Patience"/>.</param>
public sealed class HeldSending(SpoolFolder spool, Enrolment enrolment, TimeProvider time, TimeSpan? patience = null)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Until everything is sent or the server is away. Nothing is sent without a lease: its epoch is in every header.</summary>
    /// <exception cref="HttpRequestException">The vault gives no lease.</exception>
    /// <exception cref="IOException">It does not answer.</exception>
    public async IAsyncEnumerable<SendResult> SendAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        spool.FinishDiscarding();
        if (spool.Held().Count == 0) yield break;
        using var http = new HttpClient(new SigningHandler(enrolment.Device, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3) } }) { Timeout = patience ?? Patience };
        var epoch = await LeaseAsync(http, cancellationToken);
        var sender = new SegmentSender(spool, enrolment, http);
        foreach (var id in spool.Held())
        {
            var result = await sender.SendAsync(id, epoch, null, cancellationToken);
            yield return result;
            if (result.Outcome == SendOutcome.ServerAway) yield break;
        }
    }

    /// <returns>The epoch of today's lease.</returns>
    private async Task<long> LeaseAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.PostAsync(new Uri(enrolment.File.Vault, "v1/leases"), new StringContent("{}"), cancellationToken);
            answer.EnsureSuccessStatusCode();
            using var lease = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            return lease.RootElement.GetProperty("epoch").GetInt64();
        }
        catch (TaskCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the vault at {enrolment.File.Vault} has not answered within {http.Timeout.TotalSeconds:0.#} s; nothing was sent, try again later", late);
        }
    }
}
