using System.Security.Cryptography;
using Tutelage.Sealing;

namespace Tutelage.Vault.Jobs;

/// <summary>The job of a release: where its keys go, and what this machine says about it. Everything but the recipient is a claim, and the entry labels it so.</summary>
/// <param name="Sha256">Of the job program's file, lower-case hex.</param>
/// <param name="Confinement">What keeps the job from everything but its pipes: <see cref="Sandbox.Words"/>.</param>
internal sealed record JobClaim(AgeRecipient Recipient, string Sha256, string Confinement)
{
    public static string DigestOf(string program)
    {
        using var file = File.OpenRead(program);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
