namespace Tutelage.Hosting;

/// <summary>The command line of a host: <c>--name value</c> pairs and bare <c>--name</c> switches. These sources are compiled into vault and auditor alike.</summary>
internal sealed class CommandFlags
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CommandFlags()
    {
    }

    public string? this[string name] => _values.GetValueOrDefault(name);

    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Reads the arguments; every unknown, repeated or incomplete one is a fault.</summary>
    public static CommandFlags Parse(IReadOnlyList<string> args, string[] valued, string[] switches, List<string> faults)
    {
        var flags = new CommandFlags();
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            var isValued = valued.Contains(name, StringComparer.Ordinal);
            if (!isValued && !switches.Contains(name, StringComparer.Ordinal)) faults.Add($"{name}: unknown; known are {string.Join(", ", valued.Concat(switches))}");
            else if (isValued && i + 1 == args.Count) faults.Add($"{name}: needs a value");
            else if (!flags._values.TryAdd(name, isValued ? args[++i] : "")) faults.Add($"{name}: given twice");
        }

        return flags;
    }

    public string Required(string name, List<string> faults)
    {
        if (this[name] is { Length: > 0 } value) return value;
        faults.Add($"{name}: missing");
        return "";
    }

    public Uri? Address(string name, List<string> faults, bool required)
    {
        if (this[name] is not { } text)
        {
            if (required) faults.Add($"{name}: missing; give an address such as http://127.0.0.1:7301");
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.PathAndQuery == "/") return address;
        faults.Add($"{name}: '{text}' is no http address without path");
        return null;
    }
}

/// <summary>Exit statuses of the hosts.</summary>
internal static class HostExit
{
    public const int Ended = 0;
    public const int WrongCommandLine = 2;
    public const int DoubtfulState = 4;
    public const int PortInUse = 5;

    /// <summary>Says every fault on standard error and gives <paramref name="exit"/> back.</summary>
    public static int Refuse(string service, int exit, IEnumerable<string> faults)
    {
        Console.Error.WriteLine($"{service}: does not start:");
        foreach (var fault in faults.Distinct(StringComparer.Ordinal)) Console.Error.WriteLine($"  - {fault}");
        return exit;
    }
}
