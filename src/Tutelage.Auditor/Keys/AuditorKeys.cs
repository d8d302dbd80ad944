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
/// Files: <c>root.key</c>, <c>identity.key</c>, <c>witness.key</c>, <c>outer/yyyy-MM.key</c>; mode 0600. Old months stay: what was sealed to them must open.
/// If an outer key were lost, everything sealed in that month is lost with it.
/// </remarks>
internal sealed class AuditorKeys : IDisposable
{
    private const string WitnessSecret = "witness";

    private readonly Lock _gate = new(); // guards _outer
    private readonly SortedDictionary<string, TagIdentity> _outer = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly RootKey _root;
    private readonly TimeProvider _time;

    private AuditorKeys(string folder, RootKey root, Cosigner witness, TimeProvider time) => (_folder, _root, Witness, _time) = (folder, root, witness, time);

    public Cosigner Witness { get; }

    /// <summary>Creates what is missing and prints the public part as one JSON line. Run twice it prints the same.</summary>
    public static int Initialise(string folder)
    {
        PrivateFile.CreateFolder(folder);
        PrivateFile.CreateFolder(Path.Combine(folder, "outer"));
        var faults = new List<string>();
        var rootPath = Path.Combine(folder, "root.key");
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
            PrivateFile.Create(witnessPath, root.Wrap(WitnessSecret, created.Export()));
        }

        using var witness = LoadWitness(folder, root, identity.Public, faults);
        if (witness is null) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);
        Console.WriteLine(JsonSerializer.Serialize(new { service = "auditor", auditor_key = identity.Public.Text, witness = witness.VerifierKey.Text }));
        return HostExit.Ended;
    }

    public static AuditorKeys? Load(string folder, TimeProvider time, List<string> faults)
    {
        if (RootKey.Load(Path.Combine(folder, "root.key"), faults) is not { } root) return null;
        var identity = LoadIdentity(folder, faults);
        var witness = identity is null ? null : LoadWitness(folder, root, identity, faults);
        if (witness is null)
        {
            root.Dispose();
            return null;
        }

        var keys = new AuditorKeys(folder, root, witness, time);
        var outer = Path.Combine(folder, "outer");
        foreach (var path in Directory.Exists(outer) ? Directory.EnumerateFiles(outer, "*.key") : []) keys.LoadOuter(path, faults);
        return keys;
    }

    /// <summary>This month's recipient; its key is made, stored and flushed before anybody can seal to it.</summary>
    public (string Month, TagRecipient Recipient) OuterRecipient()
    {
        var month = _time.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);
        lock (_gate)
        {
            if (!_outer.TryGetValue(month, out var identity))
            {
                identity = TagIdentity.Generate();
                var secret = identity.Export();
                // If we crash here, before the file is whole, nobody has sealed to this key yet; the next start makes another.
                PrivateFile.Create(Path.Combine(_folder, "outer", month + ".key"), _root.Wrap("outer/" + month, secret));
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
        TagIdentity[] identities;
        lock (_gate) identities = [.. _outer.Values.Reverse()];
        foreach (var identity in identities)
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

    public void Dispose()
    {
        foreach (var identity in _outer.Values) identity.Dispose();
        Witness.Dispose();
        _root.Dispose();
    }

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

    private static Cosigner? LoadWitness(string folder, RootKey root, PublicKey identity, List<string> faults)
    {
        var path = Path.Combine(folder, "witness.key");
        if (PrivateFile.Read(path, faults) is not { } wrapped) return null;
        if (root.Unwrap(WitnessSecret, wrapped) is { } seed)
        {
            var witness = Cosigner.Import(NameOf(identity), seed);
            CryptographicOperations.ZeroMemory(seed);
            return witness;
        }

        faults.Add($"{path}: was not wrapped by this folder's root key");
        return null;
    }

    private void LoadOuter(string path, List<string> faults)
    {
        var month = Path.GetFileNameWithoutExtension(path);
        if (PrivateFile.Read(path, faults) is not { } wrapped) return;
        if (_root.Unwrap("outer/" + month, wrapped) is not { } secret)
        {
            faults.Add($"{path}: was not wrapped by this folder's root key as the key of {month}");
            return;
        }

        _outer.Add(month, TagIdentity.Import(secret));
        CryptographicOperations.ZeroMemory(secret);
    }
}
