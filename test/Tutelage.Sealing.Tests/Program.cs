using Tutelage.Sealing;
using Tutelage.Sealing.Tests;

// A process to be killed by SpoolCrashTests: writes the pattern to a spool file and prints its length after each flush.
// Arguments: path, recipient, seed.
var random = new Random(int.Parse(args[2]));
using var writer = SpoolFileWriter.Create(args[0], AgeRecipient.Parse(args[1]));
while (true)
{
    for (var i = random.Next(1, 8); i > 0; i--) writer.Write(Sealed.Pattern(random.Next(1, 30_000), writer.Position));
    writer.FlushTail();
    Console.Out.WriteLine(writer.Position);
    Console.Out.Flush();
}
