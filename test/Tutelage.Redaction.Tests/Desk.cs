using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;

namespace Tutelage.Redaction.Tests;

/// <summary>A desktop made of lists: tells events, keeps the time, redacts.</summary>
internal sealed class Desk : IDisposable
{
    public static readonly ScreenSize Screen = new(640, 400);
    public static readonly ScreenRect WindowBounds = new(0, 0, 640, 400);

    private readonly List<CapturedEvent> _events = [];
    private long _milliseconds;

    public SessionMemory Memory { get; } = new(default);

    public RedactionPolicy Policy { get; set; } = new() { Mode = RedactionMode.Capture, App = "chromium", Site = "https://practice.example/", TitleSuffix = "Chromium" };

    public Redactor Redactor { get; set; } = new();

    public string? Title { get; set; } = "Chromium";

    public DesktopContext Context => new("chromium", 1, 7, Title, "https://practice.example/", WindowBounds, false);

    public MonotonicTime Now => MonotonicTime.FromMilliseconds(_milliseconds);

    public static RedactionPolicy Keeping(TextTreatment treatment, string? instruction = null) => new()
    {
        Mode = RedactionMode.Capture, App = "chromium", TitleSuffix = "Chromium", Fields = [new(null, null, null, treatment)], Instruction = instruction,
    };

    public static CapturedElement Element(int id, string role, string? name = null, string? value = null, int parent = 0, ElementStates states = ElementStates.Visible, ScreenRect? at = null, string? hint = null) =>
        new(id, parent, role, name, value, hint, states, at ?? new(10, 10 + 30 * (id % 12), 200, 24));

    public static CapturedElement Field(int id, string value = "", string? name = "Amount", ElementStates more = ElementStates.None) =>
        Element(id, "textbox", name, value, states: ElementStates.Visible | ElementStates.Editable | more);

    public static CapturedElement Root => new(0, -1, "document", null, null, null, ElementStates.Visible, WindowBounds);

    public Desk Wait(int milliseconds)
    {
        _milliseconds += milliseconds;
        return this;
    }

    public Desk Tree(int focused, params CapturedElement[] elements) => Add(new CapturedElements(Now, new(Context, [Root, .. elements], focused)));

    /// <summary>Accessibility tells that an element got the focus.</summary>
    public Desk Focus(int id) => Add(new CapturedFocus(Now, Context.Window, id));

    public Desk Add(CapturedEvent captured)
    {
        _events.Add(captured);
        return Wait(10);
    }

    public Desk Key(string key, string? text = null, KeyModifiers modifiers = KeyModifiers.None)
    {
        Add(new CapturedKey(Now, key, text, modifiers, true, false));
        return Add(new CapturedKey(Now, key, text, modifiers, false, false));
    }

    public Desk Type(string text)
    {
        foreach (var rune in text.EnumerateRunes()) Key(rune.Value == ' ' ? "space" : rune.ToString(), rune.ToString());
        return this;
    }

    public Desk Click(int x, int y)
    {
        Add(new CapturedButton(Now, PointerButton.Left, true, new(x, y), KeyModifiers.None));
        return Add(new CapturedButton(Now, PointerButton.Left, false, new(x, y), KeyModifiers.None));
    }

    public Desk Frame(ScreenImage image) => Add(new CapturedFrame(Now, image));

    public RedactedInterval Redact(CapturedElements? after = null, int wait = 2000, bool endsInPress = false)
    {
        Wait(wait);
        var redacted = Redactor.Redact(new(Context, [.. _events], Now, after, endsInPress), Policy, Memory);
        _events.Clear();
        return redacted;
    }

    public void Dispose() => Memory.Dispose();

    /// <summary>Every string that would be stored.</summary>
    public static IEnumerable<string> Strings(RedactedInterval interval) =>
    [
        .. interval.Texts.Select(text => text.Text),
        .. interval.Inputs.OfType<KeyChanged>().Select(key => key.Key),
        .. interval.Elements.SelectMany(snapshot => snapshot.Elements).SelectMany(element => new[] { element.Name, element.Value, element.Hint }).OfType<string>(),
        .. interval.Elements.Select(snapshot => snapshot.Context.Title).OfType<string>(),
    ];
}
