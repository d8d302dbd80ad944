using System.Globalization;
using System.Text;

namespace Tutelage.Recorder.Sending;

/// <summary>A segment that the server has or may have, and when its work was done, to the minute.</summary>
public sealed record SentSegment(string Id, DateTimeOffset From, DateTimeOffset To);

/// <summary>Which segments of this person are at the server, by time: nobody else knows, because times are inside the seal. Deleting a range begins here.</summary>
/// <remarks>
/// <c>sent</c> in the person's own folder, mode 0600, a line each: id, from, to (unix minutes). Never sent. Written before the segment is
/// offered to the server for the first time, so nothing is there that is not listed. A torn last line is a write that a crash cut: that segment was not offered yet.
/// </remarks>
public sealed class SentList(string folder)
{
    private const string FileName = "sent";

    private string FilePath => Path.Combine(folder, FileName);

    /// <exception cref="IOException">The disk refuses it; the segment MUST NOT be offered.</exception>
    internal void Add(SentSegment sent)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{sent.Id} {sent.From.ToUnixTimeSeconds() / 60} {(sent.To.ToUnixTimeSeconds() + 59) / 60}\n");
        using var file = new FileStream(FilePath, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        file.Seek(0, SeekOrigin.End);
        // What a crash cut is ended, so that this line is one of its own.
        if (!EndsWithLine(file)) file.WriteByte((byte)'\n');
        file.Write(Encoding.ASCII.GetBytes(line));
        file.Flush(flushToDisk: true);
    }

    /// <summary>All of them, in the order of their first offer, each once.</summary>
    public IReadOnlyList<SentSegment> Read()
    {
        if (!File.Exists(FilePath)) return [];
        var sent = new Dictionary<string, SentSegment>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(FilePath))
        {
            if (line.Split(' ') is [{ Length: 32 } id, var from, var to] && long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() / 60 && first <= last)
                sent[id] = new(id, DateTimeOffset.FromUnixTimeSeconds(first * 60), DateTimeOffset.FromUnixTimeSeconds(last * 60));
        }
        return [.. sent.Values];
    }

    /// <summary>What reaches into a time, its ends included.</summary>
    public IReadOnlyList<SentSegment> Between(DateTimeOffset from, DateTimeOffset to) => [.. Read().Where(segment => segment.From <= to && segment.To >= from)];

    private static bool EndsWithLine(FileStream file)
    {
        if (file.Length == 0) return true;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}
