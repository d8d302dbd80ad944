using System.Diagnostics;
using Tutelage.Identity;
using Tutelage.Sealing;

// Sealing, opening, header unwraps and signatures on one thread, and the age tool on the same 256 MiB file in the same run.
//   dotnet run -c Release --project bench/Tutelage.Sealing.Bench [MiB] [folder]
var sizeMiB = args.Length > 0 ? int.Parse(args[0]) : 256;
const int Block = 1 << 18; // what is read or copied at once
var folder = Directory.CreateTempSubdirectory(args.Length > 1 ? Path.Combine(args[1], "bench-") : "tutelage-bench-").FullName;
try
{
    using var tag = TagIdentity.Generate();
    using var vault = TagIdentity.Generate();
    using var x25519 = X25519Identity.Generate();
    var plain = new byte[sizeMiB << 20];
    new Random(1).NextBytes(plain);
    string At(string name) => Path.Combine(folder, name);
    FileStream Read(string name) => new(At(name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 12);
    FileStream Write(string name) => new(At(name), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    File.WriteAllBytes(At("plain"), plain);
    File.WriteAllText(At("key"), x25519.ExportText() + "\n");

    Console.WriteLine($"| what ({sizeMiB} MiB, one thread, best of 5) | by the clock | a second of one core |\n|---|---:|---:|");
    Rate("seal to p256tag, memory to nowhere", () => Seal(new MemoryStream(plain), Stream.Null, tag.Recipient));
    var sealedFile = new MemoryStream(plain.Length + (1 << 20));
    Seal(new MemoryStream(plain), sealedFile, tag.Recipient);
    Rate("open p256tag, memory to nowhere", () =>
    {
        sealedFile.Position = 0;
        using var reader = AgeReader.Open(sealedFile, tag);
        reader.CopyTo(Stream.Null, Block);
    });
    Rate("custody seal (two layers, padded, SHA-256), memory to nowhere",
        () => CustodySeal.Seal(new MemoryStream(plain), Stream.Null, vault.Recipient, tag.Recipient));

    SealedFile? seal = null;
    Action sealTwice = () =>
    {
        using var source = Read("plain");
        using var destination = Write("object");
        seal = CustodySeal.Seal(source, destination, vault.Recipient, tag.Recipient);
    };
    Rate("custody seal, file to file", sealTwice);
    Rate("custody open, file to file", () =>
    {
        using var outer = AgeHeader.Parse(seal!.OuterHeader).Unwrap(tag);
        using var inner = AgeHeader.Parse(seal.InnerHeader).Unwrap(vault);
        using var source = Read("object");
        using var destination = Write("opened");
        using var reader = CustodySeal.Open(source, outer, inner);
        reader.CopyTo(destination, Block);
    });

    // In turns, so that what else the machine does meets both.
    Rates(
        ("Tutelage: seal file to file, X25519", () =>
        {
            using var source = Read("plain");
            using var destination = Write("ours.age");
            Seal(source, destination, x25519.Recipient);
        }),
        ("age tool: seal file to file, X25519", () => Age("-r", x25519.Recipient.Text, "-o", At("theirs.age"), At("plain"))));
    Rates(
        ("Tutelage: open file to file, X25519", () =>
        {
            using var source = Read("theirs.age");
            using var destination = Write("opened");
            using var reader = AgeReader.Open(source, x25519);
            reader.CopyTo(destination, Block);
        }),
        ("age tool: open file to file, X25519", () => Age("-d", "-i", At("key"), "-o", At("opened"), At("ours.age"))));

    using var key = SigningKey.Generate();
    var header = Header(tag.Recipient);
    var x25519Header = Header(x25519.Recipient);
    var message = new byte[300];
    var signature = key.Sign(message);
    Count("p256tag header unwraps", () => AgeHeader.Parse(header).Unwrap(tag).Dispose());
    Count("X25519 header unwraps", () => AgeHeader.Parse(x25519Header).Unwrap(x25519).Dispose());
    Count("p256tag seals of an empty file", () => Seal(Stream.Null, Stream.Null, tag.Recipient));
    Count("signatures made", () => key.Sign(message));
    Count("signatures verified", () => key.Public.Verify(message, signature));

    using var spool = SpoolFileWriter.Create(At("spool"), tag.Recipient);
    var spooled = new byte[20_000];
    Count("durable spool flushes of 20 kB", () =>
    {
        spool.Write(spooled);
        spool.FlushTail();
    });
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static void Seal(Stream source, Stream destination, AgeRecipient recipient)
{
    using var writer = new AgeWriter(destination, recipient);
    source.CopyTo(writer, Block);
    writer.Complete();
}

static byte[] Header(AgeRecipient recipient)
{
    using var writer = new AgeWriter(Stream.Null, recipient);
    return writer.Header.Bytes.ToArray();
}

static void Age(params string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo("age", arguments) { UseShellExecute = false })!;
    process.WaitForExit();
    if (process.ExitCode != 0) throw new InvalidOperationException($"age ended with {process.ExitCode}");
}

void Rate(string what, Action run) => Rates((what, run));

void Rates(params (string What, Action Run)[] rivals)
{
    var best = rivals.Select(_ => (Wall: TimeSpan.MaxValue, Processor: TimeSpan.MaxValue)).ToArray();
    for (var round = 0; round < 5; round++)
    {
        for (var i = 0; i < rivals.Length; i++)
        {
            var processor = ProcessorTime();
            var wall = Time(rivals[i].Run);
            processor = ProcessorTime() - processor;
            best[i] = (wall < best[i].Wall ? wall : best[i].Wall, processor < best[i].Processor ? processor : best[i].Processor);
        }
    }
    for (var i = 0; i < rivals.Length; i++) Console.WriteLine($"| {rivals[i].What} | {PerSecond(best[i].Wall)} MB/s | {PerSecond(best[i].Processor)} MB/s |");
}

string PerSecond(TimeSpan time) => $"{sizeMiB * 1.048576 / time.TotalSeconds:F0}";

// Of this process and of its children that ended (cutime and cstime of proc(5), in hundredths of a second).
static TimeSpan ProcessorTime()
{
    var fields = File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    return Environment.CpuUsage.TotalTime + TimeSpan.FromMilliseconds(10 * (long.Parse(fields[13]) + long.Parse(fields[14])));
}

static void Count(string what, Action run)
{
    for (var i = 0; i < 200; i++) run();
    const int rounds = 3000;
    var best = Enumerable.Range(0, 3).Min(_ => Time(() =>
    {
        for (var i = 0; i < rounds; i++) run();
    }));
    Console.WriteLine($"| {what} | {rounds / best.TotalSeconds:F0} /s |");
}

static TimeSpan Time(Action run)
{
    var start = Stopwatch.GetTimestamp();
    run();
    return Stopwatch.GetElapsedTime(start);
}
