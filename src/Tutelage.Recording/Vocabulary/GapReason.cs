namespace Tutelage.Recording;

/// <summary>Why nothing was kept for a while. A gap is always labelled; nothing is left out silently.</summary>
public enum GapReason
{
    /// <summary>The context is not on the manifest's allow-list.</summary>
    NotAllowed,

    /// <summary>The context is on the permanent block list (password manager, private window, lock screen, health, bank, …).</summary>
    Blocked,

    /// <summary>Which context has the focus could not be established.</summary>
    ContextUnknown,

    /// <summary>The manifest's account evidence was missing or contradictory.</summary>
    AccountUnknown,

    /// <summary>The participant paused.</summary>
    Paused,

    /// <summary>The participant had it forgotten.</summary>
    Forgotten,

    /// <summary>It waited for its decision in RAM when the recorder died.</summary>
    Undecided,

    /// <summary>A detector failed or was missing: the gate closed.</summary>
    DetectorFailed,

    /// <summary>The indicator was hidden, covered or killed.</summary>
    IndicatorHidden,

    /// <summary>The accessibility bus was away.</summary>
    AccessibilityLost,

    /// <summary>What waited for a decision outgrew its memory.</summary>
    MemoryFull,

    /// <summary>The disk was full.</summary>
    DiskFull,

    /// <summary>The operating system reported lost events.</summary>
    EventsLost,

    /// <summary>The lease ran out.</summary>
    LeaseLost,

    /// <summary>What the manifest asks of this person for that skill has been recorded.</summary>
    QuotaMet,
}
