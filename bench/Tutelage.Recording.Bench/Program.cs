using Tutelage.Recording.Bench;

// dotnet run -c Release --project bench/Tutelage.Recording.Bench -- [ducktrack events.jsonl] [screen.png]
Console.WriteLine($"| {"what",-58} | {"figure",24} |");
Console.WriteLine($"|{new string('-', 60)}|{new string('-', 26)}|");
McapBench.Run();
BatchBench.Run(args.FirstOrDefault(name => name.EndsWith(".jsonl", StringComparison.Ordinal)) ?? "../shared/data/ducktrack/events.jsonl");
TileBench.Run(args.FirstOrDefault(name => name.EndsWith(".png", StringComparison.Ordinal)));
