namespace Tutelage.Rules.Access;

/// <summary>Decides single questions from a rule set. Pure; forbid wins, unknown is denied, and what no sentence allows is denied.</summary>
/// <remarks>Vault and auditor each ask it for themselves, with their own copy of the rules. <see cref="Reaching.RuleReach"/> MUST give the same answers.</remarks>
public static class AccessRules
{
    public static AccessDecision Decide(RuleSet rules, AccessQuestion question)
    {
        var reasons = new List<AccessReason>();
        if (!Enum.IsDefined(question.Role) || !Enum.IsDefined(question.Purpose) || !Enum.IsDefined(question.Class) || !Enum.IsDefined(question.Sensitivity) || !Enum.IsDefined(question.State))
        {
            Deny("the question holds a word that is not in the vocabulary", "a question in known words");
            return new(false, reasons);
        }
        if (question.State == ProgrammeState.Halted) Deny("the programme is halted, and nothing is opened by anybody", "that it is resumed");
        else if (question.Purpose == Purpose.OwnView) DecideOwnView();
        else DecideBySentences();
        return new(reasons.Exists(reason => reason.Kind == ReasonKind.Allows) && !reasons.Exists(reason => reason.Kind == ReasonKind.Denies), reasons);

        void DecideOwnView()
        {
            if (question.Role != Role.Participant) Deny($"own-view is for participants, and this is {Spelling.Of(question.Role)}", "nothing: only what is recorded of somebody is theirs to view");
            else if (!question.OwnOnly) Deny("own-view is for what is about oneself alone", "a request that names the asker and nobody else");
            else reasons.Add(new(ReasonKind.Allows, 0, 0, "everybody may see what is about themselves; no sentence gives it and none takes it away", null));
        }

        void DecideBySentences()
        {
            if (RoleBounds.WhyNever(question.Role, question.Purpose) is { } never) Deny(never, "nothing that rules could say");
            if (rules.Find(question.KeyId) is not { } person)
            {
                Deny($"the rules name nobody with key {question.KeyId}", "a change of the rules that names them, approved by two stewards");
                return;
            }
            if (person.Role != question.Role) Deny($"the rules say that {person.Name} is {Spelling.Of(person.Role)}, and their key is enrolled as {Spelling.Of(question.Role)}", "that both say the same");
            foreach (var sentence in rules.Sentences.Where(sentence => sentence.Names(person.KeyId)))
            {
                var (missing, differs) = Compare(sentence, question);
                if (missing is not null)
                {
                    if (sentence.Kind == SentenceKind.Allow) reasons.Add(new(ReasonKind.Misses, sentence.Number, sentence.Line, $"{sentence.Place} lets {person.Name} open something else: {missing}", differs));
                }
                else if (sentence.Kind == SentenceKind.Allow) reasons.Add(new(ReasonKind.Allows, sentence.Number, sentence.Line, $"{sentence.Place} allows it: {RuleWords.Of(sentence)}", null));
                else reasons.Add(new(ReasonKind.Denies, sentence.Number, sentence.Line, $"{sentence.Place} forbids it: {RuleWords.Of(sentence)}", "a change of the rules without that sentence, approved by two stewards"));
            }
            if (!reasons.Exists(reason => reason.Kind == ReasonKind.Allows))
                Deny($"no sentence lets {person.Name} open {Spelling.Of(question.Sensitivity)} {Spelling.Of(question.Class)} to {Spelling.Of(question.Purpose)} while {Spelling.Of(question.State)}", "a change of the rules that does, approved by two stewards");
        }

        void Deny(string what, string needed) => reasons.Add(new(ReasonKind.Denies, 0, 0, what, needed));
    }

    /// <summary>What of the question the sentence does not speak of, and what it would have to say; nulls if it fits.</summary>
    private static (string? Missing, string? Differs) Compare(Sentence sentence, AccessQuestion question)
    {
        var missing = new List<string>();
        var differs = new List<string>();
        if (!sentence.Purposes.Contains(question.Purpose)) Differs($"to {RuleWords.List(sentence.Purposes)}", Spelling.Of(question.Purpose), "to");
        if (!sentence.Classes.Contains(question.Class)) Differs($"from {RuleWords.List(sentence.Classes)}", Spelling.Of(question.Class), "from");
        if (!sentence.Covers(question.Sensitivity)) Differs(RuleWords.Bound(sentence), Spelling.Of(question.Sensitivity), sentence.Kind == SentenceKind.Allow ? "up-to" : "at-least");
        if (!sentence.States.Contains(question.State)) Differs($"while {RuleWords.List(sentence.States)}", Spelling.Of(question.State), "while");
        return missing.Count == 0 ? (null, null) : (string.Join(", ", missing), string.Join(", ", differs));

        void Differs(string says, string asked, string key)
        {
            missing.Add($"{says}, not {asked}");
            differs.Add($"'{key}: {asked}' in it");
        }
    }
}
