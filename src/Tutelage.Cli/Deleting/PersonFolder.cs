using Tutelage.Cli.Programme;
using Tutelage.Cli.Verbs;
using Tutelage.Recorder.Control;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;

namespace Tutelage.Cli.Deleting;

/// <summary>A range of time whose recordings go; both ends are part of it.</summary>
internal sealed record TimeRange(DateTimeOffset From, DateTimeOffset To);

/// <summary>What of a person lies on this machine: recordings that wait, the list of those that were sent, keys, enrolment.</summary>
internal sealed class PersonFolder(string path, TimeProvider time)
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>In the order of their removal: without the enrolment nothing records, and the person's key goes last, because with it all this can be asked for again.</summary>
    private static readonly string[] Files = ["enrolment.json", "manifest.json", "sent", "device.key", "person.key"];

    /// <summary>Ids that were sent; all of them, or those that reach into a range.</summary>
    public IReadOnlyList<string> Sent(TimeRange? range)
    {
        var list = new SentList(path);
        return [.. (range is null ? list.Read() : list.Between(range.From, range.To)).Select(sent => sent.Id).Order(StringComparer.Ordinal)];
    }

    /// <summary>Ids of what waits; with a range also what cannot be read, because nobody can say when that was.</summary>
    public IReadOnlyList<string> Waiting(TimeRange? range)
    {
        if (!Directory.Exists(SpoolPath)) return [];
        var spool = new SpoolFolder(SpoolPath, time);
        return [.. spool.Held().Where(id => range is null || HeldTimeline.WorkedAt(spool, id) is not { } worked || (worked.To >= range.From && worked.From <= range.To))];
    }

    public void Discard(IReadOnlyList<string> ids)
    {
        if (ids.Count == 0) return;
        var spool = new SpoolFolder(SpoolPath, time);
        foreach (var id in ids) spool.Discard(id);
    }

    /// <summary>Ends the recorder, so that nothing is sent while we look.</summary>
    /// <returns>Whether one ran.</returns>
    public async Task<bool> StopRecorderAsync(CancellationToken cancellationToken)
    {
        if (await ControlClient.AskAsync(path, new("stop"), cancellationToken) is not { } answer) return false;
        if (!answer.Ok) throw new VerbFailedException(answer.Message ?? "the recorder does not stop", "stop it with `tutelage record --stop`");
        for (var began = time.GetTimestamp(); await ControlClient.AskAsync(path, new("status"), cancellationToken) is not null;)
        {
            if (time.GetElapsedTime(began) > StopWithin) throw new VerbFailedException($"the recorder has not ended within {StopWithin.TotalSeconds:0} s", "end it, then run this again");
            await Task.Delay(LookEvery, time, cancellationToken);
        }
        return true;
    }

    /// <summary>Removes recordings, keys and enrolment; receipts stay.</summary>
    public void Remove()
    {
        // If we crash anywhere here the same command goes on: until the last file it finds the person's key.
        foreach (var name in Files)
        {
            if (name.EndsWith(".key", StringComparison.Ordinal)) KeptKey.Destroy(Path.Combine(path, name));
            else File.Delete(Path.Combine(path, name));
            if (name != "enrolment.json" || !Directory.Exists(SpoolPath)) continue;
            foreach (var key in Directory.EnumerateFiles(SpoolPath, "*.key", SearchOption.AllDirectories)) KeptKey.Destroy(key);
            Directory.Delete(SpoolPath, recursive: true);
        }
    }

    private string SpoolPath => Path.Combine(path, "spool");
}
