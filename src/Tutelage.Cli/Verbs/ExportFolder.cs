using System.Formats.Tar;
using System.Security.Cryptography;

namespace Tutelage.Cli.Verbs;

/// <summary>What an export left on this machine.</summary>
internal readonly record struct Unpacked(int Count, long Bytes);

/// <summary>Unpacks an export: all of it or nothing, and nothing outside its folder.</summary>
/// <remarks>
/// Files are written beside the target and take its place only after the last byte has been authenticated and the digest of the vault's result matches. If this
/// were wrong, whoever can put bytes into an export could write anywhere on its holder's machine.
/// </remarks>
internal static class ExportFolder
{
    /// <summary>An export comes out of a job with 1 GiB of memory; this is far above it.</summary>
    private const long MaxBytes = 64L << 30;

    private const int MaxEntries = 4_000_000;

    public static async Task<Unpacked> UnpackAsync(Stream tar, string? sha256, string target, CancellationToken cancellationToken)
    {
        var part = target + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        Directory.CreateDirectory(part, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            using var digest = SHA256.Create();
            Unpacked files;
            await using (var hashed = new CryptoStream(tar, digest, CryptoStreamMode.Read, leaveOpen: true))
            {
                files = await WriteAsync(hashed, part, cancellationToken);
                await hashed.CopyToAsync(Stream.Null, cancellationToken);
            }
            if (sha256 is not null && Convert.ToHexStringLower(digest.Hash!) != sha256) throw new FormatException("the export is not the one that the job made: its digest differs; nothing of it was kept");
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            // If we crash before this line a folder named .part is left, which the next try removes; after it the export is whole.
            Directory.Move(part, target);
            return files;
        }
        catch (Exception damaged) when (damaged is InvalidDataException or OverflowException or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"the export is not a tar that can be read ({damaged.Message}); nothing of it was kept", damaged);
        }
        finally
        {
            if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        }
    }

    private static async Task<Unpacked> WriteAsync(Stream tar, string folder, CancellationToken cancellationToken)
    {
        var (count, bytes, entries) = (0, 0L, 0);
        await using var reader = new TarReader(tar, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (++entries > MaxEntries || (bytes += entry.Length) > MaxBytes) throw new FormatException($"the export has over {MaxEntries} entries or {MaxBytes} bytes; nothing of it was kept");
            var path = PathIn(folder, entry.Name);
            if (entry.EntryType == TarEntryType.Directory) Directory.CreateDirectory(path);
            else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                if (entry.DataStream is { } data) await data.CopyToAsync(file, cancellationToken);
                count++;
            }
            else throw new FormatException($"the export holds a {entry.EntryType}, which is neither file nor folder; nothing of it was kept");
        }
        return new(count, bytes);
    }

    /// <summary>Relative, of plain names only, and below <paramref name="folder"/>.</summary>
    private static string PathIn(string folder, string name)
    {
        var parts = name.TrimEnd('/').Split('/');
        if (parts.Any(part => part is "" or "." or ".." || part.Contains('\\') || part.Any(char.IsControl)))
            throw new FormatException($"the export names a file outside its folder ('{Output.Plain(name)}'); nothing of it was kept");
        return Path.Combine([folder, .. parts]);
    }
}
