using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Tutelage.Cli.Verbs;

/// <summary>The command line as a whole: its verbs, their list, and how wrong words are answered.</summary>
internal static class AllVerbs
{
    public static RootCommand Create(TimeProvider time)
    {
        var root = new RootCommand("Tutelage records how people use computers, with their consent, seals it under two custodians, and turns it into training data.")
        {
            DemoVerb.Create(), UpVerb.Create(), StatusVerb.Create(time), KeyVerbs.Create(time), ManifestVerbs.Create(time), RulesVerbs.Create(time), EnrolVerb.Create(time),
            RecordVerb.Create(time), RecorderVerbs.Pause(), RecorderVerbs.Resume(time), RecorderVerbs.Forget(time),
            HeldVerbs.Review(time), HeldVerbs.Show(time), HeldVerbs.Discard(time), HeldVerbs.Send(time), DeletionVerbs.Delete(time), DeletionVerbs.Withdraw(time),
            HaltVerbs.Halt(time), GrantVerbs.Create(time), DatasetVerbs.Create(time), AuditVerbs.Create(time), LedgerVerbs.Create(), KeystoreVerbs.Create(), McapVerbs.Create(), Options.Home,
        };
        ListWhenAlone(root);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ListOrHelp((HelpAction)help.Action!); // every help option has one
        return root;
    }

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        // '@' begins a file of ours in --invitation, not a file of arguments.
        var parsed = root.Parse(args, new() { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine("tutelage: " + error.Message);
            Console.Error.WriteLine($"hint: {PathOf(parsed.CommandResult.Command, root)} --help");
            return CliExit.Usage;
        }
        // Hosts and recorder are ended in order; each of them takes at most ten seconds.
        return await Failures.CatchAsync(() => parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(35) }));
    }

    private static void ListWhenAlone(Command command)
    {
        foreach (var group in command.Subcommands.Where(verb => verb.Subcommands.Count > 0).Append(command))
        {
            group.SetAction(parsed =>
            {
                List(parsed.CommandResult.Command, parsed.RootCommandResult.Command);
                return CliExit.Done;
            });
        }
    }

    private static void List(Command command, Command root)
    {
        Output.Line(command.Description ?? "");
        Output.Line();
        var path = PathOf(command, root);
        var verbs = command.Subcommands.SelectMany(verb => verb.Subcommands.Count > 0 ? verb.Subcommands.Select(inner => (Name: $"{verb.Name} {inner.Name}", inner.Description)) : [(verb.Name, verb.Description)]).ToList();
        var width = verbs.Max(verb => verb.Name.Length);
        foreach (var (name, description) in verbs) Output.Line($"  {name.PadRight(width)}  {(description ?? "").Split('\n')[0]}");
        Output.Line();
        Output.Line($"{path} VERB --help shows options and an example. Keys and data lie in ~/.tutelage, TUTELAGE_HOME or --home DIR.");
    }

    private static string PathOf(Command command, Command root)
    {
        var names = new Stack<string>();
        for (var at = command; at != root && at is not null; at = at.Parents.OfType<Command>().FirstOrDefault()) names.Push(at.Name);
        return string.Join(' ', names.Prepend("tutelage"));
    }

    private sealed class ListOrHelp(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            if (parseResult.CommandResult.Command.Subcommands.Count == 0) return help.Invoke(parseResult);
            List(parseResult.CommandResult.Command, parseResult.RootCommandResult.Command);
            return CliExit.Done;
        }
    }
}
