using Tutelage.Cli.Programme;

namespace Tutelage.Cli.Verbs;

/// <summary>Finds the token that lets somebody in.</summary>
internal static class Invitations
{
    private const int MaxBytes = 1024;

    /// <param name="given">A token, <c>@FILE</c>, or null for the programme on this machine.</param>
    public static string Read(Home home, string? given, string role)
    {
        if (given is { Length: > 0 } && given[0] != '@') return given;
        var path = given is null ? Path.Combine(new ProgrammeFolder(home.Programme).Invitations, role) : given[1..];
        if (!File.Exists(path))
            throw new VerbFailedException(given is null ? "no invitation is given, and no programme on this machine has one" : $"there is no file {path}", $"ask the operator for the invitation of a {role} and say --invitation TOKEN");
        return new FileInfo(path).Length <= MaxBytes ? File.ReadAllText(path).Trim() : throw new VerbFailedException($"{path} is not an invitation: it has over {MaxBytes} bytes");
    }
}
