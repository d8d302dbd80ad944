using System.Text.Json;
using Tutelage.Hosting;

namespace Tutelage.Vault.Keys;

/// <summary>One day's wrapping key, wrapped by the root under <c>epoch/NUMBER/OPENED</c>. Not the programme's epoch, which counts halts.</summary>
/// <param name="Opened">Unix seconds.</param>
internal sealed record KeyEpoch(long Number, long Opened, byte[] Wrapped)
{
    public string Name => FormattableString.Invariant($"epoch/{Number}/{Opened}");

    public DateOnly Day => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(Opened).UtcDateTime);
}

/// <summary>The epochs that can still be opened, oldest first; the last one wraps what is new. File <c>keyring</c> (docs/formats/keys.md).</summary>
internal sealed record Keyring(IReadOnlyList<KeyEpoch> Epochs)
{
    public const string FileName = "keyring";
    public const string EscrowName = "keyring.escrow";

    /// <summary>So many are kept at least; older ones go once nothing is wrapped under them.</summary>
    public const int Kept = 7;

    /// <summary>Far more than are ever needed; bounds what is read of a wrong file.</summary>
    private const int MaxEpochs = 256;
    private const int MaxSizeBytes = 64 * 1024;

    /// <summary>9999-12-31, the last day that a date can name.</summary>
    private const long LastSecond = 253_402_300_799;

    public KeyEpoch Current => Epochs[^1];

    public static Keyring? Parse(ReadOnlySpan<byte> bytes, out string fault)
    {
        fault = "not a keyring";
        if (bytes.Length > MaxSizeBytes) return null;
        if (Wire.Read<Written>(bytes) is not { Epochs: { Count: > 0 and <= MaxEpochs } epochs } written) return null;
        fault = FormattableString.Invariant($"version is {written.Version}; this program reads 1");
        if (written.Version != 1) return null;
        var last = 0L;
        foreach (var epoch in epochs)
        {
            fault = FormattableString.Invariant($"epoch {epoch?.Number} is out of order or not whole");
            if (epoch is null || epoch.Number <= last || epoch.Opened is < 0 or > LastSecond || epoch.Wrapped?.Length != WrappingKey.SizeBytes + WrappingKey.OverheadBytes) return null;
            last = epoch.Number;
        }

        fault = "";
        return new Keyring(epochs);
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new Written(1, Epochs), Wire.Json);

    private sealed record Written(int Version, IReadOnlyList<KeyEpoch> Epochs);
}
