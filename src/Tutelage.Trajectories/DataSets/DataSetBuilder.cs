using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutelage.Recording.Captured;

namespace Tutelage.Trajectories.DataSets;

/// <summary>Builds a data set: a shard for each person, written while the recordings are read. The same inputs give the same bytes.</summary>
/// <remarks>
/// Nothing of a clock, a random number or a machine goes in. At most one frame and one trajectory are in memory. Not thread-safe.
/// If this is wrong, a data set's id no longer says what is in it, or a person stands in both training and test.
/// </remarks>
public sealed class DataSetBuilder
{
    public const string ShardFormat = "tutelage-shard/1";

    private readonly DataSetPlan _plan;
    private readonly Dictionary<string, DataSetPart> _parts;
    private readonly SortedDictionary<string, ShardSummary> _shards = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">No person, one twice, or a tag that cannot be part of a file name.</exception>
    public DataSetBuilder(DataSetPlan plan)
    {
        if (plan.Tags.Count == 0) throw new ArgumentException("a data set needs at least one person", nameof(plan));
        if (plan.Tags.Distinct(StringComparer.Ordinal).Count() != plan.Tags.Count) throw new ArgumentException("a person is named twice", nameof(plan));
        if (plan.Tags.FirstOrDefault(tag => tag.Length is 0 or > 64 || !tag.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')) is not null)
            throw new ArgumentException("a tag is empty, longer than 64 letters, or holds something else than letters, digits, - and _", nameof(plan));
        _plan = plan;
        _parts = Split(plan.Tags);
    }

    /// <summary>The part of <paramref name="tag"/>: no person stands in both.</summary>
    public DataSetPart PartOf(string tag) =>
        _parts.TryGetValue(tag, out var part) ? part : throw new ArgumentException("the plan does not name this person", nameof(tag));

    /// <summary>Writes one person's shard (a tar) to <paramref name="output"/>, which stays open. Each person once, in any order.</summary>
    /// <param name="sessions">In the order in which they were recorded; read one after the other.</param>
    /// <param name="lineage">The stored segments behind them.</param>
    public ShardSummary WriteShard(string tag, IEnumerable<SessionTimeline> sessions, IReadOnlyList<SegmentLineage> lineage, Stream output, CancellationToken cancellation = default)
    {
        var part = PartOf(tag);
        if (_shards.ContainsKey(tag)) throw new InvalidOperationException("this person's shard is written already");
        var sorted = lineage.Distinct().OrderBy(segment => segment.ObjectId, StringComparer.Ordinal).ToList();
        var counting = new ShardCount();
        using var tar = new ShardTarWriter(output);
        tar.Add("shard.json", ShardHeader(tag, part, sorted));
        foreach (var session in sessions) WriteSession(session, tar, counting, cancellation);
        var summary = new ShardSummary(
            tag, $"shard-{tag}.tar", part, Convert.ToHexStringLower(tar.Root()), tar.ContentBytes, counting.Trajectories, counting.Actions, counting.Frames,
            counting.Kinds, counting.Apps, counting.Gaps, sorted);
        _shards.Add(tag, summary);
        return summary;
    }

    /// <summary>The finished set; every person of the plan MUST have a shard.</summary>
    public DataSet Complete()
    {
        if (_shards.Count != _parts.Count) throw new InvalidOperationException($"{_parts.Count - _shards.Count} of {_parts.Count} shards are not written yet");
        var shards = _shards.Values.ToList();
        var leaves = shards.Select(shard => MerkleRoot.Leaf(shard.FileName, [.. Encoding.ASCII.GetBytes(NameOf(shard.Part)), 0, .. Convert.FromHexString(shard.Root)])).ToList();
        var id = Convert.ToHexStringLower(MerkleRoot.Of(leaves));
        return new(id, _plan.Name, shards, DataCard.Write(id, _plan, shards));
    }

    public static string NameOf(DataSetPart part) => part == DataSetPart.Train ? "train" : "test";

    /// <summary>A third of the persons, one at least where there are two, is for testing; who, only the tags decide.</summary>
    private static Dictionary<string, DataSetPart> Split(IReadOnlyList<string> tags)
    {
        var test = tags.Count < 2 ? 0 : Math.Max(1, tags.Count / 3);
        return tags.OrderBy(tag => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("tutelage split " + tag))), StringComparer.Ordinal)
            .Select((tag, rank) => (tag, rank < test ? DataSetPart.Test : DataSetPart.Train))
            .ToDictionary(StringComparer.Ordinal);
    }

    private void WriteSession(SessionTimeline session, ShardTarWriter tar, ShardCount counting, CancellationToken cancellation)
    {
        foreach (var gap in session.Gaps) counting.Add(gap.Record.Reason);
        using var frames = new FrameCursor(session);
        foreach (var trajectory in TrajectorySplit.Split(session, _plan.Reduction))
        {
            cancellation.ThrowIfCancellationRequested();
            var stem = counting.Trajectories.ToString("D6", CultureInfo.InvariantCulture);
            var images = new string?[trajectory.Steps.Count];
            var last = -1;
            for (var step = 0; step < images.Length; step++)
            {
                if (!_plan.WithFrames || trajectory.Steps[step].Observation.Frame is not { } frame) continue;
                if (frame.Index == last)
                {
                    images[step] = images[step - 1];
                    continue;
                }

                if (frames.Png(frame.Index) is not { } png) continue;
                images[step] = $"{stem}.{step.ToString("D3", CultureInfo.InvariantCulture)}.png";
                tar.Add(images[step]!, png);
                counting.Frames++;
                last = frame.Index;
            }

            tar.Add($"{stem}.json", TrajectoryJson.ToUtf8(trajectory, session.Screen, images));
            counting.Add(trajectory);
        }
    }

    private static byte[] ShardHeader(string tag, DataSetPart part, IReadOnlyList<SegmentLineage> lineage)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ActionJson.Compact))
        {
            json.WriteStartObject();
            json.WriteString("format", ShardFormat);
            json.WriteString("tag", tag);
            json.WriteString("part", NameOf(part));
            json.WriteStartArray("segments");
            foreach (var segment in lineage)
            {
                json.WriteStartObject();
                json.WriteString("object_id", segment.ObjectId);
                json.WriteString("redactor", segment.Redactor);
                json.WriteString("manifest", segment.Manifest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Goes once through a session's frames; indices asked for never fall.</summary>
    private sealed class FrameCursor(SessionTimeline session) : IDisposable
    {
        private readonly IEnumerator<(FrameReference Frame, ScreenImage Image)> _frames = session.ReadFrames().GetEnumerator();
        private int _at = -1;
        private byte[]? _png;

        public byte[]? Png(int index)
        {
            while (_at < index)
            {
                if (!_frames.MoveNext()) return null;
                using var image = _frames.Current.Image;
                _at = _frames.Current.Frame.Index;
                if (_at != index) continue;
                var encoded = new MemoryStream();
                Recording.Images.Png.Write(encoded, image);
                _png = encoded.ToArray();
            }

            return _at == index ? _png : null;
        }

        public void Dispose() => _frames.Dispose();
    }
}
