using Tutelage.Identity;
using Tutelage.Ledger;

namespace Tutelage.Hosting;

/// <summary>Trust file as written: who the other hosts are. Members a host does not need may be absent; unknown ones are ignored.</summary>
/// <remarks>Layout: docs/formats/release.md.</remarks>
internal sealed record TrustFileRequest(int Version, string? VaultKey, string? AuditorKey, string? Log, string? Witness);

/// <summary>The public keys that vault and auditor need of each other, checked.</summary>
internal sealed record TrustFile(PublicKey VaultKey, PublicKey AuditorKey, VerifierKey Log, VerifierKey Witness)
{
    public static TrustFile? Load(string path, List<string> faults)
    {
        if (!File.Exists(path))
        {
            faults.Add($"--trust {path}: missing; it holds the public keys that --init of vault and auditor print");
            return null;
        }

        if (new FileInfo(path).Length > 64 * 1024 || Wire.Read<TrustFileRequest>(File.ReadAllBytes(path)) is not { } request)
        {
            faults.Add($"--trust {path}: not a JSON trust file");
            return null;
        }

        if (request.Version != 1) faults.Add($"--trust {path}: version is {request.Version}; this program reads 1");
        var vault = Key("vault_key", request.VaultKey);
        var auditor = Key("auditor_key", request.AuditorKey);
        var log = Verifier("log", request.Log, NoteKeyKind.Ed25519);
        var witness = Verifier("witness", request.Witness, NoteKeyKind.Cosignature);
        return vault is null || auditor is null || log is null || witness is null ? null : new TrustFile(vault, auditor, log, witness);

        PublicKey? Key(string name, string? text)
        {
            try
            {
                if (text is not null) return PublicKey.Parse(text);
                faults.Add($"--trust {path}: {name} is missing");
            }
            catch (FormatException)
            {
                faults.Add($"--trust {path}: {name} is no public key (base64url SPKI of P-256)");
            }

            return null;
        }

        VerifierKey? Verifier(string name, string? text, NoteKeyKind kind)
        {
            if (text is not null && VerifierKey.TryParse(text, out var key) && key.Kind == kind) return key;
            faults.Add($"--trust {path}: {name} is {(text is null ? "missing" : "no verifier key of that use")}");
            return null;
        }
    }
}
