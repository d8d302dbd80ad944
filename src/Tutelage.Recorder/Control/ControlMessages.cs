using System.Text.Json.Serialization;
using Tutelage.Recording;

namespace Tutelage.Recorder.Control;

/// <summary>One line of JSON to the recorder, over a Unix socket in the person's own folder.</summary>
/// <param name="Command">status, pause, resume, forget, task, note, turn, send or stop.</param>
/// <param name="Minutes">For forget.</param>
/// <param name="TaskId">For task.</param>
/// <param name="Instruction">For task.</param>
/// <param name="Ended">For task.</param>
/// <param name="Success">For an ended task.</param>
public sealed record ControlRequest(
    string Command, int Minutes = 0, string? TaskId = null, string? Instruction = null, bool Ended = false, bool? Success = null);

/// <summary>The recorder's answer, one line of JSON.</summary>
public sealed record ControlAnswer(bool Ok, string? Message = null, RecorderStatus? Status = null);

/// <summary>What a person can see of their recorder at any time.</summary>
/// <param name="State">recording, paused or stopped.</param>
/// <param name="Closed">Every reason why nothing is captured right now.</param>
/// <param name="App">The focused app if it is recorded, else null.</param>
/// <param name="Waiting">Segments on this machine.</param>
/// <param name="StartedBootMs">When the session began, on this machine's boot clock: for its owner, never stored.</param>
public sealed record RecorderStatus(
    int ProcessId, string State, IReadOnlyList<GapReason> Closed, string? App, bool SpoolOnly, int Waiting, int Sent, long SealedBytes, string? Trouble,
    int Segments, long Seen, long Kept, long Withheld, long Lost, long Frames, double CpuSeconds, double Seconds, long ResidentBytes,
    long StartedBootMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(RecorderStatus))]
public sealed partial class ControlJson : JsonSerializerContext;
