using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Hosting;
using Tutelage.Identity;
using Tutelage.Ledger;
using Tutelage.Sealing;

namespace Tutelage.Auditor.Keys;

/// <summary>The auditor's secrets: one outer key a month, the witness key, all wrapped by the root key of its folder.</summary>
/// <remarks>
/// Files: <c>root.key</c>, <c>identity.key</c>, <c>witness.key</c>, <c>outer/yyyy-MM.key</c>; mode 0600 (docs/formats/keys.md). Months change by themselves.
/// Old months stay until somebody shows that no object is sealed to them any more: what was sealed to them must open.
/// If an outer key were lost, everything sealed in that month is lost with it.
/// </remarks>
internal sealed class AuditorKeys : IDisposable
{
    private const string WitnessSecret = "witness";
    private const string OuterFolder = "outer";

    private readonly Lock _gate = new(); // guards _outer
    private readonly SortedDictionary<string, TagIdentity> _outer = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly WrappingKey _root;
    private readonly TimeProvider _time;

    private AuditorKeys(string folder, WrappingKey root, Cosigner witness, TimeProvider time) => (_folder, _root, Witness, _time) = (folder, root, witness, time);

    public Cosigner Witness { get; }

    /// <summary>Creates what is missing and prints the public part as one JSON line. Run twice it prints the same.</summary>
    public static int Initialise(string folder)
    {
        PrivateFile.CreateFolder(folder);
        PrivateFile.CreateFolder(Path.Combine(folder, OuterFolder));
        var faults = new List<string>();
        FolderGuard.Check(folder, faults);
        if (faults.Count > 0) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        InitialFolder.Refuse(folder, ["auditor.db", "witness.key"], [RootKey.FileName, "identity.key"], faults);
        InitialFolder.Refuse(folder, ["auditor.db"], ["witness.key"], faults);
        if (Directory.EnumerateFiles(Path.Combine(folder, OuterFolder), "*.key").Any()) InitialFolder.Refuse(folder, [OuterFolder], [RootKey.FileName], faults);
        if (faults.Count > 0) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        var rootPath = Path.Combine(folder, RootKey.FileName);
        if (!File.Exists(rootPath)) RootKey.Create(rootPath);
        using var root = RootKey.Load(rootPath, faults);
        if (root is null) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        var identityPath = Path.Combine(folder, "identity.key");
        if (!File.Exists(identityPath))
        {
            using var created = SigningKey.Generate();
            created.Save(identityPath);
        }

        using var identity = SigningKey.Load(identityPath);
        var witnessPath = Path.Combine(folder, "witness.key");
        if (!File.Exists(witnessPath))
        {
            using var created = Cosigner.Generate(NameOf(identity.Public));
            var seed = created.Export();
            PrivateFile.Create(witnessPath, root.Wrap(WitnessSecret, seed));
            CryptographicOperations.ZeroMemory(seed);
        }

        using var witness = LoadWitness(folder, root, identity.Public, faults);
        if (witness is null) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        Console.WriteLine(JsonSerializer.Serialize(new { service = "auditor", auditor_key = identity.Public.Text, witness = witness.VerifierKey.Text }));
        return HostExit.Ended;
    }

    public static AuditorKeys? Load(string folder, TimeProvider time, List<string> faults)
    {
        if (RootKey.Load(Path.Combine(folder, RootKey.FileName), faults) is not { } root) return null;
        var identity = LoadIdentity(folder, faults);
        var witness = identity is null ? null : LoadWitness(folder, root, identity, faults);
        if (witness is null)
        {
            root.Dispose();
            return null;
        }

        var keys = new AuditorKeys(folder, root, witness, time);
        var outer = Path.Combine(folder, OuterFolder);
        foreach (var path in Directory.Exists(outer) ? Directory.EnumerateFiles(outer, "*.key") : []) keys.LoadOuter(path, faults);
        return keys;
    }

    /// <summary>This month's recipient; its key is made, stored and flushed before anybody can seal to it.</summary>
    public (string Month, TagRecipient Recipient) OuterRecipient()
    {
        var month = NameOf(_time.GetUtcNow());
        lock (_gate)
        {
            if (!_outer.TryGetValue(month, out var identity))
            {
                identity = TagIdentity.Generate();
                var secret = identity.Export();
                // If we crash here, before the file is whole, nobody has sealed to this key yet; the next request makes another.
                PrivateFile.Create(PathOf(month), _root.Wrap("outer/" + month, secret));
                CryptographicOperations.ZeroMemory(secret);
                _outer.Add(month, identity);
            }

            return (month, identity.Recipient);
        }
    }

    /// <summary>The outer file key of a header, by whichever month's key it was sealed to; null if to none of them.</summary>
    /// <exception cref="AgeFormatException">The header is none, or is not sound.</exception>
    public FileKey? Unwrap(ReadOnlySpan<byte> outerHeader)
    {
        var header = AgeHeader.Parse(outerHeader);
        foreach (var identity in NewestFirst())
        {
            try
            {
                return header.Unwrap(identity);
            }
            catch (NoMatchingIdentityException)
            {
                // Sealed in another month: try the one before.
            }
        }

        return null;
    }

    /// <summary>The outer keys that can still be opened.</summary>
    public IReadOnlyList<TagIdentity> NewestFirst()
    {
        lock (_gate) return [.. _outer.Values.Reverse()];
    }

    /// <summary>Months that can still be opened, oldest first.</summary>
    public IReadOnlyList<string> Months
    {
        get
        {
            lock (_gate) return [.. _outer.Keys];
        }
    }

    /// <summary>The month an object's file was sealed in; null if in none that can be opened.</summary>
    /// <exception cref="AgeFormatException">The header is none, or is not sound.</exception>
    public string? MonthOf(ReadOnlySpan<byte> outerHeader)
    {
        var header = AgeHeader.Parse(outerHeader);
        lock (_gate) return _outer.Reverse().FirstOrDefault(month => Opens(month.Value, header)).Key;
    }

    /// <summary>Destroys an old month's key. What was sealed to it stays closed for good: the caller MUST have seen that nothing is.</summary>
    /// <returns>Why not; null if it is gone.</returns>
    public string? Retire(string month)
    {
        lock (_gate)
        {
            var today = _time.GetUtcNow();
            if (!_outer.TryGetValue(month, out var identity)) return $"there is no key of {month}; there are {string.Join(", ", _outer.Keys)}";
            // Recorders seal to the month they last asked for, and upload later.
            if (string.CompareOrdinal(month, NameOf(today.AddMonths(-1))) >= 0) return $"{month} is this month or the one before; recorders may still seal to it";
            PrivateFile.Destroy(PathOf(month));
            _outer.Remove(month);
            identity.Dispose();
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var identity in _outer.Values) identity.Dispose();
        Witness.Dispose();
        _root.Dispose();
    }

    private static bool Opens(TagIdentity identity, AgeHeader header)
    {
        try
        {
            using var key = header.Unwrap(identity);
            return true;
        }
        catch (NoMatchingIdentityException)
        {
            return false;
        }
    }

    private static string NameOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static string NameOf(PublicKey identity) => "tutelage.auditor." + identity.Id;

    private static PublicKey? LoadIdentity(string folder, List<string> faults)
    {
        try
        {
            using var key = SigningKey.Load(Path.Combine(folder, "identity.key"));
            return key.Public;
        }
        catch (KeyFileException fault)
        {
            faults.Add(fault.Message);
            return null;
        }
    }

    private static Cosigner? LoadWitness(string folder, WrappingKey root, PublicKey identity, List<string> faults)
    {
        var path = Path.Combine(folder, "witness.key");
        if (PrivateFile.Read(path, faults) is not { } wrapped) return null;
        using var seed = root.Unwrap(WitnessSecret, wrapped);
        if (seed is not null) return Cosigner.Import(NameOf(identity), seed.Span);
        faults.Add($"{path}: was not wrapped by this folder's root key");
        return null;
    }

    private string PathOf(string month) => Path.Combine(_folder, OuterFolder, month + ".key");

    private void LoadOuter(string path, List<string> faults)
    {
        var month = Path.GetFileNameWithoutExtension(path);
        if (PrivateFile.Read(path, faults) is not { } wrapped) return;
        using var secret = _root.Unwrap("outer/" + month, wrapped);
        if (secret is null)
        {
            faults.Add($"{path}: was not wrapped by this folder's root key as the key of {month}");
            return;
        }

        _outer.Add(month, TagIdentity.Import(secret.Span));
    }
}
