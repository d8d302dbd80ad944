using Tutelage.Auditor;
using Tutelage.Auditor.Halting;
using Tutelage.Auditor.Keys;
using Tutelage.Auditor.Reading;
using Tutelage.Auditor.Releases;
using Tutelage.Auditor.Witnessing;
using Tutelage.Hosting;
using Tutelage.Identity;

if (args is ["keystore", .. var words]) return OuterKeysCommand.Run(words);
if (args is ["check" or "forget-uncosigned", .. var rest]) return ReadingCommand.Run(args[0], rest);
var faults = new List<string>();
var options = AuditorOptions.Read(args, faults);
var time = HostClock.For(options.Clock, options.Rehearsal, faults);
if (faults.Count > 0) return HostExit.Refuse("auditor", HostExit.WrongCommandLine, faults);
if (options.Init) return AuditorKeys.Initialise(options.DataFolder);

HostMemory.Lock();
ProcessGuard.Close(faults);
FolderGuard.Check(options.DataFolder, faults);
using var keys = AuditorKeys.Load(options.DataFolder, time, faults);
using var folderLock = keys is null ? null : FolderLock.Take(options.DataFolder, "auditor", faults);
var trust = TrustFile.Load(options.TrustPath, faults);
using var log = keys is null || trust is null || folderLock is null ? null : AuditedLog.Open(options.DataFolder, trust, faults);
using var identity = keys is null ? null : SigningKey.Load(Path.Combine(options.DataFolder, "identity.key"));
if (identity is not null && trust is not null && !identity.Public.Equals(trust.AuditorKey)) faults.Add($"--trust {options.TrustPath}: auditor_key is not this auditor's; its leases would be believed by nobody. Take what --init prints");
var halt = log is null ? null : AuditorHalt.Open(options.DataFolder, log, faults);
if (keys is null || trust is null || log is null || identity is null || halt is null || faults.Count > 0) return HostExit.Refuse("auditor", HostExit.DoubtfulState, faults);

var builder = HostShell.Create(options.Listen);
builder.Services.AddSingleton(time);
builder.Services.AddSingleton(options);
builder.Services.AddSingleton(keys);
builder.Services.AddSingleton(trust);
builder.Services.AddSingleton(log);
builder.Services.AddSingleton(identity);
builder.Services.AddSingleton(halt);
builder.Services.AddSingleton(_ => new SignedCalls(time, Path.Combine(options.DataFolder, "nonces"), id => id == trust.VaultKey.Id ? trust.VaultKey : null));

var app = builder.Build();
app.MapStatus();
app.MapOuterRecipient();
app.MapReadEntries();
app.MapGiveEntries();
app.MapAddCheckpoint();
app.MapReleaseOuterKeys();
app.MapHalting();
app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<SignedCalls>().Serve(options.Origin ?? app.Address()));
return await app.RunUntilStoppedAsync("auditor", options.Listen);
