using System.Globalization;
using Tutelage.Recording;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Protocol;

/// <summary>What one job has to do, checked.</summary>
/// <param name="Created">Day of the grant.</param>
internal sealed record WorkOrder(
    string Grant,
    string Purpose,
    IReadOnlySet<ContentClass> Classes,
    IReadOnlyList<WorkInput> Inputs,
    DateOnly Created,
    int MemoryMb,
    WorkOutput Output)
{
    /// <summary>Class of everything derived: shards and exports (docs/formats/job-pipe.md).</summary>
    public const string DerivedClass = "derived";

    public const string AgentNet = "agentnet";
    public const string WebDataset = "webdataset";

    /// <summary>Is this a class that the job opens files of?</summary>
    public bool Opens(string name) => Output is WorkOutput.Export ? name == DerivedClass : Enum.TryParse<ContentClass>(name, ignoreCase: true, out var read) && Classes.Contains(read);

    /// <summary>The order, or all its faults.</summary>
    public static (WorkOrder? Order, IReadOnlyList<string> Faults) Check(WorkOrderRequest request) => new WorkOrderCheck(request).Run();
}

/// <summary>What comes out: of a build or of an export.</summary>
internal abstract record WorkOutput
{
    /// <param name="Persons">The derived-class recipient of every tag among the inputs.</param>
    internal sealed record Build(IReadOnlyDictionary<string, AgeRecipient> Persons, AgeRecipient Auditor) : WorkOutput;

    /// <param name="Holder">Who gets it, as the grant names them.</param>
    internal sealed record Export(string Dataset, string Format, string Holder, AgeRecipient Recipient) : WorkOutput;
}

/// <summary>One stored object to open.</summary>
/// <param name="Files">By class, in lower case.</param>
internal sealed record WorkInput(string Object, string Tag, string? Manifest, string? Redactor, IReadOnlyDictionary<string, WorkFile> Files);

/// <param name="SizeBytes">Of the ciphertext.</param>
/// <param name="Sha256">Of the ciphertext, lower-case hex.</param>
internal sealed record WorkFile(string Class, long SizeBytes, string Sha256);

/// <summary>Reads an order against every rule of docs/formats/job-pipe.md and lists each one it breaks.</summary>
internal sealed class WorkOrderCheck(WorkOrderRequest request)
{
    /// <summary>Nothing that a recorder seals comes near it; an order that says more is wrong, not big.</summary>
    private const long FileBytes = 4L << 30;

    private static readonly string[] ContentClasses = [.. Enum.GetNames<ContentClass>().Select(name => name.ToLowerInvariant())];
    private readonly List<string> _faults = [];

    public (WorkOrder? Order, IReadOnlyList<string> Faults) Run()
    {
        Require(request.Version == 1, $"version is {request.Version?.ToString(CultureInfo.InvariantCulture) ?? "absent"}; this job knows 1");
        var grant = Word(request.Grant, "grant");
        var purpose = Word(request.Purpose, "purpose");
        var isBuild = request.Job == JobNames.DatasetBuild;
        Require(isBuild || request.Job == JobNames.DatasetExport, "job is neither dataset-build nor dataset-export");
        var classes = Classes(isBuild);
        var inputs = Inputs(isBuild);
        var memory = request.Limits?.MemoryMb ?? 1024;
        Require(memory is >= 64 and <= 65_536, "limits.memory_mb is not within 64 … 65536");
        Require(DateOnly.TryParseExact(request.Created, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var created), "created is not a day yyyy-MM-dd");
        WorkOutput? output = isBuild ? BuildOutput(inputs) : ExportOutput();
        return _faults.Count > 0 || output is null ? (null, _faults) : (new WorkOrder(grant, purpose, classes, inputs, created, memory, output), _faults);
    }

    private HashSet<ContentClass> Classes(bool isBuild)
    {
        var names = request.Classes ?? [];
        Require(names.Count > 0, "classes is absent or empty");
        var classes = new HashSet<ContentClass>();
        foreach (var name in names)
        {
            if (!isBuild) Require(name == WorkOrder.DerivedClass, "an export opens class derived only");
            else if (Array.IndexOf(ContentClasses, name) is >= 0 and var index) classes.Add(Enum.GetValues<ContentClass>()[index]);
            else _faults.Add("classes names one that is no content class");
        }
        if (isBuild) Require(classes.Contains(ContentClass.Input), "a build needs class input");
        return classes;
    }

    private List<WorkInput> Inputs(bool isBuild)
    {
        var given = request.Inputs ?? [];
        Require(given.Count > 0, "inputs is absent or empty");
        Require(given.Count <= FrameLimits.Inputs, $"inputs holds {given.Count} objects; at most {FrameLimits.Inputs} fit one order");
        var inputs = new List<WorkInput>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in given.Take(FrameLimits.Inputs))
        {
            var id = Word(input?.Object, "inputs.object");
            Require(seen.Add(id), $"inputs names object {id} twice");
            Require(input?.Kind == (isBuild ? "segment" : "shard"), $"object {id} is not of kind {(isBuild ? "segment" : "shard")}");
            var files = new Dictionary<string, WorkFile>(StringComparer.Ordinal);
            foreach (var file in input?.Files ?? [])
            {
                var name = file?.Class ?? "";
                Require(isBuild ? ContentClasses.Contains(name) : name == WorkOrder.DerivedClass, $"object {id} has a file of a class that this job does not open");
                Require(file?.Size is > 0 and <= FileBytes, $"object {id} has a file of size {file?.Size?.ToString(CultureInfo.InvariantCulture) ?? "absent"}");
                Require(file?.Sha256 is { Length: 64 } hex && hex.All(char.IsAsciiHexDigitLower), $"object {id} has a file without a SHA-256 in lower-case hex");
                Require(files.TryAdd(name, new WorkFile(name, file?.Size ?? 0, file?.Sha256 ?? "")), $"object {id} has two files of one class");
            }
            inputs.Add(new WorkInput(id, Word(input?.Tag, "inputs.tag"), input?.Manifest, input?.Redactor, files));
        }
        return inputs;
    }

    private WorkOutput.Build? BuildOutput(List<WorkInput> inputs)
    {
        var persons = new Dictionary<string, AgeRecipient>(StringComparer.Ordinal);
        foreach (var person in request.Persons ?? [])
        {
            if (Recipient(person?.Recipient, "persons.recipient") is { } recipient)
                Require(persons.TryAdd(Word(person?.Tag, "persons.tag"), recipient), $"persons names tag {person?.Tag} twice");
        }
        foreach (var tag in inputs.Select(input => input.Tag).Distinct().Where(tag => !persons.ContainsKey(tag))) _faults.Add($"persons holds no recipient for tag {tag}");
        return Recipient(request.Auditor, "auditor") is { } auditor ? new WorkOutput.Build(persons, auditor) : null;
    }

    private WorkOutput.Export? ExportOutput()
    {
        var dataset = Word(request.Dataset, "dataset");
        var holder = Word(request.Export?.Holder, "export.holder");
        var format = request.Export?.Format ?? "";
        Require(format is WorkOrder.AgentNet or WorkOrder.WebDataset, "export.format is neither agentnet nor webdataset");
        return Recipient(request.Export?.Recipient, "export.recipient") is { } recipient ? new WorkOutput.Export(dataset, format, holder, recipient) : null;
    }

    private AgeRecipient? Recipient(string? text, string name)
    {
        try
        {
            if (text is { Length: > 0 and <= 1024 }) return AgeRecipient.Parse(text);
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            // Falls through to the same fault as an absent one: which of the two it was is plain from the order.
        }
        _faults.Add($"{name} is not an age recipient");
        return null;
    }

    /// <summary>An id or name: 1 to 200 printable ASCII characters without spaces.</summary>
    private string Word(string? text, string name)
    {
        var ok = text is { Length: > 0 and <= 200 } && text.All(c => c is > ' ' and < '\x7f');
        Require(ok, $"{name} is absent or not 1 to 200 printable ASCII characters");
        return ok ? text! : "?"; // ok says that it is not null
    }

    private void Require(bool condition, string fault)
    {
        if (!condition && _faults.Count < 50) _faults.Add(fault);
    }
}
