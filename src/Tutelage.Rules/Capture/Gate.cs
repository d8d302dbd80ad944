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
public enum GateReason { Allowed, NotAllowed, Blocked, ContextUnknown, PrivateWindow }

/// <summary>The decision for one context.</summary>
/// <param name="Rule">The rule that allows it; null unless <paramref name="Verdict"/> is more than nothing.</param>
public sealed record GateDecision(GateVerdict Verdict, GateReason Reason, ManifestRule? Rule)
{
    internal static GateDecision Closed(GateReason reason) => new(GateVerdict.Nothing, reason, null);
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
        var rules = manifest.Rules.Where(rule => rule.App == name).ToList();
        if (rules.Count == 0) return GateDecision.Closed(GateReason.NotAllowed);
        if (PermanentBlocks.IsBrowser(name) && document is null) return GateDecision.Closed(GateReason.ContextUnknown);
        // The longest path wins, so that a narrower rule for a part of a site can only be more specific, never overruled by order.
        var rule = rules.Where(rule => rule.Site is null ? document is null : rule.Site.Matches(document)).MaxBy(rule => rule.Site?.Path.Length ?? 0);
        if (rule is null) return GateDecision.Closed(GateReason.NotAllowed);
        return new(rule.Classes.Any(kept => kept is not DataClass.Input) ? GateVerdict.Capture : GateVerdict.Shape, GateReason.Allowed, rule);
    }
}
