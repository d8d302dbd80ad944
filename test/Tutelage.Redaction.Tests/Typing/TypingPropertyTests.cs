using Tutelage.Recording;
using Tutelage.Recording.Events;
using Tutelage.Redaction.Tests.Detection;

namespace Tutelage.Redaction.Tests.Typing;

public sealed class TypingPropertyTests
{
    /// <summary>Seed 41; the reference editor below shares no code with the product.</summary>
    [Fact]
    public void Edits_resolve_to_what_an_editor_would_hold()
    {
        var random = new Random(41);
        for (var round = 0; round < 3_000; round++)
        {
            using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
            desk.Tree(3, Desk.Field(3)).Type("q");
            var editor = new ReferenceEditor("q");
            for (var step = random.Next(1, 40); step > 0; step--)
            {
                var shift = random.Next(3) == 0 ? KeyModifiers.Shift : KeyModifiers.None;
                var key = random.Next(14) switch
                {
                    0 or 1 => "BackSpace", 2 => "Delete", 3 or 4 => "Left", 5 => "Right", 6 => "Home", 7 => "End", _ => ((char)('a' + random.Next(26))).ToString(),
                };
                editor.Press(key, shift != KeyModifiers.None);
                desk.Key(key, key.Length == 1 ? key : null, shift);
            }

            desk.Type("w");
            editor.Press("w", false);
            var result = desk.Redact();
            result.Texts.ShouldHaveSingleItem().Text.ShouldBe(editor.Text, $"round {round}");
            result.Inputs.OfType<KeyChanged>().ShouldBeEmpty();
        }
    }

    /// <summary>Card numbers typed with slips, corrections, separators and field changes, into fields that the manifest keeps.</summary>
    [Fact]
    public void No_planted_card_number_survives_in_anything_stored()
    {
        var random = new Random(43);
        for (var round = 0; round < 2_000; round++)
        {
            using var desk = new Desk { Policy = Desk.Keeping(random.Next(2) == 0 ? TextTreatment.Kept : TextTreatment.Surrogate) };
            var card = DetectorFuzzTests.RandomCard(random);
            var field = Desk.Field(3);
            desk.Tree(3, field).Type(random.Next(2) == 0 ? "no " : "");
            foreach (var digit in card)
            {
                if (random.Next(6) == 0) desk.Type(((char)('0' + random.Next(10))).ToString()).Key("BackSpace");
                if (random.Next(5) == 0) desk.Type(" ");
                desk.Type(digit.ToString());
                if (random.Next(30) == 0) desk.Key("Left").Key("Right");
            }

            if (random.Next(2) == 0) desk.Wait(200).Tree(3, field with { Value = card }, Desk.Element(9, "button", "Charge " + card), Desk.Element(10, "option", card[..8] + "-" + card[8..]));
            desk.Title = $"Order {card} - Chromium";
            var result = desk.Redact();
            foreach (var text in Desk.Strings(result)) string.Concat(text.Where(char.IsDigit)).ShouldNotContain(card, customMessage: $"round {round}");
        }
    }

    /// <summary>An interval redacted with what it has already taught gives the same again.</summary>
    [Fact]
    public void Redacting_what_was_redacted_changes_nothing()
    {
        using var desk = new Desk { Policy = Desk.Keeping(TextTreatment.Kept) };
        var first = desk.Tree(3, Desk.Field(3, "400"), Desk.Element(4, "button", "Save"), Desk.Element(5, "heading", "Card 4242 4242 4242 4242"), Desk.Element(6, "cell", "Anna Kowalska")).Redact();
        var again = first.Elements[0].Elements.Select(element => new Recording.Captured.CapturedElement(element.Id, element.ParentId, element.Role, element.Name, element.Value, element.Hint, element.States, element.Bounds)).ToArray();
        var second = desk.Tree(3, again[1..]).Redact();
        second.Elements[0].Elements.Select(element => (element.Name, element.Value)).ShouldBe(first.Elements[0].Elements.Select(element => (element.Name, element.Value)));
    }

    private sealed class ReferenceEditor(string text)
    {
        private int _caret = text.Length;
        private int _mark = text.Length;

        public string Text { get; private set; } = text;

        public void Press(string key, bool shift)
        {
            var (low, high) = (Math.Min(_caret, _mark), Math.Max(_caret, _mark));
            var selected = low != high;
            switch (key)
            {
                case "BackSpace" when !selected && low > 0: Replace(low - 1, low, ""); break;
                case "Delete" when !selected && high < Text.Length: Replace(high, high + 1, ""); break;
                case "BackSpace" or "Delete": Replace(low, high, ""); break;
                case "Left": Go(selected && !shift ? low : Math.Max(0, _caret - 1), shift); break;
                case "Right": Go(selected && !shift ? high : Math.Min(Text.Length, _caret + 1), shift); break;
                case "Home": Go(0, shift); break;
                case "End": Go(Text.Length, shift); break;
                default: Replace(low, high, key); break;
            }
        }

        private void Go(int to, bool shift) => (_caret, _mark) = (to, shift ? _mark : to);

        private void Replace(int from, int to, string with)
        {
            Text = Text[..from] + with + Text[to..];
            _caret = _mark = from + with.Length;
        }
    }
}
