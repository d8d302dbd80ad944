using Dapper;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Halting;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Halting;

/// <summary>The halt in force.</summary>
/// <param name="Statement">As it was signed.</param>
/// <param name="By">Key id.</param>
internal sealed record HaltInForce(string Statement, string By, Role Role, string Why);

/// <summary>What became of a halt or a signature under a resume.</summary>
/// <param name="Error">One word; empty if it was done, or stands already.</param>
internal sealed record HaltOutcome(ProgrammeStanding State, bool Done, string Error = "", string Message = "");

/// <summary>Where the programme stands, on disk: epoch, stage, the halt in force, and who has signed the next stage.</summary>
/// <remarks>
/// A halt is on disk, with its entry, before anybody is answered, and it is in force in memory before that: a disk that takes no more cannot keep a stop from stopping.
/// Thread-safe; the order of locks is its own, the ledger's turn, the store's gate: an entry is recorded without the gate. If this lost a halt, keys would follow.
/// </remarks>
internal sealed class HaltBook
{
    /// <summary>Its tables, and their rows where there are none.</summary>
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS stage (id INTEGER PRIMARY KEY CHECK (id = 1), reached TEXT NOT NULL, admitted_from INTEGER NOT NULL, statement TEXT, halted_by TEXT, role TEXT, why TEXT) STRICT;
        INSERT OR IGNORE INTO stage SELECT 1, CASE WHEN halted = 1 THEN 'halted' ELSE 'release' END, 0, NULL, NULL, NULL, NULL FROM programme;
        CREATE TABLE IF NOT EXISTS resumption (epoch INTEGER NOT NULL, stage TEXT NOT NULL, key_id TEXT NOT NULL, statement TEXT NOT NULL, PRIMARY KEY (epoch, stage, key_id)) STRICT;
        """;

    private readonly VaultStore _store;
    private readonly VaultLedger _ledger;
    private readonly Registry _registry;
    private readonly Lock _changing = new(); // held by whoever halts or resumes, so that epoch and stage are nobody else's meanwhile; taken before the ledger's turn
    private volatile bool _stopped; // a halt is in force that may not be on disk; written under _changing
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously); // replaced under _changing

    public HaltBook(VaultStore store, VaultLedger ledger, Registry registry)
    {
        (_store, _ledger, _registry) = (store, ledger, registry);
        lock (store.Gate)
            store.Database.Execute(Schema);
    }

    /// <summary>Called when a halt is in force, outside every lock; MUST be quick.</summary>
    public event Action? Halted;

    /// <summary>Completes at the next halt or resume.</summary>
    public Task Changed => _changed.Task;

    public ProgrammeStanding State
    {
        get
        {
            lock (_store.Gate)
            {
                var (epoch, reached, admittedFrom) = _store.Database.QuerySingle<(long, string, long)>("SELECT p.epoch, s.reached, s.admitted_from FROM programme p, stage s");
                var stage = _stopped ? Stage.Halted : Spelling.TryRead<Stage>(reached, out var read) ? read.Value : throw new InvalidOperationException($"the database calls the stage '{reached}', which is none");
                return new ProgrammeStanding(epoch, stage, admittedFrom);
            }
        }
    }

    /// <summary>The last halt; null before the first.</summary>
    public HaltInForce? LastHalt
    {
        get
        {
            lock (_store.Gate)
            {
                var row = _store.Database.QuerySingle<(string? Statement, string? By, string? Role, string? Why)>("SELECT statement, halted_by, role, why FROM stage");
                return row is { Statement: { } statement, By: { } by, Why: { } why } && Spelling.TryRead<Role>(row.Role, out var role) ? new HaltInForce(statement, by, role.Value, why) : null;
            }
        }
    }

    /// <summary>The key of a person, not of a device.</summary>
    public Identity.PublicKey? PersonKey(string id) => _registry.Find(id)?.Key;

    /// <summary>Halts, durably, unless it is halted already.</summary>
    /// <exception cref="SqliteException">It could not be written. It is in force all the same until this process ends.</exception>
    public HaltOutcome Halt(HaltStatement halt)
    {
        try
        {
            lock (_changing)
            {
                var before = State;
                if (_registry.Find(halt.Key.Id) is not { } person) return new(before, false, "not-yours", "only people halt, with their own key");
                if (HaltRules.Refusal(before, halt.Words, person.ForRules) is { } refusal) return new(before, false, "not-yours", refusal);
                if (HaltRules.IsOld(before, halt.Words)) return new(before, false, "old-halt", $"this halt ends epoch {halt.Words.Epoch}; the programme is in epoch {before.Epoch} and goes on: sign a halt of that one");
                var after = before.After(halt.Words);
                if (after == before) return new(before, true);
                _stopped = true;
                Write(halt, person, after);
                _stopped = false; // the database says it now
                ChangeNeedsLock();
                return new(after, true);
            }
        }
        finally
        {
            if (!State.MayRelease) Halted?.Invoke();
        }
    }

    /// <summary>Signatures under exactly this effect.</summary>
    public IReadOnlyList<string> Signed(ResumeWords effect)
    {
        lock (_store.Gate)
        {
            return [.. _store.Database.Query<string>("SELECT statement FROM resumption WHERE epoch = @Epoch AND stage = @Stage ORDER BY rowid", effect)
                .Where(statement => Identity.SignedStatement.Parse(statement).Read<ResumeWords>() == effect)];
        }
    }

    /// <summary>Key ids of those who have signed that stage, under whatever effect.</summary>
    public IReadOnlyList<string> SignedBy(long epoch, string stage)
    {
        lock (_store.Gate) return [.. _store.Database.Query<string>("SELECT key_id FROM resumption WHERE epoch = @epoch AND stage = @stage ORDER BY rowid", new { epoch, stage })];
    }

    /// <summary>Keeps one person's signature under the next stage; a newer one of the same person takes its place.</summary>
    public void Sign(ResumeStatement resume)
    {
        lock (_store.Gate)
            _store.Database.Execute(
                "INSERT INTO resumption VALUES (@Epoch, @Stage, @id, @json) ON CONFLICT (epoch, stage, key_id) DO UPDATE SET statement = excluded.statement",
                new { resume.Words.Epoch, resume.Words.Stage, id = resume.Key.Id, json = resume.Statement.ToJson() });
    }

    /// <summary>Goes on to the next stage, with its entry. The caller has found everything right; what could have changed since is looked at here once more.</summary>
    public HaltOutcome Resume(ResumeStatement one, ResumeStatement other)
    {
        lock (_changing)
        {
            var before = State;
            if (Faults(before, one, other) is { Count: > 0 } faults) return new(before, false, "not-now", string.Join("; ", faults));
            var reached = HaltRules.Next(before)!.Value; // Faults found one
            _ledger.Record(transaction =>
            {
                _store.Database.Execute("UPDATE programme SET halted = @halted", new { halted = reached == Stage.Release ? 0 : 1 }, transaction);
                return _store.Database.Execute("UPDATE stage SET reached = @reached, admitted_from = @AdmittedFrom", new { reached = Spelling.Of(reached), one.Words.AdmittedFrom }, transaction);
            }, new EntryDraft("resumed", [], json =>
            {
                json.WriteNumber("epoch", one.Words.Epoch);
                json.WriteString("stage", one.Words.Stage);
                json.WriteNumber("admitted_from", one.Words.AdmittedFrom);
                json.WriteString("checks_sha256", one.Words.ChecksSha256);
                json.WriteStartArray("statements");
                json.WriteStringValue(one.Statement.ToJson());
                json.WriteStringValue(other.Statement.ToJson());
                json.WriteEndArray();
            }));
            ChangeNeedsLock();
            return new(State, true);
        }
    }

    /// <summary>Why these two signatures do not take the programme further from here.</summary>
    public IReadOnlyList<string> Faults(ProgrammeStanding state, ResumeStatement one, ResumeStatement other)
    {
        if (one.Words != other.Words) return ["the two have signed different effects"];
        if (_registry.Find(one.Key.Id) is not { } first || _registry.Find(other.Key.Id) is not { } second) return ["one of the two is not enrolled as a person"];
        return [.. HaltRules.Faults(state, one.Words), .. HaltRules.FaultsOfPair(first.ForRules, second.ForRules, LastHalt?.Role ?? Role.Steward)];
    }

    private void Write(HaltStatement halt, EnrolledPerson person, ProgrammeStanding after) => _ledger.Record(transaction =>
    {
        _store.Database.Execute("UPDATE programme SET epoch = @Epoch, halted = 1", new { after.Epoch }, transaction);
        return _store.Database.Execute(
            "UPDATE stage SET reached = 'halted', statement = @statement, halted_by = @by, role = @role, why = @Why",
            new { statement = halt.Statement.ToJson(), by = person.Key.Id, role = Spelling.Of(person.Role), halt.Words.Why }, transaction);
    }, new EntryDraft("halted", [], json =>
    {
        json.WriteString("by", person.Key.Id);
        json.WriteNumber("epoch", after.Epoch);
        json.WriteString("statement", halt.Statement.ToJson());
    }));

    private void ChangeNeedsLock()
    {
        var before = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        before.SetResult();
    }
}
