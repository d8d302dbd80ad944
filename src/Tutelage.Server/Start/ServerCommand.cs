using System.Net;

namespace Tutelage.Server;

/// <summary>The command line, checked.</summary>
/// <param name="Data">Folder of index and objects; made if it is missing.</param>
/// <param name="Trust">Path of the trust file.</param>
internal sealed record ServerCommand(string Data, IPEndPoint Listen, string Trust)
{
    public const string Usage = "usage: tutelage-server --data DIR --listen 127.0.0.1:0 --trust FILE";

    public static (ServerCommand? Command, IReadOnlyList<string> Faults) Read(IReadOnlyList<string> args)
    {
        var faults = new List<string>();
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < args.Count; at += 2)
        {
            if (args[at] is not ("--data" or "--listen" or "--trust")) faults.Add($"'{args[at]}' is not known");
            else if (at + 1 == args.Count) faults.Add($"{args[at]} needs a value");
            else if (!given.TryAdd(args[at], args[at + 1])) faults.Add($"{args[at]} is given twice");
        }
        foreach (var name in (string[])["--data", "--listen", "--trust"])
        {
            if (!given.TryGetValue(name, out var value) || value.Length == 0) faults.Add($"{name} is missing");
        }
        var listen = new IPEndPoint(IPAddress.Loopback, 0);
        if (given.TryGetValue("--listen", out var text) && !(text.LastIndexOf(':') > 0 && IPEndPoint.TryParse(text, out listen!)))
            faults.Add($"--listen '{text}' is not ADDRESS:PORT with a numeric address");
        return faults.Count > 0 ? (null, faults) : (new ServerCommand(given["--data"], listen, given["--trust"]), faults);
    }
}
