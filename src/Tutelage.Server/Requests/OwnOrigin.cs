namespace Tutelage.Server.Requests;

/// <summary>The origins under which this server is reached: requests signed for another host are no good here.</summary>
internal sealed class OwnOrigin(Trust trust)
{
    // Set once, after the socket is bound and before the ready line; a request that comes earlier matches nothing.
    private volatile string? _bound;

    public string? Bound { get => _bound; set => _bound = value; }

    public bool Is(string origin) =>
        string.Equals(origin, _bound, StringComparison.OrdinalIgnoreCase)
        || (trust.Authority is { } authority && (string.Equals(origin, "http://" + authority, StringComparison.OrdinalIgnoreCase) || string.Equals(origin, "https://" + authority, StringComparison.OrdinalIgnoreCase)));
}
