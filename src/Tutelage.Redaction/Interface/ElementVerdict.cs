namespace Tutelage.Redaction.Interface;

/// <summary>What an element's rectangle means for pixels.</summary>
internal enum Area : byte
{
    /// <summary>Must be filled.</summary>
    Content = 0,

    /// <summary>No element explains it: filled where it looks like text. Painted by popups over what they cover.</summary>
    Unexplained = 1,

    /// <summary>Stands as it is.</summary>
    Interface = 2,

    /// <summary>As content, with its outline left standing.</summary>
    Field = 3,

    /// <summary>Says nothing about its pixels.</summary>
    Transparent = 4,
}

/// <summary>What was decided about one element of one tree.</summary>
internal readonly record struct ElementVerdict(Area Area, bool KeepName, TextTreatment Value, bool NameSecret, bool ValueSecret);
