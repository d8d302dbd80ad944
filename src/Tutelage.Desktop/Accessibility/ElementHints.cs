using System.Text;
using Tutelage.Desktop.DBus;

namespace Tutelage.Desktop.Accessibility;

/// <summary>The author's own names for an element, from the attributes that browsers expose. Layout: docs/formats/elements.md.</summary>
internal static class ElementHints
{
    /// <summary>Longer ones are cut: hints are names, and some pages generate them by the hundred.</summary>
    private const int MaxCharacters = 200;

    /// <summary>Reads <c>a{ss}</c> into the hint and the authored role of <paramref name="item"/>.</summary>
    public static void Take(AccessibleObject item, ref DBusReader body)
    {
        string? tag = null, id = null, classes = null, inputType = null;
        for (var end = body.ArrayEnd(8); body.Position < end;)
        {
            body.Pad(8);
            var (key, value) = (body.String(), body.String());
            switch (key)
            {
                case "tag": tag = value; break;
                case "id": id = value; break;
                case "class": classes = value; break;
                case "text-input-type": inputType = value; break;
                case "xml-roles": item.AuthoredRole = value; break;
            }
        }

        item.Hint = Compose(tag, id, classes, inputType);
    }

    /// <summary>The document's address from <c>a{ss}</c>: Chromium and Firefox spell it differently.</summary>
    public static string? Address(ref DBusReader body)
    {
        string? address = null;
        for (var end = body.ArrayEnd(8); body.Position < end;)
        {
            body.Pad(8);
            var (key, value) = (body.String(), body.String());
            if (key is "URI" or "DocURL" && value.Length > 0) address ??= value;
        }

        return address;
    }

    /// <summary>As a CSS selector would say it: <c>input#amount.money[type=email]</c>; null if nothing is known.</summary>
    internal static string? Compose(string? tag, string? id, string? classes, string? inputType)
    {
        var hint = new StringBuilder(tag);
        if (!string.IsNullOrWhiteSpace(id)) hint.Append('#').Append(id.Trim());
        foreach (var name in (classes ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) hint.Append('.').Append(name);
        if (!string.IsNullOrWhiteSpace(inputType)) hint.Append("[type=").Append(inputType.Trim()).Append(']');
        return hint.Length switch
        {
            0 => null,
            > MaxCharacters => hint.ToString(0, MaxCharacters) + '…',
            _ => hint.ToString(),
        };
    }
}
