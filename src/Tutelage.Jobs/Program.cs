using Tutelage.Jobs.Hosting;

if (!Console.IsInputRedirected || !Console.IsOutputRedirected || Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") != "0")
{
    Console.Error.WriteLine(
        "tutelage-job: this program is started by the vault for one grant, with pipes for input and output and DOTNET_EnableDiagnostics=0. hint: ask with 'tutelage dataset build'");
    return JobExit.NotLaunched;
}

using var input = Console.OpenStandardInput();
using var output = Console.OpenStandardOutput();
var confined = Confinement.Apply();
return new JobProcess(new LauncherPipe(input, output, ended: () => Environment.Exit(JobExit.Stopped)), confined, WaysOut.Open()).Run();
