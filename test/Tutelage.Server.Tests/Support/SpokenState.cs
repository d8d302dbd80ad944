using System.Net;
using System.Net.Sockets;
using System.Text;
using Tutelage.Identity;
using Tutelage.Rules;
using Tutelage.Rules.Halting;

namespace Tutelage.Server.Tests;

/// <summary>Vault and auditor as far as the server asks them: each says what a test lets it say, signed, over real sockets.</summary>
internal sealed class SpokenState : IDisposable
{
    private readonly HttpListener _http = new();
    private readonly SigningKey _vault;

    public SpokenState(SigningKey vault)
    {
        _vault = vault;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }
        _http.Prefixes.Add(Address);
        _http.Start();
        _ = AnswerAsync();
    }

    public string Address { get; }

    public SigningKey AuditorKey { get; } = SigningKey.Generate();

    /// <summary>What the vault says; null says nothing.</summary>
    public ProgrammeStanding? Vault { get; set; } = ProgrammeStanding.Beginning;

    public ProgrammeStanding? Auditor { get; set; } = ProgrammeStanding.Beginning;

    /// <summary>A nonce that is answered instead of the one that was asked with.</summary>
    public string? OtherNonce { get; set; }

    /// <summary>Who signs for the auditor.</summary>
    public SigningKey? Impostor { get; set; }

    /// <summary>Questions so far.</summary>
    public int Asked { get; private set; }

    public string Card => $$"""{"version":1,"vault":"{{Address}}vault/","auditor":"{{Address}}auditor/"}""";

    public void Dispose()
    {
        _http.Close();
        AuditorKey.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var context = await _http.GetContextAsync();
                Asked++;
                var isVault = context.Request.Url!.AbsolutePath == "/vault/v1/state";
                var nonce = OtherNonce ?? context.Request.QueryString["nonce"] ?? "";
                if ((isVault ? Vault : Auditor) is { } state)
                {
                    var key = isVault ? _vault : Impostor ?? AuditorKey;
                    var words = new StateWords(isVault ? "vault" : "auditor", state.Epoch, Spelling.Of(state.Stage), state.AdmittedFrom, nonce, null);
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(SignedStatement.Sign(key, StateWords.Kind, words).ToJson()));
                }
                else context.Response.StatusCode = 503;
                context.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
