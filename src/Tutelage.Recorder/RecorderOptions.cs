namespace Tutelage.Recorder;

/// <summary>How a recorder is run. Everything else comes from the manifest.</summary>
internal sealed record RecorderOptions
{
    /// <value>The person's folder: enrolment, keys, spool, control socket.</value>
    public required string Folder { get; init; }

    /// <value>X display; null (default) takes <c>DISPLAY</c>.</value>
    public string? Display { get; init; }

    /// <value>Nothing is sent and no lease is asked for; text is shape always. Default false.</value>
    public bool SpoolOnly { get; init; }

    /// <value>Folder of the text recogniser; null (default) records without one.</value>
    public string? Ocr { get; init; }

    /// <exception cref="ArgumentException">An option is not known or lacks its value.</exception>
    public static RecorderOptions Parse(IReadOnlyList<string> arguments)
    {
        string? folder = null, display = null, ocr = null;
        var spoolOnly = false;
        for (var index = 0; index < arguments.Count; index++)
        {
            string Value() => ++index < arguments.Count ? arguments[index] : throw new ArgumentException($"{arguments[index - 1]} needs a value");
            switch (arguments[index])
            {
                case "--data": folder = Value(); break;
                case "--display": display = Value(); break;
                case "--ocr": ocr = Value(); break;
                case "--spool-only": spoolOnly = true; break;
                default: throw new ArgumentException($"'{arguments[index]}' is not known; it takes --data DIR, --display :N, --spool-only, --ocr DIR");
            }
        }
        return new() { Folder = folder ?? throw new ArgumentException("--data DIR is missing"), Display = display, SpoolOnly = spoolOnly, Ocr = ocr };
    }
}
