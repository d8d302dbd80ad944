using Tutelage.Desktop.Bench;

// dotnet run -c Release --project bench/Tutelage.Desktop.Bench -- events|frames|tree|stall [seconds or stops] [events per second, or for frames: elements|pixels|input]
var seconds = args.Length > 1 && int.TryParse(args[1], out var given) ? given : 60;
switch (args.FirstOrDefault())
{
    case "events": return await EventLoad.RunAsync(seconds, args.Length > 2 ? int.Parse(args[2]) : 1000);
    case "frames": return await FrameLoad.RunAsync(seconds, args.Length > 2 ? args[2] : "");
    case "stall": return await StalledReader.RunAsync(args.Length > 1 ? seconds : 10);
    case "generate": return StalledReader.Generate(args[1]);
    case "tree": return await TreeWalks.RunAsync(seconds);
    default:
        Console.Error.WriteLine("usage: events|frames|tree|stall [seconds or stops] [events per second, or for frames: elements|pixels|input]");
        return 2;
}
