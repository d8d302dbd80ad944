using System.Text;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Hosting;

/// <summary><c>GET /v1/state?nonce=</c>: what this custodian lets go on, signed for whoever asks, and good for nobody else and no other moment.</summary>
/// <remarks>Open to anybody: it says what <c>/v1/status</c> says. Whoever asks counts its age from before it asked (docs/formats/halt.md, leases).</remarks>
internal static class StateRoute
{
    public const int NonceDigits = 32;

    public static void MapState(this WebApplication app, string host, SigningKey key, Func<(ProgrammeStanding State, string? Halt)> state) => app.MapGet("/v1/state", (HttpContext http) =>
    {
        var nonce = http.Request.Query["nonce"].ToString();
        if (nonce.Length != NonceDigits || !nonce.All(char.IsAsciiHexDigitLower)) return Wire.Refuse(StatusCodes.Status400BadRequest, "bad-nonce", $"nonce must be {NonceDigits} hex digits of your own choice");
        var (now, halt) = state();
        return Results.Text(Sign(host, key, now, halt, nonce).ToJson(), "application/json");
    });

    public static SignedStatement Sign(string host, SigningKey key, ProgrammeStanding state, string? halt, string nonce) =>
        SignedStatement.Sign(key, StateWords.Kind, new StateWords(host, state.Epoch, Spelling.Of(state.Stage), state.AdmittedFrom, nonce, halt));

    /// <summary>The answer, if that host has signed it for this nonce.</summary>
    public static (ProgrammeStanding State, string? Halt)? Read(ReadOnlySpan<byte> body, PublicKey key, string host, string nonce)
    {
        try
        {
            var statement = SignedStatement.Parse(Encoding.UTF8.GetString(body));
            return statement.Verify(key, StateWords.Kind) && statement.Read<StateWords>() is { } words && words.Host == host && words.Nonce == nonce && words.Read() is { } state ? (state, words.Halt) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
