using System.Security.Cryptography;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Spool;

/// <summary>Keys that what waits on this machine is sealed to: one a day, destroyed once nothing waits under it.</summary>
/// <remarks>A file of mode 0600 in the person's own folder. Until it is destroyed the person can review and recover; afterwards nobody can here.</remarks>
internal sealed class DayKeys(string folder, TimeProvider time)
{
    /// <summary>A key is made a moment before the first folder that names it; around midnight it must not look unneeded in between.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>Name of today's key, made if it is not there.</summary>
    public string Today()
    {
        var name = NameAt(time.GetUtcNow());
        if (File.Exists(PathOf(name))) return name;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var identity = TagIdentity.Generate();
        var temporary = PathOf(name) + "." + Environment.ProcessId;
        var secret = identity.Export();
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                file.Write(secret);
                file.Flush(flushToDisk: true);
            }
            // If we crash here nothing is sealed to the key yet: the stray file is ignored and the next start makes another.
            if (!File.Exists(PathOf(name))) File.Move(temporary, PathOf(name));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            File.Delete(temporary);
        }
        return name;
    }

    /// <exception cref="DayKeyMissingException">It was destroyed, so what is sealed to it is gone.</exception>
    public TagIdentity Open(string name)
    {
        if (name.Length != 8 || !name.All(char.IsAsciiDigit) || !File.Exists(PathOf(name))) throw new DayKeyMissingException(name);
        var secret = File.ReadAllBytes(PathOf(name));
        try
        {
            return TagIdentity.Import(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Destroys every key but those in <paramref name="needed"/> and, unless <paramref name="todayToo"/>, today's.</summary>
    public void DestroyAllBut(IReadOnlySet<string> needed, bool todayToo)
    {
        if (!Directory.Exists(folder)) return;
        var (today, before) = (NameAt(time.GetUtcNow()), NameAt(time.GetUtcNow() - Grace));
        foreach (var path in Directory.EnumerateFiles(folder, "day-*.key"))
        {
            var name = Path.GetFileNameWithoutExtension(path)["day-".Length..];
            if (needed.Contains(name) || (!todayToo && (name == today || name == before))) continue;
            var length = (int)new FileInfo(path).Length;
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
            {
                file.Write(RandomNumberGenerator.GetBytes(length));
                file.Flush(flushToDisk: true);
            }
            File.Delete(path);
        }
    }

    private static string NameAt(DateTimeOffset instant) => instant.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);

    private string PathOf(string name) => Path.Combine(folder, $"day-{name}.key");
}

/// <summary>The key of a day is not there any more.</summary>
public sealed class DayKeyMissingException(string name)
    : Exception($"the key of day {name} is not on this machine: it was destroyed after sending, or the folder was moved; what is sealed to it cannot be opened here")
{
    public string Day { get; } = name;
}
