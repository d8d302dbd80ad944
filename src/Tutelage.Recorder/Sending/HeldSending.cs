using System.Runtime.CompilerServices;
using System.Text.Json;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;

namespace Tutelage.Recorder.Sending;

/// <summary>Sends what waits when its owner says so, with no recorder running.</summary>
public sealed class HeldSending(SpoolFolder spool, Enrolment enrolment, TimeProvider time)
{
    /// <summary>Until everything is sent or the server is away. Nothing is sent without a lease: its epoch is in every header.</summary>
    /// <exception cref="HttpRequestException">The vault gives no lease.</exception>
    public async IAsyncEnumerable<SendResult> SendAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (spool.Held().Count == 0) yield break;
        using var http = new HttpClient(new SigningHandler(enrolment.Device, time) { InnerHandler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(3) } });
        using var answer = await http.PostAsync(new Uri(enrolment.File.Vault, "v1/leases"), new StringContent("{}"), cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var lease = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        var epoch = lease.RootElement.GetProperty("epoch").GetInt64();
        var sender = new SegmentSender(spool, enrolment, http);
        foreach (var id in spool.Held())
        {
            var result = await sender.SendAsync(id, epoch, null, cancellationToken);
            yield return result;
            if (result.Outcome == SendOutcome.ServerAway) yield break;
        }
    }
}
