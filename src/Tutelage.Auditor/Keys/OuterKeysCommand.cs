using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Keys;

/// <summary><c>Tutelage.Auditor keystore status|retire --data DIR [--month yyyy-MM --objects DIR]</c>, with the auditor ended. One line of JSON on standard output.</summary>
internal static class OuterKeysCommand
{
    /// <summary>Something is sealed to the month, or it is too new.</summary>
    private const int ExitRefused = 1;

    /// <summary>Name of a header in the server's object folders, or in a copy of them.</summary>
    private const string HeaderName = "header";

    /// <summary>Longer than any header of an object.</summary>
    private const int MaxHeaderBytes = 64 * 1024;

    public static int Run(IReadOnlyList<string> words)
    {
        var faults = new List<string>();
        var flags = CommandFlags.Parse([.. words.Skip(1)], ["--data", "--month", "--objects", "--clock"], ["--rehearsal"], faults);
        var retire = words is ["retire", ..];
        if (!retire && words is not ["status", ..]) faults.Add("keystore: known are status and retire");
        var data = flags.Required("--data", faults);
        var (month, objects) = retire ? (flags.Required("--month", faults), flags.Required("--objects", faults)) : ("", "");
        if (retire && objects.Length > 0 && !Directory.Exists(objects)) faults.Add($"--objects {objects}: there is no such folder; name the server's objects/ or a copy of its headers");
        var time = HostClock.For(flags["--clock"], flags.Has("--rehearsal"), faults);
        if (faults.Count > 0) return HostExit.Refuse("auditor", HostExit.WrongCommandLine, faults);
        HostMemory.Lock();
        ProcessGuard.Close(faults);
        FolderGuard.Check(data, faults);
        using var held = faults.Count > 0 ? null : FolderLock.Take(data, "auditor", faults);
        using var keys = faults.Count > 0 ? null : AuditorKeys.Load(data, time, faults);
        if (keys is null || faults.Count > 0) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        if (!retire) return Say(new { result = new { keys.Months } }, HostExit.Ended);
        if (Need(keys, month, objects) is { } need) return Say(new { error = new { code = "needed", message = need } }, ExitRefused);
        return keys.Retire(month) is { } refused
            ? Say(new { error = new { code = "refused", message = refused } }, ExitRefused)
            : Say(new { result = new { retired = month, keys.Months } }, HostExit.Ended);
    }

    /// <summary>Why a month's key is needed; null if nothing that was looked at needs it. What cannot be read needs every key.</summary>
    private static string? Need(AuditorKeys keys, string month, string objects)
    {
        foreach (var path in Directory.EnumerateFiles(objects, HeaderName, SearchOption.AllDirectories))
        {
            if (new FileInfo(path).Length > MaxHeaderBytes || !HeaderBytes.TryDecode(File.ReadAllBytes(path), out var header, out _)) return $"{path} cannot be read, so it may need any month";
            foreach (var file in header.Files.Where(file => !file.OuterHeader.IsEmpty))
            {
                try
                {
                    if (keys.MonthOf(file.OuterHeader.Span) == month) return $"object {header.ObjectId} was sealed in {month}; delete it first, or keep the key";
                }
                catch (AgeFormatException)
                {
                    return $"{path} cannot be read, so it may need any month";
                }
            }
        }

        return null;
    }

    private static int Say<T>(T line, int exit)
    {
        Console.WriteLine(JsonSerializer.Serialize(line, Wire.Json));
        return exit;
    }
}
