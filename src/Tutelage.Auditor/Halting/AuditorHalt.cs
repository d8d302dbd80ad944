using System.Text.Json;
using Tutelage.Auditor.Reading;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Auditor.Halting;

/// <summary>The auditor's own stop: set by anybody entitled, at the auditor alone or through the log, and lifted only by two people whom the auditor checks itself.</summary>
/// <remarks>
/// <para><c>halt.json</c> holds what the auditor itself has halted or agreed to; the entries hold what the vault has. A halt in either counts: where the log is in a later epoch than
/// the file, everything is halted. So a file that is lost, or restored from an older copy, can only halt more.</para>
/// <para>What is decided is on disk before anybody is answered. If this lost a halt, outer keys would follow. Thread-safe.</para>
/// </remarks>
internal sealed class AuditorHalt
{
    public const string FileName = "halt.json";

    private readonly Lock _gate = new(); // guards _own; never taken under the log's lock
    private readonly string _path;
    private readonly AuditedLog _log;
    private readonly Action? _written;
    private Kept _own;

    private AuditorHalt(string path, AuditedLog log, Kept own, Action? written) => (_path, _log, _own, _written) = (path, log, own, written);

    /// <param name="written">Called when something has become durable, for tests that end the process there.</param>
    public static AuditorHalt? Open(string folder, AuditedLog log, List<string> faults, Action? written = null)
    {
        var path = Path.Combine(folder, FileName);
        var kept = new Kept(1, 0, Spelling.Of(Stage.Release), 0, null, null);
        if (File.Exists(path))
        {
            if (PrivateFile.Read(path, faults) is not { } bytes) return null;
            if (Wire.Read<Kept>(bytes) is not { Version: 1 } read || read.State is null)
            {
                faults.Add($"{path}: not what the auditor wrote; restore it, or remove it: then everything is halted until two people resume it");
                return null;
            }

            kept = read;
        }

        return new AuditorHalt(path, log, kept, written);
    }

    public ProgrammeStanding State
    {
        get { lock (_gate) return StateNeedsLock(); }
    }

    /// <summary>The halt in force, as it was signed; null if none is, or if nobody's statement is known.</summary>
    public string? Statement
    {
        get
        {
            lock (_gate)
            {
                if (StateNeedsLock().MayRelease) return null;
                var (log, halt) = _log.Halting;
                return log.Epoch >= _own.Epoch ? halt?.Statement : _own.Statement;
            }
        }
    }

    /// <summary>Halts, durably. It is in force even if the disk takes no more.</summary>
    /// <returns>The state after it, or why not.</returns>
    /// <exception cref="IOException">It is in force and not on disk.</exception>
    public (ProgrammeStanding State, string Error, string Message) Halt(HaltStatement halt)
    {
        lock (_gate)
        {
            var before = StateNeedsLock();
            if (_log.PersonOf(halt.Key.Id) is not { } person) return (before, "not-yours", "the entries that this auditor has read tell of nobody with that key");
            if (HaltRules.Refusal(before, halt.Words, person.ForRules) is { } refusal) return (before, "not-yours", refusal);
            if (HaltRules.IsOld(before, halt.Words)) return (before, "old-halt", $"this halt ends epoch {halt.Words.Epoch}; the programme is in epoch {before.Epoch} and goes on: sign a halt of that one");
            var after = before.After(halt.Words);
            if (after == before) return (before, "", "");
            _own = new Kept(1, after.Epoch, Spelling.Of(after.Stage), after.AdmittedFrom, halt.Statement.ToJson(), Spelling.Of(person.Role)); // in force from here on, whatever the disk does
            WriteNeedsLock();
            return (after, "", "");
        }
    }

    /// <summary>Agrees to the next stage if two people have signed it and <paramref name="red"/> finds nothing wrong here; asked again with the same signatures it agrees again.</summary>
    /// <param name="red">What is wrong now; called once everything else is right.</param>
    public (ProgrammeStanding State, IReadOnlyList<string> Faults) Resume(ResumeStatement one, ResumeStatement other, Func<IReadOnlyList<string>> red)
    {
        lock (_gate)
        {
            var before = StateNeedsLock();
            if (before.Epoch == one.Words.Epoch && Spelling.Of(before.Stage) == one.Words.Stage) return (before, []);
            if (HaltReading.Faults(before, one, other, _log.PersonOf, HaltedByNeedsLock()) is { Count: > 0 } faults) return (before, faults);
            if (red() is { Count: > 0 } wrong) return (before, wrong);
            var after = before.After(one.Words, HaltRules.Next(before)!.Value); // Faults found one
            var agreed = _own;
            _own = _own with { Epoch = after.Epoch, Stage = Spelling.Of(after.Stage), AdmittedFrom = after.AdmittedFrom };
            try
            {
                WriteNeedsLock();
            }
            catch
            {
                _own = agreed; // not on disk: not agreed
                throw;
            }

            return (after, []);
        }
    }

    private ProgrammeStanding StateNeedsLock()
    {
        var (log, _) = _log.Halting;
        var own = _own.State!; // Open and the writers above made sure
        return log.Epoch > own.Epoch ? log with { Stage = Stage.Halted } : own;
    }

    private Role HaltedByNeedsLock()
    {
        var (log, halt) = _log.Halting;
        return log.Epoch >= _own.Epoch && halt is { } read ? read.Role : Spelling.TryRead<Role>(_own.Role, out var role) ? role.Value : Role.Steward;
    }

    private void WriteNeedsLock()
    {
        // If we crash in here the file before stands: nobody was answered yet.
        PrivateFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(_own, Wire.Json));
        _written?.Invoke();
    }

    /// <summary>The file.</summary>
    /// <param name="Statement">The halt in force, if it was given to the auditor.</param>
    /// <param name="Role">Of whoever signed it.</param>
    private sealed record Kept(int Version, long Epoch, string Stage, long AdmittedFrom, string? Statement, string? Role)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public ProgrammeStanding? State => new StateWords("", Epoch, Stage, AdmittedFrom, "", null).Read();
    }
}
