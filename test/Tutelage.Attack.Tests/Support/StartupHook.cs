using System.Diagnostics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

/// <summary>Runs in a host before its own first line (<c>DOTNET_STARTUP_HOOKS</c>) and writes down which routes that host really has.</summary>
/// <remarks>So the table of endpoints cannot forget one: it is what the running process answers to, not what somebody wrote down.</remarks>
#pragma warning disable MA0047 // the runtime finds it by this name and no namespace
internal static class StartupHook
#pragma warning restore MA0047
{
    public const string RoutesFile = "ATTACK_ROUTES_FILE";

    public static void Initialize()
    {
        var path = Environment.GetEnvironmentVariable(RoutesFile);
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null); // neither the host nor its jobs see it
        Environment.SetEnvironmentVariable(RoutesFile, null);
        if (path is not null) DiagnosticListener.AllListeners.Subscribe(new Listeners(path));
    }

    private static void Write(IHost host, string path) => host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() =>
    {
        var routes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
            (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
        File.WriteAllLines(path + ".new", routes);
        File.Move(path + ".new", path);
    });

    private sealed class Listeners(string path) : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(new Builds(path));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private sealed class Builds(string path) : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host }) Write(host, path);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
