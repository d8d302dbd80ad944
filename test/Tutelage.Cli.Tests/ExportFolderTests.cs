using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Tutelage.Cli.Verbs;

namespace Tutelage.Cli.Tests;

/// <summary>An export is unpacked whole and inside its folder, or not at all.</summary>
public sealed class ExportFolderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("tutelage-unpack-");

    private string Target => Path.Combine(_root.FullName, "inner", "export");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Files_and_folders_come_out_as_they_went_in()
    {
        var tar = Tar(File("a.jsonl", "line"), File("images/0.png", "png"));
        (await ExportFolder.UnpackAsync(new MemoryStream(tar), Convert.ToHexStringLower(SHA256.HashData(tar)), Target, CancellationToken.None)).ShouldBe(new Unpacked(2, 7));
        System.IO.File.ReadAllText(Path.Combine(Target, "images/0.png")).ShouldBe("png");
        Directory.Exists(Target + ".part").ShouldBeFalse();
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("/tmp/tutelage-escaped")]
    [InlineData("a/../../escaped")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("..\\escaped")]
    public async Task A_name_that_leads_elsewhere_keeps_everything_out(string name)
    {
        await ShouldKeepNothingAsync(Tar(File("first", "fine"), File(name, "not fine")), null, "outside its folder");
        _root.EnumerateFiles("*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    public async Task Links_and_devices_keep_everything_out(TarEntryType kind)
    {
        var entry = new UstarTarEntry(kind, "link");
        if (kind != TarEntryType.Fifo) entry.LinkName = "/etc/passwd";
        await ShouldKeepNothingAsync(Tar(File("first", "fine"), entry), null, "neither file nor folder");
    }

    [Fact]
    public async Task Another_export_than_the_jobs_keeps_everything_out() =>
        await ShouldKeepNothingAsync(Tar(File("a", "b")), new('0', 64), "digest differs");

    [Fact]
    public async Task Damaged_bytes_never_write_outside_the_folder()
    {
        var tar = Tar(File("a.jsonl", new('x', 3000)), File("images/0.png", new('y', 700)));
        var random = new Random(20261122);
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = (byte[])tar.Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                await ExportFolder.UnpackAsync(new MemoryStream(bytes[..random.Next(1, bytes.Length)]), null, Target, CancellationToken.None);
                Directory.Delete(Target, recursive: true);
            }
            catch (Exception refused) when (refused is FormatException or IOException or UnauthorizedAccessException)
            {
                Directory.Exists(Target).ShouldBeFalse();
            }
            _root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(left => left.Name).ShouldBe(["inner"], $"round {round}");
        }
    }

    private async Task ShouldKeepNothingAsync(byte[] tar, string? sha256, string reason)
    {
        var refused = await Should.ThrowAsync<FormatException>(() => ExportFolder.UnpackAsync(new MemoryStream(tar), sha256, Target, CancellationToken.None));
        refused.Message.ShouldContain(reason);
        Directory.Exists(Target).ShouldBeFalse();
        Directory.Exists(Target + ".part").ShouldBeFalse();
    }

    private static TarEntry File(string name, string content) => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    private static byte[] Tar(params TarEntry[] entries)
    {
        var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var entry in entries) writer.WriteEntry(entry);
        return bytes.ToArray();
    }
}
