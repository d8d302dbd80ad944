using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tutelage.Ledger;

// ./build.sh bench Ledger [FOLDER]: durable appends alone and in batches, a check of 10^6 entries, one person's history of 1,000 accesses. FOLDER decides the disk.
const string Origin = "bench.example/log";
var folder = Directory.CreateDirectory(Path.Combine(args.Length > 0 ? args[0] : Path.GetTempPath(), $"tutelage-ledger-bench-{Environment.ProcessId}")).FullName;
try
{
    using var signer = LogSigner.Generate(Origin);
    var policy = new LogPolicy(signer.VerifierKey, [], 0);
    using (var log = Open("singles"))
    {
        var times = new double[2000];
        for (var i = 0; i < times.Length; i++) times[i] = Milliseconds(() => log.Append([Leaf(i)]));
        Array.Sort(times);
        Say($"single durable append: p50 {times[1000]:0.00} ms, p99 {times[1980]:0.00} ms, most {times[^1]:0.0} ms");
    }

    const int Total = 1_000_000;
    using (var log = Open("million"))
    {
        var batches = new List<double>();
        for (var first = 0; first < Total; first += 256)
        {
            var batch = Enumerable.Range(first, Math.Min(256, Total - first)).Select(Leaf).ToList();
            batches.Add(Milliseconds(() => log.Append(batch)));
        }

        Say($"batches of 256: {Total / batches.Sum() * 1000:0} entries/s, p99 {batches.Order().ElementAt(batches.Count * 99 / 100):0.0} ms a batch; {Memory()}");
        var proof = Milliseconds(() =>
        {
            for (var i = 0; i < 1000; i++) log.ProveInclusion((long)i * 997, Total);
        });
        Say($"inclusion proof at 10^6 entries: {proof / 1000:0.00} ms");
    }

    Say($"open a log of 10^6 entries: {Milliseconds(() => Open("million").Dispose()):0} ms");
    LogReport? report = null;
    var verify = Milliseconds(() => report = LogVerifier.Verify(Path.Combine(folder, "million"), policy));
    Say($"verify 10^6 entries: {verify / 1000:0.0} s, {(report!.Verified ? "sound" : "DAMAGED")}; {Memory()}");
    History(signer, policy);

    TileLog Open(string name) => TileLog.Open(Path.Combine(folder, name), Origin, LogSigner.Import(Origin, signer.Export()));

    void History(LogSigner key, LogPolicy believed)
    {
        const int Accesses = 1000;
        const int Persons = 10_000;
        var (tag, previous, entries) = (Hex(16, 0), new string('0', 64), new List<HistoryEntry>());
        using var log = Open("million");
        for (var i = 1; i <= Accesses; i++)
        {
            var body = $$"""{"tutelage-entry":1,"kind":"release","time":"2026-11-{{1 + i / 60 % 28:00}}T{{i % 24:00}}:{{i * 7 % 60:00}}:{{i * 13 % 60:00}}Z","about":[{"tag":"{{tag}}","sequence":{{i}},"previous":"{{previous}}"}],"grant":"{{Hex(8, i / 20)}}","nonce":"{{Hex(16, i)}}","job":"dataset-build","purpose":"train","keys":{"input":3,"frames":3},"objects":3,"objects_root":"{{Convert.ToBase64String(Random(32, i))}}","recipient":"age1tag1{{Hex(30, i + 5)}}","job_sha256_claimed":"{{Hex(32, 77)}}","expires":{{1_790_000_000 + i * 61}}}""";
            var salt = Random(32, -i);
            var commitment = EntryCommitment.Of(salt, Encoding.UTF8.GetBytes(body));
            entries.Add(new HistoryEntry(log.Append([commitment]), body, salt));
            previous = Convert.ToHexStringLower(commitment);
        }

        PersonHead[] heads = [.. Enumerable.Range(1, Persons - 1).Select(i => new PersonHead(Hex(16, i + 1_000_000), i, Hex(32, i))).Append(new PersonHead(tag, Accesses, previous)).OrderBy(h => h.Tag, StringComparer.Ordinal)];
        var (persons, root) = Heads.Root(heads);
        var rootBody = $$"""{"tutelage-entry":1,"kind":"heads","time":"2026-11-30T00:00:00Z","about":[],"persons":{{persons}},"root":"{{root}}"}""";
        var at = log.Append([EntryCommitment.Of(new byte[32], Encoding.UTF8.GetBytes(rootBody))]);
        byte[] file = [];
        var made = Milliseconds(() =>
        {
            var place = Heads.Prove(heads, tag)!.Value; // the tag is among them
            file = new PersonHistory(tag, entries, new HeadsMembership(rootBody, new byte[32], Proof(at), place.Position, place.Hashes), Proof(entries[^1].Index)).ToBytes();
        });
        HistoryVerdict? verdict = null;
        var checkedIn = Milliseconds(() => verdict = PersonHistory.Parse(file)!.Verify(believed)); // we wrote it
        var empty = new PersonHistory(tag, [entries[0]], new HeadsMembership(rootBody, new byte[32], Proof(at), 0, Heads.Prove(heads, tag)!.Value.Hashes), Proof(entries[0].Index)).ToBytes().Length;
        Say($"history of {Accesses} accesses among {Persons} persons at 10^6 entries: made in {made:0} ms, checked in {checkedIn:0} ms, {file.Length} bytes: {(file.Length - empty) / (double)(Accesses - 1):0} an access and {empty} for the rest; {(verdict!.Fault ?? "whole")}");

        TlogProof Proof(long index) => new(index, log.ProveInclusion(index, log.Size), log.Checkpoint);
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static ReadOnlyMemory<byte> Leaf(int number)
{
    var leaf = new byte[32]; // a commitment's size
    BinaryPrimitives.WriteInt32BigEndian(leaf, number);
    return leaf;
}

static byte[] Random(int count, int seed)
{
    var bytes = new byte[count];
    new Random(seed).NextBytes(bytes);
    return bytes;
}

static string Hex(int count, int seed) => Convert.ToHexStringLower(Random(count, seed));

static double Milliseconds(Action action)
{
    var started = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
}

static string Memory()
{
    var lines = File.ReadLines("/proc/self/status").Where(line => line.StartsWith("VmHWM", StringComparison.Ordinal) || line.StartsWith("VmRSS", StringComparison.Ordinal));
    return string.Join(", ", lines.Select(line => line.Split(':', 2) is [var name, var value] ? $"{(name == "VmHWM" ? "peak" : "now")} {value.Trim()}" : line));
}

static void Say(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
