namespace Tutelage.Rules;

/// <summary>How much harm it would do if the wrong person read it. The order is the meaning, least first.</summary>
public enum Sensitivity
{
    /// <summary>Interface and gestures: about the work, not about anybody.</summary>
    Ordinary,

    /// <summary>Tells somebody apart or tells something about them.</summary>
    Personal,

    /// <summary>Would hurt if it came out; also whatever carries no label.</summary>
    Sensitive,
}

/// <summary>How labels are inherited.</summary>
public static class SensitivityLabels
{
    /// <summary>The label of what is made from <paramref name="inputs"/>: the strictest of theirs. A missing label, or no input at all, counts as sensitive.</summary>
    public static Sensitivity Strictest(IEnumerable<Sensitivity?> inputs)
    {
        var (strictest, any) = (Sensitivity.Ordinary, false);
        foreach (var input in inputs)
        {
            any = true;
            if (input is not { } label || !Enum.IsDefined(label)) return Sensitivity.Sensitive;
            if (label > strictest) strictest = label;
        }
        return any ? strictest : Sensitivity.Sensitive;
    }
}
