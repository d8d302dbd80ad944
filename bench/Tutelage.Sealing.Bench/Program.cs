using System.Diagnostics;
using Tutelage.Identity;
using Tutelage.Sealing;

// Sealing, opening, header unwraps and signatures on one thread, and the age tool on the same 256 MiB file in the same run.
//   dotnet run -c Release --project bench/Tutelage.Sealing.Bench [MiB] [folder]
var sizeMiB = args.Length > 0 ? int.Parse(args[0]) : 256;
var folder = Directory.CreateTempSubdirectory(args.Length > 1 ? Path.Combine(args[1], "bench-") : "tutelage-bench-").FullName;
try
{
    using var tag = TagIdentity.Generate();
    using var vault = TagIdentity.Generate();
    using var x25519 = X25519Identity.Generate();
    var plain = new byte[sizeMiB << 20];
    new Random(1).NextBytes(plain);
    string At(string name) => Path.Combine(folder, name);
    File.WriteAllBytes(At("plain"), plain);
    File.WriteAllText(At("key"), x25519.ExportText() + "\n");

    Console.WriteLine($"| what ({sizeMiB} MiB, one thread, best of 3) | figure |\n|---|---:|");
    Rate("seal to p256tag, memory to nowhere", () => Seal(new MemoryStream(plain), Stream.Null, tag.Recipient));
    var sealedFile = new MemoryStream(plain.Length + (1 << 20));
    Seal(new MemoryStream(plain), sealedFile, tag.Recipient);
    Rate("open p256tag, memory to nowhere", () =>
    {
        sealedFile.Position = 0;
        using var reader = AgeReader.Open(sealedFile, tag);
        reader.CopyTo(Stream.Null, 1 << 16);
    });
    Rate("custody seal (two layers, padded, SHA-256), memory to nowhere",
        () => CustodySeal.Seal(new MemoryStream(plain), Stream.Null, vault.Recipient, tag.Recipient));

    Rate("Tutelage: seal file to file, X25519", () =>
    {
        using var source = File.OpenRead(At("plain"));
        using var destination = File.Create(At("ours.age"));
        Seal(source, destination, x25519.Recipient);
    });
    Rate("age tool: seal file to file, X25519", () => Age("-r", x25519.Recipient.Text, "-o", At("theirs.age"), At("plain")));
    Rate("Tutelage: open file to file, X25519", () =>
    {
        using var source = File.OpenRead(At("theirs.age"));
        using var destination = File.Create(At("opened"));
        using var reader = AgeReader.Open(source, x25519);
        reader.CopyTo(destination, 1 << 16);
    });
    Rate("age tool: open file to file, X25519", () => Age("-d", "-i", At("key"), "-o", At("opened"), At("ours.age")));

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
    source.CopyTo(writer, 1 << 16);
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

void Rate(string what, Action run)
{
    var best = Enumerable.Range(0, 3).Min(_ => Time(run));
    Console.WriteLine($"| {what} | {sizeMiB * 1.048576 / best.TotalSeconds:F0} MB/s |");
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
