using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Tutelage.Hosting;

/// <summary>What every host does the same way: one listening address, logs on standard error, one line on standard output when it is ready.</summary>
internal static class HostShell
{
    /// <summary>A builder that reads no configuration but ours: no environment, no files.</summary>
    public static WebApplicationBuilder Create(string listen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://" + listen).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 128L << 20; // the largest slice reads 96 MiB (releases); each slice sets its own bound below it
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        return builder;
    }

    public static bool IsListenAddress(string text) => IPEndPoint.TryParse(text, out var endpoint) && text.Contains(':', StringComparison.Ordinal) && endpoint.Port >= 0;

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <returns>An exit status.</returns>
    public static async Task<int> RunUntilStoppedAsync(this WebApplication app, string service, string listen)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException busy) when (busy.InnerException is AddressInUseException)
        {
            return HostExit.Refuse(service, HostExit.PortInUse, [$"{listen}: another program listens there; end it or choose another port (0 takes any free one)"]);
        }

        var ready = new { service, address = app.Address().ToString().TrimEnd('/'), pid = Environment.ProcessId };
        Console.Out.WriteLine(JsonSerializer.Serialize(ready));
        await Console.Out.FlushAsync();
        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }

    /// <summary>Where the started host listens.</summary>
    public static Uri Address(this WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
}
