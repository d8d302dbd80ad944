namespace Tutelage.Jobs.Protocol;

/// <summary>Payload of an order frame as it came, every member possibly absent; <see cref="WorkOrder.Check"/> makes a <see cref="WorkOrder"/> of it.</summary>
internal sealed record WorkOrderRequest(
    int? Version,
    string? Grant,
    string? Job,
    string? Purpose,
    IReadOnlyList<string?>? Classes,
    IReadOnlyList<WorkInputRequest?>? Inputs,
    IReadOnlyList<WorkPersonRequest?>? Persons,
    string? Auditor,
    string? Dataset,
    WorkExportRequest? Export,
    string? Created,
    WorkLimitsRequest? Limits);

internal sealed record WorkInputRequest(
    string? Object, string? Kind, string? Tag, string? Manifest, string? Redactor, IReadOnlyList<WorkFileRequest?>? Files);

internal sealed record WorkFileRequest(string? Class, long? Size, string? Sha256);

internal sealed record WorkPersonRequest(string? Tag, string? Recipient);

internal sealed record WorkExportRequest(string? Format, string? Holder, string? Recipient);

internal sealed record WorkLimitsRequest(int? MemoryMb);
