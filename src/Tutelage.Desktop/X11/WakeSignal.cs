namespace Tutelage.Desktop.X11;

/// <summary>Wakes a thread that waits in poll(2): an eventfd.</summary>
internal sealed unsafe class WakeSignal : IDisposable
{
    private const int NonBlocking = 0x800, CloseOnExec = 0x80000;

    // Guarded by itself: a write to a closed descriptor could reach somebody else's file.
    private readonly Lock _lock = new();
    private bool _closed;

    public int Fd { get; } = Libc.EventFd(0, NonBlocking | CloseOnExec);

    public void Set()
    {
        lock (_lock)
        {
            if (_closed) return;
            ulong one = 1;
            _ = Libc.Write(Fd, &one, sizeof(ulong));
        }
    }

    public void Reset()
    {
        ulong count;
        _ = Libc.Read(Fd, &count, sizeof(ulong));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
            _ = Libc.Close(Fd);
        }
    }
}
