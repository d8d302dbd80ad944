using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Tutelage.Server;

/// <summary>How the process listens, says that it is ready, and ends.</summary>
internal static class ServerHost
{
    /// <summary>Standard output belongs to the ready line; log lines go to standard error.</summary>
    public static WebApplicationBuilder Create(IPEndPoint listen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions()); // no settings but ours: no environment, no files
        builder.Services.AddRoutingCore();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Tutelage", LogLevel.Information);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(listen);
        });
        return builder;
    }

    /// <summary>Runs until a signal.</summary>
    /// <returns>The process's exit status.</returns>
    public static async Task<int> ServeAsync(this WebApplication app, IPEndPoint listen)
    {
        _ = app.Services.GetRequiredService<Requests.Callers>(); // requests older than the verifier are refused: it must be older than the ready line
        try
        {
            await app.StartAsync();
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{listen} is in use by another program; choose another port, or 0 for any");
            return ExitCode.PortInUse;
        }
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(); // Kestrel always has it
        app.Services.GetRequiredService<Requests.OwnOrigin>().Bound = address;
        var ready = JsonSerializer.Serialize(new ReadyLine("server", address, Environment.ProcessId), Requests.ServerJson.Default.ReadyLine);
        await Console.Out.WriteLineAsync(ready);
        await app.WaitForShutdownAsync();
        return ExitCode.Ended;
    }

    public static int Refuse(int status, IEnumerable<string> faults)
    {
        foreach (var fault in faults) Console.Error.WriteLine($"tutelage-server: {fault}");
        if (status == ExitCode.WrongCommandLine) Console.Error.WriteLine(ServerCommand.Usage);
        return status;
    }
}

/// <summary>The one line on standard output.</summary>
internal sealed record ReadyLine(string Service, string Address, int Pid);
