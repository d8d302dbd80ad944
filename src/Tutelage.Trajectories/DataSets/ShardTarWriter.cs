using System.Formats.Tar;

namespace Tutelage.Trajectories.DataSets;

/// <summary>A tar whose bytes depend on its entries only: ustar, owner 0, mode 0644, the epoch as time.</summary>
internal sealed class ShardTarWriter(Stream output) : IDisposable
{
    private readonly TarWriter _tar = new(output, TarEntryFormat.Ustar, leaveOpen: true);
    private readonly List<byte[]> _leaves = [];

    public long ContentBytes { get; private set; }

    public void Add(string name, byte[] content)
    {
        using var stream = new MemoryStream(content, writable: false);
        _tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = stream, ModificationTime = DateTimeOffset.UnixEpoch, Uid = 0, Gid = 0,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
        _leaves.Add(MerkleRoot.Leaf(name, content));
        ContentBytes += content.Length;
    }

    /// <summary>Root over the entries so far.</summary>
    public byte[] Root() => MerkleRoot.Of(_leaves);

    public void Dispose() => _tar.Dispose();
}
