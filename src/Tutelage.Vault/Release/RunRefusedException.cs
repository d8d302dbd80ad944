namespace Tutelage.Vault.Release;

/// <summary>A run, or a step of it, that ends without keys or without result; the caller shows code and message to whoever asked.</summary>
/// <param name="error">One word for programs.</param>
internal sealed class RunRefusedException(string error, string message) : Exception(message)
{
    public string Error { get; } = error;
}
