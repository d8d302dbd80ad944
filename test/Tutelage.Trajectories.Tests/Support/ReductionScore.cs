namespace Tutelage.Trajectories.Tests;

/// <summary>F1 for each kind over a longest common subsequence of what was meant and what was found.</summary>
internal sealed class ReductionScore
{
    private readonly SortedDictionary<ActionKind, (int Right, int Meant, int Found)> _kinds = [];

    public List<string> Differences { get; } = [];

    public IEnumerable<(ActionKind Kind, double F1, int Meant)> Kinds => _kinds.Select(kind => (kind.Key, 2.0 * kind.Value.Right / Math.Max(1, kind.Value.Meant + kind.Value.Found), kind.Value.Meant));

    public void Add(int seed, IReadOnlyList<Meant> meant, IReadOnlyList<Meant> found)
    {
        var length = new int[meant.Count + 1, found.Count + 1];
        for (var i = meant.Count - 1; i >= 0; i--)
        {
            for (var j = found.Count - 1; j >= 0; j--) length[i, j] = meant[i] == found[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
        }

        foreach (var one in meant) Count(one.Kind, 0, 1, 0);
        foreach (var one in found) Count(one.Kind, 0, 0, 1);
        for (int i = 0, j = 0; i < meant.Count || j < found.Count;)
        {
            if (i < meant.Count && j < found.Count && meant[i] == found[j])
            {
                Count(meant[i++].Kind, 1, 0, 0);
                j++;
            }
            else if (j >= found.Count || i < meant.Count && length[i + 1, j] >= length[i, j + 1]) Differences.Add($"seed {seed}: missed {meant[i++]}");
            else Differences.Add($"seed {seed}: found {found[j++]}");
        }
    }

    private void Count(ActionKind kind, int right, int meant, int found)
    {
        var (a, b, c) = _kinds.GetValueOrDefault(kind);
        _kinds[kind] = (a + right, b + meant, c + found);
    }
}
