using System.Net;
using System.Net.Sockets;
using System.Text;
using Tutelage.Practice.Script;
using Tutelage.Practice.Site;

namespace Tutelage.Practice.Tests;

public sealed class PracticeSiteTests : IAsyncLifetime
{
    private readonly PracticeSite _site = PracticeSite.Start(TimeProvider.System);
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _site.DisposeAsync();
    }

    [Fact]
    public async Task Every_task_has_its_page_inside_the_assembly()
    {
        foreach (var task in DemoScript.Tasks)
        {
            (await _http.GetStringAsync(_site.AddressOf(task, 1))).ShouldContain("task.js");
            (await _http.GetAsync(new Uri(_site.Address, task + "/task.js"))).Content.Headers.ContentType!.MediaType.ShouldBe("text/javascript");
        }
        (await _http.GetStringAsync(_site.Address)).ShouldContain("Practice");
    }

    [Theory]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/../secret", HttpStatusCode.NotFound)]
    [InlineData("/assignments/a1.json", HttpStatusCode.NotFound)]
    [InlineData("/expense-form?seed=3", HttpStatusCode.MovedPermanently)]
    public async Task Only_what_is_there_is_served(string path, HttpStatusCode expected) =>
        (await _http.GetAsync(new Uri(_site.Address, path))).StatusCode.ShouldBe(expected);

    [Fact]
    public async Task Other_methods_are_refused() =>
        (await _http.PostAsync(_site.Address, new StringContent("x"))).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task Plants_never_stand_in_an_address()
    {
        var script = DemoScript.For(3, participants: 1).Participants[0];
        var addresses = _site.Assign(script);
        foreach (var plant in script.Plants) addresses.ShouldAllBe(address => !Uri.UnescapeDataString(address.AbsoluteUri).Contains(plant.Value));
        var id = addresses[0].Query.Split("assignment=")[1];
        (await _http.GetStringAsync(new Uri(_site.Address, $"assignments/{id}.json"))).ShouldContain(addresses[1].AbsolutePath);
    }

    [Fact]
    public async Task Mangled_requests_never_stop_the_site()
    {
        var random = new Random(4711);
        var good = "GET /shared/draw.js HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        for (var i = 0; i < 400; i++)
        {
            var bytes = good.Take(random.Next(1, good.Length + 1)).Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => (byte)random.Next(256))).ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _site.Address.Port);
            var answer = new byte[64];
            int read;
            try
            {
                var stream = client.GetStream();
                await stream.WriteAsync(bytes);
                client.Client.Shutdown(SocketShutdown.Send);
                read = await stream.ReadAsync(answer);
            }
            catch (Exception fault) when (fault is IOException or SocketException)
            {
                continue; // Answered and closed before all was read.
            }
            if (read > 0) Encoding.ASCII.GetString(answer, 0, read).ShouldStartWith("HTTP/1.1 ");
        }
        (await _http.GetAsync(_site.Address)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_head_that_never_ends_is_cut_off()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _site.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nX: " + new string('a', 16 * 1024)));
        var answer = new byte[32];
        var read = await client.GetStream().ReadAsync(answer);
        Encoding.ASCII.GetString(answer, 0, read).ShouldStartWith("HTTP/1.1 431");
    }
}
