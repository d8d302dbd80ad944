using System.Text;
using Tutelage.Jobs.Protocol;
using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Redaction;
using Tutelage.Redaction.Detection;

namespace Tutelage.Jobs.Building;

/// <summary>Redaction once more, over a whole session: what a detector finds anywhere in it is taken out everywhere in it.</summary>
/// <remarks>
/// The recorder decides interval by interval and cannot know what a later one will show to be secret; here the session is known to its end. First every kept
/// text is read (<see cref="Learn(TypedText)"/>), then every kept text is passed through (<see cref="Clean(TypedText)"/> and its kin). If this let something through, it would go
/// into a data set and from there into exports that nobody can recall. One session, one thread.
/// </remarks>
internal sealed class SecondPass : IDisposable
{
    private readonly DetectorSet _detectors;
    private readonly SessionMemory _memory = new(default);
    private readonly Dictionary<string, bool> _verdicts = new(StringComparer.Ordinal); // texts repeat from snapshot to snapshot

    public SecondPass(DetectorSet? detectors = null) => _detectors = detectors ?? DetectorSet.Standard;

    public long Texts { get; private set; }

    public long Changed { get; private set; }

    public void Learn(TypedText typed) => Learn(typed.Text);

    public void Learn(TaskMark mark) => Learn(mark.Instruction);

    public void Learn(ElementSnapshot snapshot)
    {
        Learn(snapshot.Context.Title);
        foreach (var element in snapshot.Elements)
        {
            Learn(element.Name);
            Learn(element.Value);
        }
    }

    /// <summary>Null if the letters may not stand; the run's shape is in the input class and stays.</summary>
    public TypedText? Clean(TypedText typed) => MustGo(typed.Text) ? null : typed;

    /// <summary>An instruction keeps its words; what was found becomes the name of its kind in brackets.</summary>
    public TaskMark Clean(TaskMark mark)
    {
        if (!MustGo(mark.Instruction)) return mark;
        var masked = Masked(mark.Instruction);
        return mark with { Instruction = _memory.HoldsSecret(masked) ? "[removed]" : masked };
    }

    /// <param name="removed">The bounds of every element that lost text: its pixels go too.</param>
    public ElementSnapshot Clean(ElementSnapshot snapshot, ICollection<ScreenRect> removed)
    {
        var elements = new List<RecordedElement>(snapshot.Elements.Count);
        foreach (var element in snapshot.Elements)
        {
            var (name, value, hint) = (MustGo(element.Name), MustGo(element.Value), MustGo(element.Hint));
            if (name || value) removed.Add(element.Bounds);
            elements.Add(name || value || hint
                ? element with
                {
                    Name = name ? null : element.Name,
                    NameShape = name ? ShapeOf(element.Name) : element.NameShape,
                    Value = value ? null : element.Value,
                    ValueShape = value ? ShapeOf(element.Value) : element.ValueShape,
                    Hint = hint ? null : element.Hint,
                }
                : element);
        }
        var context = snapshot.Context;
        var title = MustGo(context.Title);
        return snapshot with { Elements = elements, Context = title ? context with { Title = null } : context };
    }

    public RedactionTally Tally => new(Texts, Changed);

    private void Learn(string? text)
    {
        if (string.IsNullOrEmpty(text) || _verdicts.ContainsKey(text)) return;
        var findings = _detectors.Find(text);
        _verdicts.Add(text, findings.Count > 0);
        foreach (var finding in findings) _memory.RememberSecret(text.Substring(finding.Start, finding.Length));
    }

    private bool MustGo(string? text)
    {
        if (string.IsNullOrEmpty(text)) return false;
        Texts++;
        if (!_verdicts.TryGetValue(text, out var found)) _verdicts.Add(text, found = _detectors.Find(text).Count > 0);
        var must = found || _memory.HoldsSecret(text);
        if (must) Changed++;
        return must;
    }

    private string Masked(string text)
    {
        var masked = new StringBuilder();
        var at = 0;
        foreach (var finding in _detectors.Find(text).OrderBy(finding => finding.Start))
        {
            if (finding.Start >= at) masked.Append(text, at, finding.Start - at).Append('[').Append(finding.Kind.ToString().ToLowerInvariant()).Append(']');
            at = Math.Max(at, finding.End);
        }
        return masked.Append(text, at, text.Length - at).ToString();
    }

    private static TextShape? ShapeOf(string? text) => text is null ? null : new TextShape(TextShape.LengthClassOf(text.Length), TextKind.Secret);

    public void Dispose() => _memory.Dispose();
}
