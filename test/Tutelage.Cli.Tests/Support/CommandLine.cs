using System.Diagnostics;
using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Cli.Tests.Support;

/// <summary>The real program in processes of its own, over a home folder that goes away with it.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tutelage-cli-");

    public string Root => _root.FullName;

    public string Home => Path.Combine(Root, "home");

    /// <summary>Runs to the end with nothing on standard input.</summary>
    public Task<Ran> RunAsync(params string[] arguments) => RunInAsync(new Dictionary<string, string?>(), arguments);

    /// <param name="environment">Null removes a variable.</param>
    public async Task<Ran> RunInAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, output, await errors);
    }

    /// <summary>Runs and expects success.</summary>
    public async Task<Ran> DoAsync(params string[] arguments)
    {
        var ran = await RunAsync(arguments);
        ran.Code.ShouldBe(0, $"{string.Join(' ', arguments)}\n{ran.Out}\n{ran.Error}");
        return ran;
    }

    public Process Start(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(Program());
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["TUTELAGE_HOME"] = Home;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    public void Dispose() => _root.Delete(recursive: true);

    /// <summary>Where the build puts it, with the hosts beside it.</summary>
    private static string Program()
    {
        var pivot = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(SharedFolder.Repository, "artifacts", "bin", "Tutelage.Cli", pivot, "tutelage.dll");
    }
}

/// <summary>What a run said.</summary>
internal sealed record Ran(int Code, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>An error as users may see one: what is wrong, what to do, and nothing of our insides.</summary>
    public void ShouldFail(int code, params string[] named)
    {
        Code.ShouldBe(code, Out + Error);
        Error.ShouldStartWith("tutelage: ");
        foreach (var name in named) Error.ShouldContain(name);
        Error.ShouldNotContain("   at ");
        Error.ShouldNotContain("Exception");
    }
}
