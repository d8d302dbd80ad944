using System.Collections.Concurrent;
using Tutelage.Vault.Grants;

namespace Tutelage.Vault.Deletions;

/// <summary>Grants whose job runs now, so that a deletion ends those that name its person.</summary>
internal sealed class RunningGrants
{
    private readonly ConcurrentDictionary<string, Run> _runs = new(StringComparer.Ordinal);

    /// <summary>Notes a run until it is disposed. Whoever notes it decides about keys only afterwards, so none slips past a deletion.</summary>
    public Run Begin(KeptGrant grant) => _runs[grant.Id] = new Run(this, grant);

    /// <summary>Ends every run whose grant names this person.</summary>
    /// <returns>Their grants.</returns>
    public IReadOnlyList<string> End(string tag)
    {
        var ended = _runs.Values.Where(run => run.Grant.Request.Tags.Contains(tag, StringComparer.Ordinal)).ToList();
        foreach (var run in ended) run.Stop();
        return [.. ended.Select(run => run.Grant.Id)];
    }

    public sealed class Run(RunningGrants runs, KeptGrant grant) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public KeptGrant Grant => grant;

        public CancellationToken Stopped => _stop.Token;

        internal void Stop()
        {
            try
            {
                _stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself just now.
            }
        }

        public void Dispose()
        {
            runs._runs.TryRemove(new(grant.Id, this));
            _stop.Dispose();
        }
    }
}
