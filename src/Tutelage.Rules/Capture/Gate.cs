namespace Tutelage.Rules.Capture;

/// <summary>What may be kept in a context.</summary>
public enum GateVerdict
{
    /// <summary>Nothing; a gap stands for it.</summary>
    Nothing,

    /// <summary>Input as shape; no text, elements or frames.</summary>
    Shape,

    /// <summary>What the rule's classes name.</summary>
    Capture,
}

/// <summary>Why.</summary>
public enum GateReason { Allowed, NotAllowed, Blocked, ContextUnknown, PrivateWindow, AccountUnknown, QuotaMet }

/// <summary>The decision for one context.</summary>
/// <param name="Rule">The rule that allows it; null unless <paramref name="Verdict"/> is more than nothing.</param>
public sealed record GateDecision(GateVerdict Verdict, GateReason Reason, ManifestRule? Rule)
{
    internal static GateDecision Closed(GateReason reason) => new(GateVerdict.Nothing, reason, null);

    /// <summary>The decision for what was done there, once it is known who was signed in and how much of the rule's skill there is already. It can only close.</summary>
    public GateDecision Knowing(AccountSight account, bool quotaMet) => Rule switch
    {
        { Account: not null } when account != AccountSight.Seen => Closed(GateReason.AccountUnknown),
        not null when quotaMet => Closed(GateReason.QuotaMet),
        _ => this,
    };
}

/// <summary>Decides per context, deny by default. Forbid wins, unknown is denied.</summary>
public static class Gate
{
    /// <param name="manifest">The manifest agreed to.</param>
    /// <param name="app">Window class, null if it is not known.</param>
    /// <param name="document">Address of the focused document, null if there is none or it is not known.</param>
    /// <param name="isPrivate">The window is private or incognito as far as can be seen.</param>
    public static GateDecision Decide(CaptureManifest manifest, string? app, string? document, bool isPrivate)
    {
        if (app is null) return GateDecision.Closed(GateReason.ContextUnknown);
        var name = app.ToLowerInvariant();
        if (isPrivate) return GateDecision.Closed(GateReason.PrivateWindow);
        if (PermanentBlocks.Match(name, document) is not null) return GateDecision.Closed(GateReason.Blocked);
        if (manifest.Rules.All(rule => rule.App != name)) return GateDecision.Closed(GateReason.NotAllowed);
        if (PermanentBlocks.IsBrowser(name) && document is null) return GateDecision.Closed(GateReason.ContextUnknown);
        if (manifest.RuleFor(name, document) is not { } rule) return GateDecision.Closed(GateReason.NotAllowed);
        return new(rule.Classes.Any(kept => kept is not DataClass.Input) ? GateVerdict.Capture : GateVerdict.Shape, GateReason.Allowed, rule);
    }
}
