using Tutelage.Hosting;
using Tutelage.Vault;
using Tutelage.Vault.Auditing;
using Tutelage.Vault.Deletions;
using Tutelage.Vault.Grants;
using Tutelage.Vault.Halting;
using Tutelage.Vault.Keys;
using Tutelage.Vault.Objects;
using Tutelage.Vault.People;
using Tutelage.Vault.Record;
using Tutelage.Vault.Recovery;
using Tutelage.Vault.Release;

if (args is ["keystore", .. var words]) return await KeystoreCommand.RunAsync(words);
var faults = new List<string>();
var options = VaultOptions.Read(args, faults);
var time = HostClock.For(options.Clock, options.Rehearsal, faults);
if (faults.Count > 0) return HostExit.Refuse("vault", HostExit.WrongCommandLine, faults);
if (options.Init) return VaultKeys.Initialise(options.DataFolder);

HostMemory.Lock();
ProcessGuard.Close(faults);
FolderGuard.Check(options.DataFolder, faults);
using var keys = VaultKeys.Load(options.DataFolder, faults);
using var folderLock = keys is null ? null : FolderLock.Take(options.DataFolder, "vault", faults);
var trust = TrustFile.Load(options.TrustPath, faults);
if (keys is not null && trust is not null) keys.CompareWith(trust, options.TrustPath, faults);
using var store = keys is null || folderLock is null ? null : VaultStore.Open(options.DataFolder, faults);
using var keyStore = keys is null || store is null || faults.Count > 0 ? null : KeyStore.Open(options.DataFolder, keys.Root, store, time, faults);
var caught = keys is null || trust is null || store is null || keyStore is null || faults.Count > 0 ? null : await new CatchUp(options.DataFolder, store, keys, trust).RunAsync(options.AuditorAddress!, time, faults); // required unless --init
using var ledger = keys is null || store is null || faults.Count > 0 ? null : VaultLedger.Open(options.DataFolder, store, keys, time, faults);
if (keys is null || trust is null || store is null || keyStore is null || ledger is null || faults.Count > 0) return HostExit.Refuse("vault", HostExit.DoubtfulState, faults);

// Before anything is served: deleted people stay dark, whatever copy this database is.
var deletions = new DeletionBook(store, keyStore);
var replayed = deletions.Replay();
var record = new KeystoreRecord(store, ledger, time);
if (RestoredMark.IsIn(options.DataFolder))
{
    record.Tell(KeystoreRecord.Restored, keyStore.Ring.Current.Number);
    RestoredMark.Remove(options.DataFolder); // if we crash before this line the next start asks again and tells it again
}

GrantRun.RemoveLeftovers(options.DataFolder);
KeyRehearsal.RemoveLeftovers(options.DataFolder);
var builder = HostShell.Create(options.Listen);
builder.Services.AddSingleton(time);
builder.Services.AddSingleton(options);
builder.Services.AddSingleton(keys);
builder.Services.AddSingleton(keyStore);
builder.Services.AddSingleton(record);
builder.Services.AddHostedService<KeyRotation>();
builder.Services.AddHostedService<KeystoreSocket>();
builder.Services.AddSingleton(trust);
builder.Services.AddSingleton(store);
builder.Services.AddSingleton(ledger);
builder.Services.AddSingleton<Registry>();
builder.Services.AddSingleton<GrantBook>();
builder.Services.AddSingleton<ObjectServer>();
builder.Services.AddSingleton<AuditorLink>();
builder.Services.AddDeletions(deletions);
builder.Services.AddSingleton<HaltBook>();
builder.Services.AddSingleton<AuditorLease>();
builder.Services.AddHostedService<LeaseThread>();
builder.Services.AddSingleton<ResumeDesk>();
builder.Services.AddHostedService<AuditPush>();
builder.Services.AddHostedService<HourlyHeads>();
builder.Services.AddSingleton<Refusals>();
builder.Services.AddHostedService<RefusalsSweep>();
builder.Services.AddSingleton(Tutelage.Vault.Jobs.Sandbox.Find());
builder.Services.AddSingleton<GrantRun>();
builder.Services.AddSingleton(services => new SignedCalls(time, Path.Combine(options.DataFolder, "nonces"), services.GetRequiredService<Registry>().KeyById));

var app = builder.Build();
if (caught is not null || replayed > 0) app.Logger.CaughtUp(caught?.Before ?? ledger.Log.Size, caught?.Entries ?? 0, replayed, caught?.PeopleWithoutKeys ?? 0);
ledger.Unknown = fault =>
{
    app.Logger.LogUnknown(fault.GetType().Name);
    Environment.ExitCode = HostExit.DoubtfulState;
    app.Lifetime.StopApplication();
};
app.ServeLog(options.DataFolder);
app.MapStatus();
app.MapPeople();
app.MapAgreements();
app.MapRecipients();
app.MapLeases();
app.MapHalting();
app.MapGrants();
app.MapRuns();
app.MapDatasets();
app.MapDeletions();
app.MapEntries();
app.MapHistory();
app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<SignedCalls>().Serve(options.Origin ?? app.Address()));
return await app.RunUntilStoppedAsync("vault", options.Listen);
