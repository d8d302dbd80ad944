using System.Runtime.InteropServices;

namespace Tutelage.Hosting;

/// <summary>What the system knows of one name, without following a link.</summary>
/// <param name="Mode">Type and permission bits as of <c>stat</c>.</param>
internal readonly partial record struct FileOwner(uint User, uint Group, uint Links, int Mode)
{
    /// <summary>Whether owners can be asked for here.</summary>
    public static bool IsKnown { get; } = OperatingSystem.IsLinux();

    public bool IsLink => (Mode & TypeMask) == LinkType;

    public bool IsFolder => (Mode & TypeMask) == FolderType;

    public bool OthersWrite => (Mode & 0x12) != 0; // S_IWGRP | S_IWOTH

    /// <summary>In a sticky folder nobody removes or renames what belongs to somebody else.</summary>
    public bool IsSticky => (Mode & 0x200) != 0;

    private const int TypeMask = 0xF000;
    private const int LinkType = 0xA000;
    private const int FolderType = 0x4000;
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS

    public static uint CurrentUser { get; } = IsKnown ? GetEffectiveUser() : 0;

    /// <summary>Null if there is no such name or it cannot be looked at.</summary>
    public static FileOwner? Of(string path)
    {
        if (!IsKnown) return null;
        // struct statx has the same layout on every architecture (linux/stat.h): links at 16, user 20, group 24, mode 28.
        Span<byte> buffer = stackalloc byte[256];
        if (Statx(CurrentFolder, path, NoFollow, BasicStats, ref MemoryMarshal.GetReference(buffer)) != 0) return null;
        return new FileOwner(Word(buffer, 20), Word(buffer, 24), Word(buffer, 16), BitConverter.ToUInt16(buffer[28..]));
    }

    private static uint Word(ReadOnlySpan<byte> buffer, int at) => BitConverter.ToUInt32(buffer[at..]);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
