using Tutelage.Jobs.Hosting;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Inputs;

/// <summary>The file keys of one job, asked for when they are first needed and kept until the job ends.</summary>
/// <remarks>
/// Each request names at most <see cref="FrameLimits.KeysPerRequest"/> files and is one key release with an entry of its own: the file that is needed and those that come
/// next in the order in which jobs open files. What a job never opens is never released, and a halt between two requests leaves the rest sealed.
/// </remarks>
internal sealed class KeyRing(LauncherPipe pipe, AgeIdentity identity, WorkOrder order) : IDisposable
{
    private readonly List<(string Object, string Class)> _order = InOrderOfOpening(order);
    private readonly HashSet<(string, string)> _asked = [];
    private readonly List<KeyBundle> _bundles = [];
    private readonly Dictionary<(string, string), (KeyBundle Outer, KeyBundle Inner)> _found = [];

    /// <summary>Both keys of a file; null if a custodian released none for it.</summary>
    /// <exception cref="JobFailureException">What came are no keys of this job.</exception>
    public (FileKey Outer, FileKey Inner)? Find(string @object, string @class)
    {
        if (!_asked.Contains((@object, @class))) Ask((@object, @class));
        return _found.TryGetValue((@object, @class), out var bundles) && bundles.Outer.Find(@object, @class) is { } outer && bundles.Inner.Find(@object, @class) is { } inner ? (outer, inner) : null;
    }

    public void Dispose()
    {
        foreach (var bundle in _bundles) bundle.Dispose();
    }

    private void Ask((string Object, string Class) first)
    {
        var files = new List<(string Object, string Class)> { first };
        var at = _order.IndexOf(first);
        for (var next = at + 1; at >= 0 && next < _order.Count && files.Count < FrameLimits.KeysPerRequest; next++)
        {
            if (!_asked.Contains(_order[next])) files.Add(_order[next]);
        }

        _asked.UnionWith(files);
        pipe.Send(FrameType.Need, new NeedMessage([.. files.Select(file => new NeededFile(file.Object, file.Class))]), PipeJson.Default.NeedMessage);
        var (one, other) = (Receive(), Receive());
        if (one.Layer == other.Layer) throw new JobFailureException(JobExit.Refused, "bad-keys", $"two key bundles of layer {one.Layer} came; one outer and one inner are needed");
        foreach (var file in files) _found[file] = one.Layer == "outer" ? (one, other) : (other, one);
    }

    private KeyBundle Receive()
    {
        var payload = pipe.Receive(FrameType.Keys);
        try
        {
            var bundle = KeyBundle.Open(payload, identity, order.Grant);
            _bundles.Add(bundle);
            return bundle;
        }
        catch (PipeProtocolException fault)
        {
            throw new JobFailureException(JobExit.Refused, "bad-keys", fault.Message);
        }
    }

    /// <summary>A build reads the input class of everything first, to find the sessions, then the rest by person; an export reads shards by person.</summary>
    private static List<(string Object, string Class)> InOrderOfOpening(WorkOrder order)
    {
        var input = nameof(ContentClass.Input).ToLowerInvariant();
        return [.. order.Inputs.SelectMany(one => one.Files.Keys.Where(order.Opens).Select(name => (one.Object, Class: name, one.Tag)))
            .OrderBy(file => file.Class == input ? 0 : 1).ThenBy(file => file.Tag, StringComparer.Ordinal).Select(file => (file.Object, file.Class))];
    }
}
