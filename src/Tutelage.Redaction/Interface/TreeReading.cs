using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Redaction.Detection;

namespace Tutelage.Redaction.Interface;

/// <summary>One tree with the decision about each of its elements.</summary>
/// <remarks>
/// Roles, and where an element stands, say whether its text is interface or content; detectors and the session's memory can only take away. One pass
/// in document order: a parent that has not been seen yet counts as content, so cycles and forged parents close instead of loop.
/// If this is wrong, somebody's words leave the desk as the name of a button.
/// </remarks>
internal sealed class TreeReading
{
    /// <summary>Elements looked at; a tree with more is cut, and the window's pixels are all content.</summary>
    public const int MaxElements = 20_000;

    /// <summary>Characters looked at by detectors in one tree; what is beyond is content.</summary>
    private const int MaxCharacters = 2_000_000;

    private const int MaxNameLength = 128;

    /// <summary>Higher than any line of controls; a taller "button" is a card with content in it.</summary>
    private const int MaxInterfaceHeight = 96;

    /// <summary>A menu this low is its title in a menu bar, not the list that drops from it.</summary>
    private const int MaxMenuTitleHeight = 40;

    /// <summary>Pictures up to this edge are icons.</summary>
    private const int MaxIconEdge = 48;

    private TreeReading(CapturedElements source, ElementVerdict[] verdicts, bool cut) => (Source, Verdicts, IsCut) = (source, verdicts, cut);

    public CapturedElements Source { get; }

    public MonotonicTime Time => Source.Time;

    public ElementTree Tree => Source.Tree;

    /// <summary>In the order of the tree's elements; shorter than them if it was cut.</summary>
    public ElementVerdict[] Verdicts { get; }

    public bool IsCut { get; }

    /// <summary>Looks for secrets in everything a tree says, and remembers them.</summary>
    /// <exception cref="DetectorFailedException">A detector threw.</exception>
    public static int Learn(CapturedElements source, DetectorSet detectors, SessionMemory memory, ICollection<MaskedPart> masked)
    {
        var left = MaxCharacters;
        var found = 0;
        foreach (var element in source.Tree.Elements.Take(MaxElements))
        {
            if (element.States.HasFlag(ElementStates.Protected) && element.Value is { Length: >= 4 } secret && secret.Any(char.IsLetterOrDigit)) memory.RememberSecret(secret);
            found += Look(element.Name, element.Id, isName: true);
            found += Look(element.Value, element.Id, isName: false);
            if (left < 0) break;
        }

        return found;

        int Look(string? text, int id, bool isName)
        {
            if (string.IsNullOrEmpty(text) || (left -= text.Length) < 0) return 0;
            var findings = memory.Findings(detectors, text);
            foreach (var finding in findings) memory.RememberSecret(text.Substring(finding.Start, finding.Length));
            if (findings.Count > 0) masked.Add(new(id, isName));
            return findings.Count;
        }
    }

    /// <summary>Decides about every element. Everything that the interval can teach MUST have been learnt before.</summary>
    public static TreeReading Read(CapturedElements source, RedactionPolicy policy, SessionMemory memory, IReadOnlySet<MaskedPart> masked)
    {
        var elements = source.Tree.Elements;
        var count = Math.Min(elements.Count, MaxElements);
        var verdicts = new ElementVerdict[count];
        var places = new Dictionary<int, Place>(count);
        var hasDocument = false;
        for (var i = 0; i < count; i++) hasDocument |= elements[i].Role == "document";
        var words = WordsOf(elements, count);

        var left = MaxCharacters;
        var documentTitle = DocumentPart(source.Tree.Context.Title, policy.TitleSuffix);
        if (documentTitle is not null) memory.RememberContent(documentTitle, typed: false);
        for (var i = 0; i < count; i++)
        {
            var element = elements[i];
            var above = element.ParentId < 0 ? Place.Root : places.GetValueOrDefault(element.ParentId, Place.Doubtful);
            var kind = RoleKinds.Of(element.Role);
            if (kind == RoleKind.Content && element.Role is "listitem" && above.InNavigation) kind = RoleKind.Container;
            var inDocument = above.InDocument || element.Role == "document";
            if (hasDocument && !inDocument && element.Role is "tab") kind = RoleKind.Content;
            if (element is { Role: "menu", Name.Length: > 0, Bounds.Height: <= MaxMenuTitleHeight }) kind = RoleKind.Interface;
            left -= (element.Name?.Length ?? 0) + (element.Value?.Length ?? 0);
            var verdict = left < 0 ? new(Area.Content, false, TextTreatment.Shape, false, false) : Decide(element, kind, above, policy, memory, masked, words);
            verdicts[i] = verdict;
            places[element.Id] = new(
                InContent: kind switch
                {
                    RoleKind.Content or RoleKind.Unknown => true,
                    RoleKind.Navigation or RoleKind.Popup => false,
                    _ => above.InContent,
                },
                InNavigation: kind switch
                {
                    RoleKind.Navigation => true,
                    RoleKind.Content or RoleKind.Unknown or RoleKind.Popup => element.Role == "menu",
                    _ => above.InNavigation,
                },
                InDocument: inDocument,
                Text: kind switch
                {
                    RoleKind.Interface or RoleKind.WeakInterface => verdict.Area == Area.Interface ? Area.Interface : Area.Content,
                    RoleKind.Container or RoleKind.UnnamedContainer or RoleKind.Navigation or RoleKind.Popup => above.Text == Area.Interface ? Area.Interface : Area.Content,
                    _ => verdict.Area == Area.Interface ? Area.Interface : Area.Content,
                });
        }

        return new(source, verdicts, elements.Count > count || left < 0);
    }

    /// <summary>Remembers the names that stand, so that later content cannot take them away.</summary>
    public void TeachInterface(SessionMemory memory)
    {
        for (var i = 0; i < Verdicts.Length; i++)
            if (Verdicts[i] is { KeepName: true, Area: not Area.Content } && Tree.Elements[i].Name is { } name) memory.RememberInterface(name);
    }

    /// <summary>Remembers what people wrote and read, so that names which repeat it are content too.</summary>
    public void TeachContent(SessionMemory memory)
    {
        for (var i = 0; i < Verdicts.Length; i++)
        {
            var element = Tree.Elements[i];
            var kind = RoleKinds.Of(element.Role);
            if (kind == RoleKind.Content && Verdicts[i] is { KeepName: false, Area: Area.Content } && element.Name is { } content) memory.RememberContent(content, typed: false);
            if (kind == RoleKind.Field && Verdicts[i].Value == TextTreatment.Shape && element.Value is { } value) memory.RememberContent(value, typed: false);
        }
    }

    internal static string? DocumentPart(string? title, string? suffix)
    {
        if (string.IsNullOrWhiteSpace(title)) return null;
        if (suffix is { Length: > 0 } && title.EndsWith(suffix, StringComparison.Ordinal)) title = title[..^suffix.Length];
        var part = title.Trim().TrimEnd('-', '–', '—', '|', ' ');
        return part.Length == 0 ? null : part;
    }

    private static ElementVerdict Decide(
        CapturedElement element, RoleKind kind, Place above, RedactionPolicy policy, SessionMemory memory, IReadOnlySet<MaskedPart> masked, FormWords words)
    {
        if (policy.Mode == RedactionMode.Shape) return new(Area.Content, false, TextTreatment.Shape, false, false);
        var nameSecret = masked.Contains(new(element.Id, true)) || (element.Name is { } name && memory.HoldsSecret(name));
        var valueSecret = masked.Contains(new(element.Id, false)) || element.States.HasFlag(ElementStates.Protected) || (element.Value is { } value && memory.HoldsSecret(value));
        var secret = nameSecret || valueSecret;
        var treatment = policy.TreatmentOf(element);
        if (treatment != TextTreatment.Shape && element.Value is { } prose && IsProse(prose, element.States)) treatment = TextTreatment.Shape;
        if (valueSecret) treatment = TextTreatment.Shape;
        var tall = element.Bounds.Height > MaxInterfaceHeight;

        switch (kind)
        {
            case RoleKind.Interface or RoleKind.WeakInterface when kind == RoleKind.Interface || !above.InContent || above.InNavigation:
            {
                var keep = !nameSecret && IsInterfaceName(element.Name, memory, element.Role);
                var keepValue = !valueSecret && IsInterfaceValue(element, memory, words);
                if (element.Role == "combobox" && treatment == TextTreatment.Kept) keepValue = !valueSecret;
                var shown = element.Role == "combobox" ? (keepValue ? Area.Interface : Area.Field) : Area.Interface;
                var area = secret || !keep ? Area.Content : tall ? Area.Transparent : shown;
                return new(area, keep, keepValue ? TextTreatment.Kept : TextTreatment.Shape, nameSecret, valueSecret);
            }

            case RoleKind.Field:
            {
                var keep = !nameSecret && IsInterfaceName(element.Name, memory, element.Role);
                return new(treatment == TextTreatment.Kept && !secret ? Area.Interface : Area.Field, keep, treatment, nameSecret, valueSecret);
            }

            case RoleKind.Container or RoleKind.Navigation or RoleKind.Popup:
            {
                var keep = !nameSecret && !above.InContent && IsInterfaceName(element.Name, memory, element.Role);
                return new(kind == RoleKind.Popup ? Area.Unexplained : Area.Transparent, keep, TextTreatment.Shape, nameSecret, valueSecret);
            }

            case RoleKind.UnnamedContainer:
                return new(Area.Transparent, false, TextTreatment.Shape, nameSecret, valueSecret);

            case RoleKind.Inherits:
            {
                var keep = (above.Text == Area.Interface || (!above.InContent && IsLabel(element, words))) && !secret && IsInterfaceName(element.Name, memory, element.Role);
                return new(keep ? (tall ? Area.Transparent : Area.Interface) : Area.Content, keep, keep && element.Value == element.Name ? TextTreatment.Kept : TextTreatment.Shape, nameSecret, valueSecret);
            }

            case RoleKind.Picture:
            {
                var icon = element.Bounds.Width <= MaxIconEdge && element.Bounds.Height <= MaxIconEdge;
                var keep = icon && !secret && !above.InContent && IsInterfaceName(element.Name, memory, element.Role);
                return new(icon && !secret ? Area.Interface : Area.Content, keep, TextTreatment.Shape, nameSecret, valueSecret);
            }

            default:
            {
                var kept = treatment == TextTreatment.Kept && !secret && element.Name is not { Length: > MaxNameLength } && (element.Name is null || TextShapes.WordCount(element.Name) <= TextShapes.MostWords);
                return new(kept ? Area.Interface : Area.Content, kept, treatment, nameSecret, valueSecret);
            }
        }
    }

    /// <summary>Plain text that names a field is its label: the author's own element says so, or a field of the tree is called by it.</summary>
    private static bool IsLabel(CapturedElement element, FormWords words) =>
        element.Hint is { } hint && (hint == "label" || hint == "legend" || hint.StartsWith("label#", StringComparison.Ordinal) || hint.StartsWith("label.", StringComparison.Ordinal)
            || hint.StartsWith("legend#", StringComparison.Ordinal) || hint.StartsWith("legend.", StringComparison.Ordinal))
        || (element.Name is { Length: > 0 and <= MaxNameLength } name && words.FieldNames.Contains(NormalisedText.Compact(name)));

    private static FormWords WordsOf(IReadOnlyList<CapturedElement> elements, int count)
    {
        var words = new FormWords(new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        for (var i = 0; i < count; i++)
        {
            if (elements[i].Name is not { Length: > 0 and <= MaxNameLength } name) continue;
            switch (elements[i].Role)
            {
                case "option" or "menuitem":
                    words.Choices.Add(name);
                    break;
                case "textbox" or "searchbox" or "spinbutton" or "combobox" or "checkbox" or "radio" or "switch" or "slider" or "radiogroup":
                    words.FieldNames.Add(NormalisedText.Compact(name));
                    break;
            }
        }

        words.FieldNames.Remove("");
        return words;
    }

    private static bool IsInterfaceName(string? name, SessionMemory memory, string role) =>
        string.IsNullOrWhiteSpace(name) || (name.Length <= MaxNameLength && TextShapes.WordCount(name) <= TextShapes.MostWords && !memory.RepeatsContent(name, NameOf(role)));

    private static SessionMemory.NameOf NameOf(string role) => role switch
    {
        "option" or "menuitem" or "menuitemcheckbox" or "menuitemradio" or "combobox" => SessionMemory.NameOf.Choice,
        "button" or "link" or "tab" or "checkbox" or "radio" or "switch" or "columnheader" or "label" or "text" or "statictext" => SessionMemory.NameOf.Command,
        _ => SessionMemory.NameOf.Other,
    };

    private static bool IsInterfaceValue(CapturedElement element, SessionMemory memory, FormWords words) => element.Value switch
    {
        null or "" => true,
        var value when element.Role == "combobox" => !element.States.HasFlag(ElementStates.Editable) ? IsInterfaceName(value, memory, element.Role) : words.Choices.Contains(value),
        var value when element.Role is "slider" or "progressbar" or "scrollbar" or "meter" or "separator" => value.Length <= 16,
        var value => value == element.Name && IsInterfaceName(value, memory, element.Role),
    };

    private static bool IsProse(string text, ElementStates states) =>
        text.Length > 1024 || (states.HasFlag(ElementStates.MultiLine) && TextShapes.WordCount(text) > TextShapes.MostWords);

    /// <param name="Choices">Names of options and menu items.</param>
    /// <param name="FieldNames">Compact names of fields and switches.</param>
    private readonly record struct FormWords(HashSet<string> Choices, HashSet<string> FieldNames);

    /// <param name="Text">What text standing directly in it is.</param>
    private readonly record struct Place(bool InContent, bool InNavigation, bool InDocument, Area Text)
    {
        public static readonly Place Root = new(false, false, false, Area.Content);
        public static readonly Place Doubtful = new(true, false, true, Area.Content);
    }
}

/// <summary>A name or a value in which something was found anywhere in the interval: it is masked in every tree of it.</summary>
internal readonly record struct MaskedPart(int ElementId, bool IsName);
