using System.Text;

namespace Tutelage.Ledger.Tests;

/// <summary>A log in a temporary folder, with its keys.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly byte[] _seed;

    public LogFolder()
    {
        using var signer = LogSigner.Generate(Origin);
        _seed = signer.Export();
        Policy = new LogPolicy(signer.VerifierKey, [], 0);
    }

    public const string Origin = "test.example/log";

    public string Root { get; } = Directory.CreateTempSubdirectory("tutelage-log-").FullName;

    public string Folder => Path.Combine(Root, "log");

    public LogPolicy Policy { get; init; }

    public TileLog Open(Action<string, WritePoint>? onWrite = null) => TileLog.Open(Folder, Origin, LogSigner.Import(Origin, _seed), onWrite);

    public LogSigner Signer() => LogSigner.Import(Origin, _seed);

    public LogPolicy PolicyWith(Cosigner witness) => new(Policy.Log, [witness.VerifierKey], 1);

    /// <summary>The one strong assertion: verifies the folder and says its size.</summary>
    public long CheckLog()
    {
        var report = LogVerifier.Verify(Folder, Policy);
        report.Faults.ShouldBeEmpty();
        return report.Size;
    }

    public static IReadOnlyList<ReadOnlyMemory<byte>> Entries(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes($"entry {i}")))];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
