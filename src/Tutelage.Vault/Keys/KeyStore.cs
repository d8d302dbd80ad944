using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Sealing;
using Tutelage.Sealing.Memory;
using Tutelage.Vault.Record;

namespace Tutelage.Vault.Keys;

/// <summary>The durable steps of a rotation, in their order. After each of them the process may end and nothing is lost.</summary>
internal enum RotationStep
{
    KeyringAdded,
    EscrowAdded,
    Rewrapped,
    KeyringPruned,
    EscrowPruned,
}

/// <summary>root → epoch key → person key. Opens what is under an epoch of the keyring, and moves everything to a new epoch each day.</summary>
/// <remarks>
/// <para>A rotation is: (1) the keyring with one more epoch, (2) the escrow copy of it, (3) every person key wrapped anew, (4) the keyring without epochs that are
/// neither among the last seven nor needed, (5) the escrow copy of that. Nothing is wrapped under an epoch before the escrow copy holds it, and no epoch goes
/// while a row names it. Opening runs steps 2 to 5 by the same path, so a crash anywhere is healed by the next start.</para>
/// <para>If the order were wrong, a crash would lose recordings for good; if step 4 never came, deleted people would stay readable in old backups.</para>
/// </remarks>
internal sealed class KeyStore : IDisposable
{
    /// <summary>Rows wrapped anew in one transaction: some milliseconds, so that key releases pass between.</summary>
    private const int RowsAtOnce = 500;

    private readonly Lock _gate = new(); // guards _open, _ring and _current; held for lookups only, taken last
    private readonly Lock _change = new(); // held through a rotation or a backup; taken before the store's gate
    private readonly EpochKeys _open = new();
    private readonly WrappingKey _root; // the caller's
    private readonly TimeProvider _time;
    private readonly Action<RotationStep> _onStep;
    private Keyring _ring;
    private long _current; // what new keys are wrapped under: an epoch that the escrow copy holds

    private KeyStore(string folder, Keyring ring, WrappingKey root, VaultStore store, TimeProvider time, Action<RotationStep>? onStep)
    {
        (Folder, _ring, _root, Rows, _time) = (folder, ring, root, new PersonKeys(store), time);
        _onStep = onStep ?? (static _ => { });
        EscrowPath = EscrowIn(folder);
    }

    public string Folder { get; }

    public string EscrowPath { get; }

    public PersonKeys Rows { get; }

    /// <summary>Why the last rotation did not come to its end; null if it did. Everything opens all the same.</summary>
    public string? Fault { get; private set; }

    /// <summary>Keys that the last rotation found under no epoch of the keyring, or damaged.</summary>
    public long Unopened { get; private set; }

    public Keyring Ring
    {
        get
        {
            lock (_gate) return _ring;
        }
    }

    /// <summary>A day has begun since the current epoch was opened. A clock that is set back makes nothing due.</summary>
    public bool IsDue => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime) > Ring.Current.Day;

    /// <summary>Age of the current epoch.</summary>
    public long AgeSeconds => Math.Max(0, _time.GetUtcNow().ToUnixTimeSeconds() - Ring.Current.Opened);

    /// <summary>Where the escrow copy lies: the folder that the file <c>escrow.path</c> names, else <c>escrow/</c> beside the keyring.</summary>
    public static string EscrowIn(string folder)
    {
        var pointer = Path.Combine(folder, "escrow.path");
        return Path.Combine(File.Exists(pointer) ? Path.GetFullPath(File.ReadAllText(pointer).Trim(), folder) : Path.Combine(folder, "escrow"), Keyring.EscrowName);
    }

    /// <summary>Opens the keyring and finishes what a crash left undone. The first time, it makes a keyring.</summary>
    /// <param name="onStep">Called after each durable step; what it throws ends the rotation there, as a crash would.</param>
    public static KeyStore? Open(string folder, WrappingKey root, VaultStore store, TimeProvider time, List<string> faults, Action<RotationStep>? onStep = null)
    {
        var rows = new PersonKeys(store);
        rows.Prepare();
        if (ReadRing(folder, rows, faults, root, time) is not { } ring) return null;
        var keys = new KeyStore(folder, ring, root, store, time, onStep);
        keys._open.Open(ring, root, Path.Combine(folder, Keyring.FileName), faults);
        foreach (var (epoch, count) in rows.CountByEpoch().Where(row => row.Key != EpochKeys.Root && keys._open[row.Key] is null))
            faults.Add($"{Path.Combine(folder, Keyring.FileName)}: {count} keys are wrapped under epoch {epoch}, the keyring holds {ring.Epochs[0].Number} to {ring.Current.Number}; put back the newest keyring (escrow: {keys.EscrowPath})");
        if (faults.Count == 0) keys.SettleAtStart(faults);
        if (faults.Count == 0) return keys;
        keys.Dispose();
        return null;
    }

    /// <summary>A new random key for one person and class.</summary>
    public WrappedPersonKey NewPersonKey(string tag, DataClass name)
    {
        using var identity = TagIdentity.Generate();
        var (epoch, wrapped) = WrapIdentity(identity, PersonKeys.NameOf(tag, Spelling.Of(name)));
        return new WrappedPersonKey(tag, name, identity.Recipient.Text, epoch, wrapped);
    }

    /// <summary>Stores a new key. MUST run in a transaction under the store's gate.</summary>
    /// <exception cref="KeyEpochGoneException">Its epoch has been destroyed since it was wrapped; the caller makes another.</exception>
    public void Insert(WrappedPersonKey key, SqliteTransaction transaction)
    {
        lock (_gate)
        {
            if (_open[key.Epoch] is null) throw new KeyEpochGoneException(key.Epoch);
        }

        Rows.Insert(key, transaction);
    }

    /// <summary>Opens a person key for as long as the caller holds it; null if there is none any more, or no epoch that opens it.</summary>
    public TagIdentity? OpenPersonKey(string tag, DataClass name) =>
        Rows.Find(tag, name) is { } row ? OpenSecret(new KeptSecret(PersonKeys.NameOf(tag, Spelling.Of(name)), "", row.Epoch, row.Wrapped)) : null;

    /// <inheritdoc cref="OpenPersonKey"/>
    public TagIdentity? OpenSecret(KeptSecret kept)
    {
        using var secret = Unwrap(kept.Epoch, kept.Name, kept.Wrapped);
        return secret is null ? null : TagIdentity.Import(secret.Span);
    }

    /// <summary>Wraps an identity's secret under the current epoch.</summary>
    public (long Epoch, byte[] Wrapped) WrapIdentity(TagIdentity identity, string name)
    {
        var secret = identity.Export();
        try
        {
            lock (_gate) return (_current, _open[_current]!.Wrap(name, secret)); // _current is always open
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Begins a new epoch and wraps everything under it; or finishes a rotation that did not come to its end.</summary>
    /// <returns>The number of the epoch that is current now.</returns>
    public long Rotate() => Rotate(static _ => true) ?? Ring.Current.Number;

    /// <summary>Rotates if a day has begun; null if it was not due.</summary>
    public long? RotateIfDue() => IsDue || Fault is not null ? Rotate(static keys => keys.IsDue) : null;

    /// <summary>Runs while no rotation can.</summary>
    public T WhileStill<T>(Func<T> run)
    {
        lock (_change) return run();
    }

    public void Dispose() => _open.Dispose();

    private static Keyring? ReadRing(string folder, PersonKeys rows, List<string> faults, WrappingKey root, TimeProvider time)
    {
        var path = Path.Combine(folder, Keyring.FileName);
        if (!File.Exists(path))
        {
            if (rows.CountByEpoch().Keys.Any(epoch => epoch != EpochKeys.Root))
            {
                faults.Add($"{path}: missing, and keys are wrapped under its epochs; copy {EscrowIn(folder)} there (cp -p, mode 0600)");
                return null;
            }

            // If we crash here nothing is wrapped under this epoch yet; the next start finds it and goes on.
            var first = new Keyring([NewEpoch(1, root, time)]);
            PrivateFile.Create(path, first.ToBytes());
            return first;
        }

        if (PrivateFile.Read(path, faults) is not { } bytes) return null;
        var ring = Keyring.Parse(bytes, out var fault);
        if (ring is null) faults.Add($"{path}: {fault}; copy {EscrowIn(folder)} there (cp -p, mode 0600)");
        return ring;
    }

    private static KeyEpoch NewEpoch(long number, WrappingKey root, TimeProvider time)
    {
        using var key = WrappingKey.Generate();
        var epoch = new KeyEpoch(number, time.GetUtcNow().ToUnixTimeSeconds(), []);
        return epoch with { Wrapped = key.WrappedBy(root, epoch.Name) };
    }

    private LockedBytes? Unwrap(long epoch, string name, byte[] wrapped)
    {
        lock (_gate) return _open.Unwrap(epoch, _root, name, wrapped);
    }

    private void SettleAtStart(List<string> faults)
    {
        try
        {
            lock (_change)
            {
                Settle(_ring);
                if (Rows.Probe() is null)
                {
                    using var probe = TagIdentity.Generate();
                    var (epoch, wrapped) = WrapIdentity(probe, PersonKeys.ProbeName);
                    Rows.InsertProbe(new KeptSecret(PersonKeys.ProbeName, probe.Recipient.Text, epoch, wrapped));
                }
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{EscrowPath}: the escrow copy of the keyring cannot be written ({broken.Message}); make its folder writable, or name another in {Path.Combine(Folder, "escrow.path")}");
        }
    }

    private long? Rotate(Func<KeyStore, bool> isWanted)
    {
        lock (_change)
        {
            if (!isWanted(this) && Fault is null) return null;
            try
            {
                // What the disk says, because a rotation that failed may have got further than it could tell.
                var faults = new List<string>();
                var path = Path.Combine(Folder, Keyring.FileName);
                if (PrivateFile.Read(path, faults) is not { } bytes || Keyring.Parse(bytes, out var fault) is not { } ring) throw new IOException(faults.FirstOrDefault() ?? $"{path} is not a keyring; copy {EscrowPath} there");
                if (ring.Current.Number == _current && isWanted(this))
                {
                    ring = new Keyring([.. ring.Epochs, NewEpoch(ring.Current.Number + 1, _root, _time)]);
                    PrivateFile.Replace(path, ring.ToBytes());
                    _onStep(RotationStep.KeyringAdded);
                }

                Settle(ring);
                Fault = null;
                return ring.Current.Number;
            }
            catch (Exception broken)
            {
                Fault = $"the rotation did not come to its end: {broken.Message}";
                throw;
            }
        }
    }

    /// <summary>Steps 2 to 5, each skipped where there is nothing to do. Under <see cref="_change"/>.</summary>
    private void Settle(Keyring ring)
    {
        // If we crash here the keyring has an epoch that nothing is wrapped under; the next start comes here again.
        WriteEscrow(ring, RotationStep.EscrowAdded);
        Adopt(ring);

        // If we crash here some rows name the new epoch and some an older one; the keyring and the escrow copy hold both.
        if (Rewrap()) _onStep(RotationStep.Rewrapped);

        var pruned = Prune(ring);
        if (pruned.Epochs.Count < ring.Epochs.Count)
        {
            PrivateFile.Replace(Path.Combine(Folder, Keyring.FileName), pruned.ToBytes());
            lock (_gate) _ring = pruned;
            _onStep(RotationStep.KeyringPruned);
        }

        // If we crash here the escrow copy holds epochs that nothing needs; the next start writes it anew.
        WriteEscrow(pruned, RotationStep.EscrowPruned);
    }

    private void WriteEscrow(Keyring ring, RotationStep step)
    {
        var bytes = ring.ToBytes();
        if (File.Exists(EscrowPath) && PrivateFile.FaultOfMode(EscrowPath) is null && File.ReadAllBytes(EscrowPath).AsSpan().SequenceEqual(bytes)) return;
        PrivateFile.CreateFolder(Path.GetDirectoryName(EscrowPath)!); // a path below a folder has one
        PrivateFile.Replace(EscrowPath, bytes);
        _onStep(step);
    }

    private void Adopt(Keyring ring)
    {
        var faults = new List<string>();
        lock (_gate)
        {
            _open.Open(ring, _root, Path.Combine(Folder, Keyring.FileName), faults);
            if (faults.Count > 0) throw new IOException(string.Join("; ", faults));
            (_ring, _current) = (ring, ring.Current.Number);
        }
    }

    /// <returns>False if there was nothing to do.</returns>
    private bool Rewrap()
    {
        var (after, unopened, changed) = ("", 0L, false);
        while (Rows.Page(after, RowsAtOnce) is { Count: > 0 } page)
        {
            var changes = new List<(KeptSecret, byte[])>();
            foreach (var kept in page.Where(kept => kept.Epoch != _current))
            {
                using var secret = Unwrap(kept.Epoch, kept.Name, kept.Wrapped);
                if (secret is null) unopened++;
                else
                {
                    lock (_gate) changes.Add((kept, _open[_current]!.Wrap(kept.Name, secret.Span))); // _current is always open
                }
            }

            if (changes.Count > 0) Rows.Replace(changes, _current);
            changed |= changes.Count > 0;
            after = page[^1].Name;
        }

        if (changed) Rows.ForgetOldPages();
        Unopened = unopened;
        return changed;
    }

    /// <summary>The keyring without what may go: not among the last seven, and named by no row. Those are forgotten here before they are destroyed on disk.</summary>
    private Keyring Prune(Keyring ring)
    {
        var kept = ring.Epochs.ToList();
        foreach (var old in ring.Epochs.SkipLast(Keyring.Kept))
        {
            // An insertion asks under the store's gate whether its epoch is open: either its row is counted here, or it is refused.
            lock (Rows.Gate)
            {
                if (Rows.CountByEpoch().ContainsKey(old.Number)) continue;
                lock (_gate) _open.Drop(old.Number);
            }

            kept.Remove(old);
        }

        return new Keyring(kept);
    }
}

/// <summary>A key was wrapped under an epoch that is gone; make it again.</summary>
internal sealed class KeyEpochGoneException(long epoch) : Exception($"key epoch {epoch} is gone")
{
    public long Epoch { get; } = epoch;
}
