using Tutelage.Jobs.Hosting;
using Tutelage.Jobs.Memory;
using Tutelage.Jobs.Protocol;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Inputs;

/// <summary>Turns a file of the order into plaintext in RAM: fetched, its digest checked, then opened with both keys.</summary>
internal sealed class InputOpener(LauncherPipe pipe, KeyRing keys, MemoryBudget budget)
{
    private readonly List<RefusedMessage> _refused = [];

    public IReadOnlyList<RefusedMessage> Refused => _refused;

    /// <summary>The plaintext from its beginning, or why it is refused (the caller decides what that means).</summary>
    public (PlainBuffer? Plaintext, string? Reason) Open(WorkInput input, string @class)
    {
        if (!input.Files.TryGetValue(@class, out var file)) return (null, "missing");
        if (keys.Find(input.Object, @class) is not { } key) return (null, "no-key");
        if (file.SizeBytes > (long)budget.LimitMb << 20) return (null, "too-large");
        using var ciphertext = new PlainBuffer(budget);
        if (pipe.Fetch(input.Object, file, ciphertext) is { } reason) return (null, reason);
        var plaintext = new PlainBuffer(budget);
        try
        {
            using var opened = CustodySeal.Open(ciphertext.Rewound(), key.Outer, key.Inner);
            opened.CopyTo(plaintext);
            return (plaintext.Rewound(), null);
        }
        catch (Exception fault) when (fault is PayloadAuthenticationException or AgeFormatException or NoMatchingIdentityException or System.Security.Cryptography.CryptographicException or EndOfStreamException)
        {
            plaintext.Dispose();
            return (null, "altered");
        }
        catch
        {
            plaintext.Dispose();
            throw;
        }
    }

    /// <summary>Counts an input, or one class of it, as left out, and tells the launcher. Once for each.</summary>
    public void Refuse(WorkInput input, string? @class, string reason)
    {
        if (_refused.Any(refused => refused.Object == input.Object && refused.Class == @class)) return;
        var message = new RefusedMessage(input.Object, @class, reason);
        _refused.Add(message);
        pipe.Send(FrameType.Refused, message, PipeJson.Default.RefusedMessage);
    }

    public InputsTally Tally(int given) => new(given, given - _refused.Where(refused => refused.Class is null).Select(refused => refused.Object).Distinct().Count(), _refused);
}
