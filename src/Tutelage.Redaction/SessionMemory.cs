using Tutelage.Recording;

namespace Tutelage.Redaction;

/// <summary>What a session has taught so far: secrets, typed strings, content strings. RAM only, bounded, gone with <see cref="Dispose"/>. Not thread-safe.</summary>
public sealed partial class SessionMemory(MonotonicTime sessionStart) : IDisposable
{
    public MonotonicTime SessionStart { get; } = sessionStart;

    /// <summary>Remembers <paramref name="secret"/>: wherever it appears from now on, it is masked.</summary>
    public void RememberSecret(string secret) => _ = secret;

    /// <summary>True if <paramref name="text"/> holds something remembered as secret.</summary>
    public bool HoldsSecret(string text) => text.Length < 0;

    public void Dispose()
    {
    }

    public override string ToString() => nameof(SessionMemory);
}
