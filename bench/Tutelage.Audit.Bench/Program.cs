using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tutelage.Audit.Bench;

// ./build.sh bench Audit [FOLDER [ENTRIES]]: a real programme whose ledger holds 10^6 entries about 10,000 persons, 1,000 of them releases that reach one person.
// How long the auditor reads them, how long it takes to start again, and what `tutelage audit who-saw` costs that person.
var at = args.Length > 0 ? args[0] : Path.GetTempPath();
var total = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
const int Accesses = 1000;
const int Persons = 10_000;
var root = Directory.CreateDirectory(Path.Combine(at, $"tutelage-audit-bench-{Environment.ProcessId}")).FullName;
try
{
    var line = new Line(root);
    await line.PrepareAsync();
    var writing = Stopwatch.StartNew();
    var size = BulkEntries.Write(line.VaultDatabase, line.Tag, line.Grant, total, Accesses, Persons);
    Console.Error.WriteLine($"wrote {size} entries into the vault's database in {writing.Elapsed.TotalSeconds:0} s");
    Console.WriteLine("| what | figure |\n|---|---:|");

    await using var hosts = new Hosts(line);
    await hosts.StartAuditorAsync();
    await hosts.StartServerAsync();
    var start = await hosts.StartVaultAsync();
    Row($"vault starts on {size} entries that its log lacks", $"{start:0.0} s");
    var reading = Stopwatch.StartNew();
    while (await hosts.AuditedAsync() < size) await Task.Delay(500);
    Row($"auditor reads, stores and cosigns {size} entries", $"{reading.Elapsed.TotalSeconds:0} s, {size / reading.Elapsed.TotalSeconds:0} entries/s");

    var restarts = new List<double>();
    for (var i = 0; i < 3; i++)
    {
        await hosts.EndAuditorAsync();
        restarts.Add(await hosts.StartAuditorAsync());
    }

    Row("auditor starts again, process and all (best of 3)", $"{restarts.Min():0.00} s");
    await hosts.EndAuditorAsync();
    Row("auditor: check, every entry read anew and compared", $"{await hosts.CheckAsync():0.0} s");
    await hosts.StartAuditorAsync();

    var proof = Path.Combine(root, "proof");
    foreach (var what in new[] { "first time, with a new root over all heads", "again" })
    {
        var asked = Stopwatch.StartNew();
        var told = JsonDocument.Parse(await line.RunAsync("audit", "who-saw", "me", "--json", "--out", proof)).RootElement;
        var accesses = told.GetProperty("accesses").GetArrayLength();
        Row($"tutelage audit who-saw, {accesses} accesses, {what}", $"{asked.Elapsed.TotalSeconds:0.0} s, verified {told.GetProperty("verified")}, audited {told.GetProperty("audited")}");
    }

    var bytes = new FileInfo(proof).Length;
    Row("its proof file", $"{bytes} bytes, {(bytes - 4096) / (double)Accesses:0} an access beyond 4 KB");
}
finally
{
    Directory.Delete(root, recursive: true);
}

static void Row(string what, string figure) => Console.WriteLine($"| {what} | {figure} |");
