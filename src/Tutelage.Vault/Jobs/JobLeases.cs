using System.Buffers.Binary;
using Tutelage.Vault.Halting;

namespace Tutelage.Vault.Jobs;

/// <summary>Renews one job's lease every half second, on a thread of its own, for as long as the vault itself has one.</summary>
/// <remarks>
/// A lease is the boot clock's time at which it ends; job and vault share that clock. It is never later than the end of the vault's own lease, so a halt that only the auditor heard of
/// ends the job within two seconds, whatever becomes of this process. A job that reads no more holds up nobody but its own thread here.
/// </remarks>
internal sealed class JobLeases : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Stream _toJob;
    private readonly SemaphoreSlim _writing;
    private readonly AuditorLease _lease;
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;

    /// <param name="writing">Held while a frame is written.</param>
    public JobLeases(Stream toJob, SemaphoreSlim writing, AuditorLease lease)
    {
        (_toJob, _writing, _lease) = (toJob, writing, lease);
        Renew(); // before the order: a job takes none without a lease
        _thread = new Thread(Run) { IsBackground = true, Name = "job's lease" };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_end.Wait(Every)) Renew();
        }
        catch (Exception gone) when (gone is JobFailedException or ObjectDisposedException)
        {
            // The job has ended: the conversation says how.
        }
    }

    private void Renew()
    {
        _writing.Wait();
        try
        {
            // Looked at under the lock: a frame that waited behind another carries the lease of now.
            if (_lease.Until() is not { } until) return;
            Span<byte> payload = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(payload, until);
            JobFrames.Write(_toJob, JobFrameType.Lease, payload);
        }
        finally
        {
            _writing.Release();
        }
    }
}
