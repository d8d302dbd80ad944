using System.Net;
using System.Net.Sockets;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Tests.Support;

namespace Tutelage.Recorder.Tests.Sending;

public sealed class HeldSendingTests
{
    [Fact]
    public async Task A_vault_that_takes_the_call_and_says_nothing_is_named_when_patience_is_over()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = new Uri($"http://{silent.LocalEndpoint}/");
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly, vault: address);
        Directory.CreateDirectory(Path.Combine(person.Spool.HeldRoot, new string('1', 32)));
        using var enrolment = Enrolment.Load(person.Folder);

        var late = await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (var _ in new HeldSending(person.Spool, enrolment, TimeProvider.System, TimeSpan.FromMilliseconds(200)).SendAllAsync(CancellationToken.None)) { }
        });
        late.Message.ShouldContain(address.ToString());
        late.Message.ShouldContain("has not answered within 0.2 s");
        HeldSending.Patience.ShouldBe(TimeSpan.FromSeconds(30));
    }
}
