using Tutelage.Hosting;
using Tutelage.Sealing.Memory;

namespace Tutelage.Vault.Keys;

/// <summary>Opened epoch keys, by number. Not thread-safe.</summary>
internal sealed class EpochKeys : IDisposable
{
    /// <summary>Rows of a key store from before there were epochs: wrapped by the root itself.</summary>
    public const long Root = 0;

    private readonly SortedDictionary<long, WrappingKey> _keys = [];

    public IReadOnlyCollection<long> Numbers => _keys.Keys;

    public WrappingKey? this[long number] => _keys.GetValueOrDefault(number);

    /// <summary>Opens those epochs of <paramref name="ring"/> that are not open yet.</summary>
    public void Open(Keyring ring, WrappingKey root, string path, List<string> faults)
    {
        foreach (var epoch in ring.Epochs.Where(epoch => !_keys.ContainsKey(epoch.Number)))
        {
            if (root.Unwrap(epoch.Name, epoch.Wrapped) is { Length: WrappingKey.SizeBytes } key) _keys.Add(epoch.Number, new WrappingKey(key));
            else faults.Add($"{path}: epoch {epoch.Number} was not wrapped by this root key; put back the keyring and the root key that belong together");
        }
    }

    /// <summary>Null if the epoch is not there or did not wrap this.</summary>
    public LockedBytes? Unwrap(long epoch, WrappingKey root, string name, byte[] wrapped) => (epoch == Root ? root : this[epoch])?.Unwrap(name, wrapped);

    public void Drop(long number)
    {
        if (_keys.Remove(number, out var key)) key.Dispose();
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
        _keys.Clear();
    }
}
