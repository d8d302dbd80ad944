using System.Text.Json.Nodes;
using Tutelage.Jobs.Hosting;
using Tutelage.Jobs.Inputs;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Redaction;
using Tutelage.Sealing;
using Tutelage.Trajectories;
using Tutelage.Trajectories.DataSets;

namespace Tutelage.Jobs.Building;

/// <summary>Segments in, one sealed shard a person out.</summary>
/// <remarks>
/// At any moment the RAM holds one session's plaintext and one person's shard. A shard holds one person and is sealed to that person's key and the auditor's: were two
/// persons ever mixed in one, deleting one of them would no longer reach the other's copy.
/// </remarks>
internal sealed class DatasetBuild(WorkOrder order, WorkOutput.Build output, InputOpener opener, LauncherPipe pipe, MemoryBudget budget)
{
    private readonly List<BuiltShard> _shards = [];
    private readonly List<LineageEntry> _lineage = [];
    private RedactionTally _redaction = new(0, 0);
    private long _opened;

    public BuildResult Run()
    {
        var index = new SessionIndex(opener, budget, memory => pipe.Progress("open", ++_opened, order.Inputs.Count, memory));
        var people = order.Inputs.GroupBy(input => input.Tag).OrderBy(person => person.Key, StringComparer.Ordinal)
            .Select(person => (Tag: person.Key, Sessions: index.Of(person))).Where(person => person.Sessions.Count > 0).ToList();
        if (people.Count == 0) throw JobFailureException.NothingUsable($"none of the {order.Inputs.Count} segments could be opened");

        var builder = new DataSetBuilder(new DataSetPlan(order.Purpose, [.. people.Select(person => person.Tag)]) { WithFrames = order.Classes.Contains(ContentClass.Frames) });
        var summaries = new List<ShardSummary>();
        foreach (var (tag, sessions) in people) summaries.Add(BuildShard(builder, tag, sessions));
        var dataset = builder.Complete();
        return new BuildResult(
            JobNames.DatasetBuild,
            new BuiltDataset(dataset.Id, dataset.Trajectories, dataset.Actions, dataset.Frames, Gaps(summaries), _shards, _lineage, Card(dataset, summaries)),
            opener.Tally(order.Inputs.Count), _redaction, new MemoryTally(budget.PeakMb, budget.LimitMb));
    }

    private ShardSummary BuildShard(DataSetBuilder builder, string tag, IReadOnlyList<IndexedSession> sessions)
    {
        var segments = sessions.SelectMany(session => session.Segments).ToList();
        var lineage = segments.Select(segment => new SegmentLineage(segment.Input.Object, segment.Input.Redactor ?? "", segment.Input.Manifest ?? "")).ToList();
        using var shard = new PlainBuffer(budget);
        var summary = builder.WriteShard(tag, Timelines(sessions), lineage, shard);
        var stream = Seal(shard.Rewound(), tag, summary.Root);
        _shards.Add(new BuiltShard(stream, tag, summary.Root, summary.Trajectories, summary.Actions, summary.Frames));
        _lineage.AddRange(lineage.Select(segment => new LineageEntry(segment.ObjectId, tag)));
        pipe.Progress("seal", _shards.Count, output.Persons.Count, budget.Check());
        return summary;
    }

    /// <summary>One session at a time: the one before is gone when the next is asked for.</summary>
    private IEnumerable<SessionTimeline> Timelines(IReadOnlyList<IndexedSession> sessions)
    {
        for (var at = 0; at < sessions.Count; at++)
        {
            var opened = new List<OpenedSegment>();
            try
            {
                foreach (var segment in sessions[at].Segments)
                {
                    if (OpenedSegment.Open(segment.Input, order.Classes, opener) is { } open) opened.Add(open);
                    budget.Check();
                }
                if (opened.Count > 0)
                {
                    using var pass = new SecondPass();
                    var timeline = new OpenedSession(opened).Timeline(pass);
                    _redaction = new RedactionTally(_redaction.Texts + pass.Tally.Texts, _redaction.Changed + pass.Tally.Changed);
                    yield return timeline;
                }
            }
            finally
            {
                foreach (var segment in opened) segment.Dispose();
            }
            pipe.Progress("reduce", at + 1, sessions.Count, budget.Check());
        }
    }

    private uint Seal(PlainBuffer shard, string tag, string root)
    {
        using var stream = pipe.Begin("shard", tag);
        var sealedFile = CustodySeal.Seal(shard, stream, output.Persons[tag], output.Auditor);
        pipe.End(stream, sealedFile.OuterHeader, sealedFile.InnerHeader, root);
        return stream.Number;
    }

    private static SortedDictionary<string, long> Gaps(IEnumerable<ShardSummary> shards)
    {
        var gaps = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (reason, count) in shards.SelectMany(shard => shard.Gaps)) gaps[Spelt(reason)] = gaps.GetValueOrDefault(Spelt(reason)) + count;
        return gaps;
    }

    /// <summary>Counts and names of rules; nothing of content. Its text is the data card for people.</summary>
    private JsonObject Card(DataSet dataset, IReadOnlyList<ShardSummary> shards) => new()
    {
        ["purpose"] = order.Purpose,
        ["created"] = order.Created.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        ["classes"] = Strings(order.Classes.Order().Select(kept => kept.ToString().ToLowerInvariant())),
        ["persons"] = shards.Count,
        ["test_persons"] = shards.Count(shard => shard.Part == DataSetPart.Test),
        ["kinds"] = new JsonObject(shards.SelectMany(shard => shard.Kinds).GroupBy(kind => Spelt(kind.Key)).OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => KeyValuePair.Create(kind.Key, (JsonNode?)JsonValue.Create(kind.Sum(count => count.Value))))),
        ["redactors"] = Strings(shards.SelectMany(shard => shard.Lineage).Select(segment => segment.Redactor).Where(redactor => redactor.Length > 0).Distinct().Order(StringComparer.Ordinal)),
        ["manifests"] = Strings(shards.SelectMany(shard => shard.Lineage).Select(segment => segment.Manifest).Where(manifest => manifest.Length > 0).Distinct().Order(StringComparer.Ordinal)),
        ["second_pass"] = Redactor.Version,
        ["segments_refused"] = opener.Tally(order.Inputs.Count).Refused.Count(refused => refused.Class is null),
        ["classes_refused"] = opener.Tally(order.Inputs.Count).Refused.Count(refused => refused.Class is not null),
        ["text"] = dataset.Card,
    };

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => (JsonNode?)JsonValue.Create(value))];

    /// <summary><c>NotAllowed</c> is <c>not_allowed</c>, as in every format.</summary>
    private static string Spelt<T>(T word)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString());
}
