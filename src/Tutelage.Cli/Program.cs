using System.CommandLine;
using Tutelage.Cli;
using Tutelage.Cli.Demo.Witnessing;
using Tutelage.Cli.Verbs;

// The demo's own control; it refuses every desktop that the demo did not start.
if (args is ["demo-witness", var folder]) return await WitnessProcess.RunAsync(folder, TimeProvider.System);

var root = new RootCommand("Tutelage records how people use computers, with their consent, seals it under two custodians, and turns it into training data.")
{
    DemoVerb.Create(),
};
return await Failures.CatchAsync(() => root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false }));
