using Tutelage.Cli.Programme;
using Tutelage.Identity;
using Tutelage.Rules;

namespace Tutelage.Cli.Verbs;

/// <summary>One person at work: their key, and the hosts that it speaks to.</summary>
internal sealed class Desk : IDisposable
{
    private readonly SigningKey _key;

    private Desk(string name, SigningKey key, ProgrammeCard card, ProgrammeClient client) => (Name, _key, Card, Client) = (name, key, card, client);

    public string Name { get; }

    public ProgrammeClient Client { get; }

    public ProgrammeCard Card { get; }

    public static async Task<Desk> OpenAsync(Home home, string name, Uri? server, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = KeptKey.Sign(home, name);
        try
        {
            // Whoever keeps a key here for a programme elsewhere has its address beside the key.
            var elsewhere = server ?? (File.Exists(new ProgrammeFolder(home.Programme).Card) ? null : KeptKey.Find(home, name)?.Server);
            var card = await home.CardAsync(elsewhere, cancellationToken);
            return new(name, key, card, new(key, card.Vault, card.Server, time));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Who reads lists when nobody is named: a steward or auditor of this home, who sees all, else anybody.</summary>
    public static string Reader(Home home) =>
        (KeptKey.All(home).Where(key => key.Revoked is null).OrderBy(key => key.Role is Role.Steward or Role.Auditor ? 0 : 1).FirstOrDefault()?.Name ?? home.Enrolled().FirstOrDefault())
        ?? throw new VerbFailedException($"there is no key in {home.Root} to ask with", "`tutelage key new` makes one");

    public async Task<IReadOnlyList<ListedGrant>> GrantsAsync(CancellationToken cancellationToken) => ListedGrant.Read(await Client.GrantsAsync(cancellationToken));

    /// <summary>The one grant whose id begins with <paramref name="id"/>.</summary>
    public async Task<ListedGrant> GrantAsync(string id, CancellationToken cancellationToken)
    {
        var found = (await GrantsAsync(cancellationToken)).Where(grant => grant.Grant.StartsWith(id, StringComparison.Ordinal)).ToList();
        return found switch
        {
            [var one] => one,
            [] => throw new VerbFailedException($"{Name} sees no grant '{id}'", $"`tutelage grant list --as {Name}` shows those there are"),
            _ => throw new VerbFailedException($"{found.Count} grants begin with '{id}'", "give more of the id"),
        };
    }

    /// <summary>A statement of this person.</summary>
    public SignedStatement Sign<T>(string kind, T payload) => SignedStatement.Sign(_key, kind, payload);

    public void Dispose()
    {
        Client.Dispose();
        _key.Dispose();
    }
}
