using Tutelage.Recording.Events;

namespace Tutelage.Trajectories;

/// <summary>Clicks and keys that may turn out to be one choice from a dropdown. A plain menu item is a command, not a value: its clicks stay clicks.</summary>
/// <remarks>
/// It begins with a click that may have opened something, or with a key on a focused combobox, and takes in what follows while that can belong
/// to choosing. What was chosen is only known afterwards: a combobox's new value, or the name of the choice that was clicked. If neither
/// shows, the clicks and keys are what they were.
/// If this is wrong, a model learns to click blindly where a list once opened.
/// </remarks>
internal sealed class SelectAttempt
{
    private readonly Scene _scene;
    private readonly bool _combobox;
    private readonly int _openedAt;
    private readonly SelectValue _before;
    private SelectValue _now;
    private bool _expanded;
    private bool _wasExpanded;
    private bool _chosen;
    private string? _chosenName;
    private bool _choiceSeen;
    private bool _seenAfterwards;

    private SelectAttempt(Scene scene, RecordedElement opener, ActionDraft draft)
    {
        (_scene, Opener, _combobox) = (scene, opener, opener.Role == "combobox");
        _openedAt = scene.ElementsIndex;
        _before = _now = Value(opener);
        _expanded = _wasExpanded = opener.States.HasFlag(ElementStates.Expanded);
        Take(draft);
    }

    public RecordedElement Opener { get; }

    public List<ActionDraft> Drafts { get; } = [];

    public static SelectAttempt? TryBegin(Scene scene, ActionDraft draft, RecordedElement? element)
    {
        if (element is null || (draft.Modifiers & ~KeyModifiers.Alt) != KeyModifiers.None) return null;
        return draft.Kind switch
        {
            ActionKind.Click when draft.Button == PointerButton.Left && (!AriaRoles.IsChoice(element.Role) || Opens(element)) && !IsEditable(element) => new(scene, element, draft),
            ActionKind.Key when element.Role == "combobox" && !IsEditable(element) && IsChoosingKey(draft) => new(scene, element, draft),
            ActionKind.Type when element.Role == "combobox" && !IsEditable(element) => new(scene, element, draft),
            _ => null,
        };
    }

    /// <summary>Takes <paramref name="draft"/>, which begins now, if it can belong to the choosing.</summary>
    public bool TryTake(ActionDraft draft, RecordedElement? element, bool orphan)
    {
        if (_chosen) return false;
        switch (draft.Kind)
        {
            case ActionKind.Click when draft.Button == PointerButton.Left && draft.Modifiers == KeyModifiers.None:
                if (element is not null && AriaRoles.IsChoice(element.Role) && element.Role != "menuitem" && IsOffered(element))
                {
                    (_chosenName, _choiceSeen) = (element.Name, true);
                    _chosen = !Opens(element);
                    break;
                }

                if (!_combobox || Drafts.Count >= MaxParts) return false;
                if (!orphan && !_expanded && !(element?.Id == Opener.Id && MayBeOpen)) return false;
                _chosen = true;
                _choiceSeen = orphan || !_before.IsObserved;
                break;
            case ActionKind.Scroll when _combobox && _expanded:
                break;
            case ActionKind.Key when _combobox && IsChoosingKey(draft) && (MayBeOpen || IsFocused && draft.Keys[^1] is not ("enter" or "escape")):
                _chosen = draft.Keys[^1] is "enter" or "escape";
                break;
            case ActionKind.Type when _combobox && (MayBeOpen || IsFocused || element?.Id == Opener.Id):
                break;
            default:
                return false;
        }

        Take(draft);
        return true;
    }

    public void See(RecordedElement? opener)
    {
        if (opener is null) return;
        _now = Value(opener);
        _expanded = opener.States.HasFlag(ElementStates.Expanded);
        _wasExpanded |= _expanded;
        _seenAfterwards |= _chosen && !_expanded;
    }

    /// <summary>Something was chosen and the combobox has not been seen closed since: accessibility follows a choice by some tenths of a second.</summary>
    public bool AwaitsValue => _combobox && _chosen && !_seenAfterwards;

    /// <summary>Whether something was chosen; <paramref name="option"/> is null if what was chosen was content.</summary>
    public bool Resolve(out string? option)
    {
        var changed = _combobox && _now != _before;
        option = changed ? _now.Text ?? _chosenName : _chosenName;
        // Enter in an open list chooses what is highlighted there, also where the box does not tell its value.
        var entered = _combobox && _wasExpanded && Drafts[^1].Kind == ActionKind.Key && Drafts[^1].Keys[^1] is "enter";
        return changed || _choiceSeen || entered || _combobox && !_before.IsObserved && Drafts[0].Kind == ActionKind.DoubleClick;
    }

    private bool IsFocused => _scene.Snapshot?.FocusedId == Opener.Id;

    /// <summary>Seen open; or opened with the pointer, and no snapshot has told since.</summary>
    private bool MayBeOpen => _expanded || !_wasExpanded && Drafts[0].Kind is ActionKind.Click or ActionKind.DoubleClick;

    private void Take(ActionDraft draft)
    {
        draft.Held = true;
        Drafts.Add(draft);
    }

    /// <summary>A choice that belongs to what was opened: below it in the tree, or not there before the opening.</summary>
    private bool IsOffered(RecordedElement element) =>
        (_combobox || Opens(Opener)) && _scene.IsWithin(element, Opener.Id) || _scene.Since(element.Id) is { } appearance && appearance.ElementsIndex > _openedAt;

    private SelectValue Value(RecordedElement opener)
    {
        if (opener.Value is not null || opener.ValueShape is not null) return new(opener.Value, opener.ValueShape);
        if (!_combobox || _scene.Snapshot is not { } snapshot) return default;
        foreach (var element in snapshot.Elements)
        {
            if (element.States.HasFlag(ElementStates.Selected) && AriaRoles.IsChoice(element.Role) && _scene.IsWithin(element, opener.Id)) return new(element.Name, element.NameShape);
        }

        return default;
    }

    private static bool Opens(RecordedElement element) => element.States.HasFlag(ElementStates.Expandable);

    private static bool IsEditable(RecordedElement element) => element.States.HasFlag(ElementStates.Editable) && !element.States.HasFlag(ElementStates.ReadOnly);

    private static bool IsChoosingKey(ActionDraft draft) =>
        draft.Keys[^1] is "up" or "down" or "left" or "right" or "home" or "end" or "pageup" or "pagedown" or "enter" or "space" or "escape";

    /// <summary>More presses than this between opening and choosing are not one choice.</summary>
    private const int MaxParts = 32;

    private readonly record struct SelectValue(string? Text, TextShape? Shape)
    {
        public bool IsObserved => Text is not null || Shape is not null;
    }
}
