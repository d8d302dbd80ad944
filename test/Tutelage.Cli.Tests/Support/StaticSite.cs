using System.Net;
using System.Net.Sockets;

namespace Tutelage.Cli.Tests.Support;

/// <summary>A folder served over HTTP on a loopback port, by a server that is none of ours.</summary>
internal sealed class StaticSite : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    private StaticSite(string folder, string address)
    {
        Address = address;
        _listener.Prefixes.Add(address);
        _listener.Start();
        _serving = ServeAsync(folder);
    }

    public string Address { get; }

    public static Task<StaticSite> StartAsync(string folder)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return Task.FromResult(new StaticSite(folder, FormattableString.Invariant($"http://127.0.0.1:{port}/")));
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync(string folder)
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                var path = Path.Combine(folder, call.Request.Url!.AbsolutePath.TrimStart('/'));
                call.Response.StatusCode = File.Exists(path) ? 200 : 404;
                if (File.Exists(path)) await call.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(path));
                call.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
