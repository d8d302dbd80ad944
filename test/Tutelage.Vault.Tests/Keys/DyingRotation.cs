using System.Diagnostics;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>A rotation in a process of its own that is killed, SIGKILL, after one of its durable steps.</summary>
internal static class DyingRotation
{
    public static async Task RunAsync(string folder, RotationStep step)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(DyingRotation).Assembly.Location, "rotate-and-die", folder, step.ToString()]) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(128 + 9, errors);
    }

    public static int Run(string folder, string step)
    {
        var faults = new List<string>();
        using var vault = VaultKeys.Load(folder, faults);
        using var store = VaultStore.Open(folder, faults);
        using var keys = KeyStore.Open(folder, vault!.Root, store!, TimeProvider.System, faults, reached => // the parent has opened both
        {
            if (reached.ToString() == step) Process.GetCurrentProcess().Kill();
        });
        if (keys is null) Console.Error.WriteLine(string.Join("; ", faults));
        keys?.Rotate();
        return 0;
    }
}
