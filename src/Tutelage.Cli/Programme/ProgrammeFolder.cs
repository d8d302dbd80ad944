namespace Tutelage.Cli.Programme;

/// <summary>The data folder of <c>tutelage up</c>: one folder a host, trust between them, and the card that describes the programme to everybody.</summary>
internal sealed class ProgrammeFolder(string root)
{
    private const string LockName = "up.lock";
    private const string PidName = "up.pid";

    public string Root { get; } = root;

    public string Card => Path.Combine(Root, ProgrammeCard.FileName);

    public string Invitations => Path.Combine(Root, "vault", "invitations");

    public string Log => Path.Combine(Root, "vault", "log");

    /// <summary>Null if the folder has never held a programme.</summary>
    public ProgrammeCard? Read() => File.Exists(Card) ? ProgrammeCard.Read(File.ReadAllBytes(Card), Card) : null;

    /// <summary>Writes the card here and where the server gives it out.</summary>
    public void Write(ProgrammeCard card)
    {
        var bytes = card.ToBytes();
        Replace(Card, bytes);
        // If we crash here the server gives out the older card; the next start or publication writes both again.
        Replace(Path.Combine(Root, "server", ProgrammeCard.FileName), bytes);
    }

    /// <summary>Held as long as the programme runs.</summary>
    /// <exception cref="Verbs.VerbFailedException">Another <c>up</c> holds it; the message names its process.</exception>
    public FileStream Lock()
    {
        var pid = Path.Combine(Root, PidName);
        try
        {
            var held = new FileStream(Path.Combine(Root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(pid, FormattableString.Invariant($"{Environment.ProcessId}\n"));
            return held;
        }
        catch (IOException)
        {
            var other = File.Exists(pid) ? $"process {File.ReadAllText(pid).Trim()}" : "another process";
            throw new Verbs.VerbFailedException($"the programme in {Root} runs already ({other})", "use it, end it with Ctrl+C, or name another folder with --data", CliExit.AlreadyRunning);
        }
    }

    private static void Replace(string path, byte[] bytes)
    {
        File.WriteAllBytes(path + ".new", bytes);
        File.Move(path + ".new", path, overwrite: true);
    }
}
