using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Identity;

namespace Tutelage.Release.Bench;

/// <summary>Halts a programme whose jobs are being given keys, and looks at when the last key and the last job were; then two people resume it, and again.</summary>
/// <remarks>Seen by whoever asked for the run: a line for every release, and the end of the answer when the job is gone. Counted from before the halt was sent.</remarks>
internal sealed class HaltRounds(Custodians custodians)
{
    private readonly List<double> _lastKey = [];
    private readonly List<double> _lastJob = [];
    private long _epoch; // the one before the halt

    public async Task MeasureAsync(Uri halted, int rounds, IReadOnlyList<string> grants)
    {
        _lastKey.Clear();
        _lastJob.Clear();
        for (var round = 0; round < rounds; round++) await RoundAsync(halted, grants);
    }

    public string Figures => string.Create(CultureInfo.InvariantCulture,
        $"last key p50 {At(_lastKey, 50):0} ms, p99 {At(_lastKey, 99):0} ms; last job gone p50 {At(_lastJob, 50):0} ms, p99 {At(_lastJob, 99):0} ms ({_lastKey.Count} halts)");

    private async Task RoundAsync(Uri halted, IReadOnlyList<string> grants)
    {
        var keys = new long[grants.Count];
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = grants.Select((grant, place) => WatchAsync(grant, at =>
        {
            Volatile.Write(ref keys[place], at);
            if (keys.All(seen => seen != 0)) given.TrySetResult();
        })).ToList();
        await Task.WhenAny(given.Task, Task.WhenAny(runs)); // every job has been given keys
        var began = Stopwatch.GetTimestamp();
        await HaltAsync(halted);
        var ended = await Task.WhenAll(runs);
        _lastKey.Add(Math.Max(0, Milliseconds(began, keys.Max())));
        _lastJob.Add(Milliseconds(began, ended.Max()));
        foreach (var stage in new[] { "recording", "ingest", "release" }) await ResumeAsync(stage);
    }

    /// <returns>When the answer ended.</returns>
    private async Task<long> WatchAsync(string grant, Action<long> onKeys)
    {
        using var rita = Custodians.Signing(custodians.Rita);
        rita.Timeout = TimeSpan.FromMinutes(10);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(custodians.Vault, $"v1/grants/{grant}/run")) { Content = new StringContent("{}") };
        using var answer = await rita.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var last = "";
        while (await lines.ReadLineAsync() is { } line)
        {
            last = line;
            if (line.Contains("\"stage\":\"keys\"", StringComparison.Ordinal)) onKeys(Stopwatch.GetTimestamp());
        }
        if (last.Contains("job-measured", StringComparison.Ordinal)) throw new InvalidOperationException("a job ended by itself before the halt: give it more requests");
        return Stopwatch.GetTimestamp();
    }

    private async Task HaltAsync(Uri host)
    {
        using var http = new HttpClient();
        var epoch = (await http.GetFromJsonAsync<JsonElement>(new Uri(custodians.Vault, "v1/status"))).GetProperty("epoch").GetInt64();
        var statement = SignedStatement.Sign(custodians.Stewards[0], "halt", new { why = "measured", epoch, nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) });
        using var answer = await http.PostAsync(new Uri(host, "v1/halt"), new StringContent(statement.ToJson()));
        answer.EnsureSuccessStatusCode();
    }

    private async Task ResumeAsync(string stage)
    {
        while (true)
        {
            using var first = Custodians.Signing(custodians.Stewards[0]);
            var shown = await first.GetFromJsonAsync<JsonElement>(new Uri(custodians.Vault, "v1/resumption"));
            // A halt that one custodian got reaches the other with its next lease; an answer that was an error may have made it so all the same.
            var next = shown.TryGetProperty("next", out var named) ? named.GetString() : null;
            if (shown.GetProperty("epoch").GetInt64() > _epoch && shown.GetProperty("stage").GetString() == stage)
            {
                if (stage == "release") _epoch = shown.GetProperty("epoch").GetInt64();
                return;
            }
            if (next != stage || shown.GetProperty("checks").EnumerateArray().Any(check => !check.GetProperty("ok").GetBoolean())) continue;
            var words = new { epoch = shown.GetProperty("epoch").GetInt64(), stage, admitted_from = shown.GetProperty("admitted_from").GetInt64(), checks_sha256 = shown.GetProperty("checks_sha256").GetString() };
            foreach (var steward in custodians.Stewards)
            {
                using var http = Custodians.Signing(steward);
                using var ignored = await http.PostAsync(new Uri(custodians.Vault, "v1/resumption"), new StringContent(SignedStatement.Sign(steward, "resume", words).ToJson()));
            }
        }
    }

    private static double Milliseconds(long from, long to) => (to - from) * 1000.0 / Stopwatch.Frequency;

    private static double At(List<double> times, int percent)
    {
        var sorted = times.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
    }
}
