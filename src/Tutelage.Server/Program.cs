using Tutelage.Server;
using Tutelage.Server.Datasets;
using Tutelage.Server.Deletions;
using Tutelage.Server.Ingest;
using Tutelage.Server.Pages;
using Tutelage.Server.Programme;
using Tutelage.Server.Reading;
using Tutelage.Server.Requests;
using Tutelage.Server.Store;

var (command, wrong) = ServerCommand.Read(args);
if (command is null) return ServerHost.Refuse(ExitCode.WrongCommandLine, wrong);

var (trust, untrusted) = Trust.Load(command.Trust);
if (trust is null) return ServerHost.Refuse(ExitCode.DoubtfulState, untrusted);

var (store, doubts) = ObjectStore.Open(command.Data, trust);
if (store is null) return ServerHost.Refuse(ExitCode.DoubtfulState, doubts);

using (store)
{
    var builder = ServerHost.Create(command.Listen);
    builder.Services.AddSingleton(trust).AddSingleton(store);
    builder.Services.AddCallers().AddIngest();

    await using var app = builder.Build();
    app.UseAnswers();
    app.MapStatus();
    app.MapProgramme();
    app.MapIngest();
    app.MapReading();
    app.MapDatasets();
    app.MapDeletions();
    return await app.ServeAsync(command.Listen);
}
