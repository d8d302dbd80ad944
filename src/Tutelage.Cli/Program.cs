using Tutelage.Cli;
using Tutelage.Cli.Demo.Witnessing;
using Tutelage.Cli.Verbs;

// The demo's own control; it refuses every desktop that the demo did not start.
if (args is ["demo-witness", var folder]) return await WitnessProcess.RunAsync(folder, TimeProvider.System);

Output.FitTerminal();
return await AllVerbs.RunAsync(AllVerbs.Create(TimeProvider.System), args);
