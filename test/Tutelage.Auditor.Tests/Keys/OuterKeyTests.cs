using System.Text;
using Tutelage.Auditor.Keys;
using Tutelage.Hosting;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;
using Tutelage.Testing.Hosts;

namespace Tutelage.Auditor.Tests.Keys;

/// <summary>Outer keys change with the month, open what was sealed in any month that is kept, and stand in no file in the clear.</summary>
public sealed class OuterKeyTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tutelage-outer-").FullName;
    private readonly Months _clock = new();

    private string Folder => Path.Combine(_root, "auditor");

    [Fact]
    public void Each_month_has_its_key_and_every_kept_month_opens_after_a_restart()
    {
        var headers = new List<byte[]>();
        using (var keys = Open())
        {
            for (var month = 0; month < 4; month++, _clock.Now = _clock.Now.AddMonths(1))
            {
                keys.OuterRecipient().Recipient.Text.ShouldBe(keys.OuterRecipient().Recipient.Text);
                headers.Add(SealedTo(keys.OuterRecipient().Recipient));
            }
        }

        using var again = Open();
        again.Months.ShouldBe(["2031-11", "2031-12", "2032-01", "2032-02"]);
        headers.Select(header => again.MonthOf(header)).ShouldBe(again.Months);
        foreach (var header in headers) again.Unwrap(header).ShouldNotBeNull().Dispose();
    }

    [Fact]
    public void An_old_month_goes_for_good_this_one_and_the_one_before_never()
    {
        byte[] header;
        using (var keys = Open())
        {
            header = SealedTo(keys.OuterRecipient().Recipient);
            _clock.Now = _clock.Now.AddMonths(1);
            keys.OuterRecipient();
            keys.Retire("2031-11").ShouldNotBeNull().ShouldContain("the one before");
            keys.Retire("2031-12").ShouldNotBeNull();
            keys.Retire("1999-01").ShouldNotBeNull().ShouldContain("no key of 1999-01");
            _clock.Now = _clock.Now.AddMonths(1);
            keys.Retire("2031-11").ShouldBeNull();
            keys.Unwrap(header).ShouldBeNull();
        }

        using var again = Open();
        again.Months.ShouldBe(["2031-12"]);
        again.Unwrap(header).ShouldBeNull();
    }

    [Fact]
    public void A_month_whose_key_was_half_written_when_the_process_died_begins_anew()
    {
        Open().Dispose();
        File.WriteAllBytes(Path.Combine(Folder, "outer", "2031-11.key" + PrivateFile.Unfinished), [1, 2, 3]);
        using var keys = Open();
        keys.OuterRecipient().Month.ShouldBe("2031-11");
    }

    [Fact]
    public async Task The_command_retires_a_month_only_when_no_stored_object_needs_it_and_then_its_objects_are_dark()
    {
        _clock.Now = TimeProvider.System.GetUtcNow().AddMonths(-3);
        byte[] old, living;
        string month;
        using (var keys = Open())
        {
            (month, var recipient) = keys.OuterRecipient();
            old = SealedTo(recipient);
            _clock.Now = TimeProvider.System.GetUtcNow();
            living = SealedTo(keys.OuterRecipient().Recipient);
        }

        var objects = Path.Combine(_root, "objects");
        var (kept, gone) = (Store(objects, living), Store(objects, old));
        var needed = await RetireAsync(month, objects);
        (needed.Exit, needed.Output.Contains($"was sealed in {month}", StringComparison.Ordinal)).ShouldBe((1, true), needed.Output + needed.Errors);
        await File.WriteAllTextAsync(gone, "no header");
        (await RetireAsync(month, objects)).Output.ShouldContain("cannot be read");
        File.Delete(gone);
        var retired = await RetireAsync(month, objects);
        retired.Exit.ShouldBe(0, retired.Output + retired.Errors);
        File.Exists(kept).ShouldBeTrue();

        using var again = Open();
        again.Unwrap(old).ShouldBeNull("the month is gone, and with it every object that anybody still has of it");
        again.Unwrap(living).ShouldNotBeNull().Dispose();
        File.Exists(Path.Combine(Folder, "outer", month + ".key")).ShouldBeFalse();
    }

    private Task<(int Exit, string Output, string Errors)> RetireAsync(string month, string objects) =>
        HostProcess.RunAsync("Tutelage.Auditor", "keystore", "retire", "--data", Folder, "--month", month, "--objects", objects);

    /// <summary>An object as the server keeps it, as far as the command looks at it.</summary>
    private static string Store(string objects, byte[] outerHeader)
    {
        var id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var header = HeaderBytes.Encode(new ObjectHeader(id, ObjectKind.Segment, new string('c', 32), 0, "test-1", new string('a', 64), new string('d', 43), [new SealedFileHeader(DataClass.Input, 10, new byte[32], outerHeader, outerHeader)]));
        var folder = Directory.CreateDirectory(Path.Combine(objects, id[..2], id)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "header"), header);
        return Path.Combine(folder, "header");
    }

    [Fact]
    public void No_outer_key_stands_in_any_file()
    {
        using var keys = Open();
        keys.OuterRecipient();
        var faults = new List<string>();
        using var root = RootKey.Load(Path.Combine(Folder, RootKey.FileName), faults).ShouldNotBeNull();
        using var secret = root.Unwrap("outer/2031-11", File.ReadAllBytes(Path.Combine(Folder, "outer", "2031-11.key"))).ShouldNotBeNull();
        byte[][] forms = [secret.Span.ToArray(), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret.Span)), Encoding.ASCII.GetBytes(Convert.ToBase64String(secret.Span)[..40])];
        foreach (var path in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories))
            foreach (var form in forms) (File.ReadAllBytes(path).AsSpan().IndexOf(form) < 0).ShouldBeTrue(path);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] SealedTo(AgeRecipient recipient)
    {
        using var file = new MemoryStream();
        using var writer = new AgeWriter(file, recipient);
        return writer.Header.Bytes.ToArray();
    }

    private AuditorKeys Open()
    {
        AuditorKeys.Initialise(Folder).ShouldBe(0);
        var faults = new List<string>();
        var keys = AuditorKeys.Load(Folder, _clock, faults).ShouldNotBeNull();
        faults.ShouldBeEmpty();
        return keys;
    }

    private sealed class Months : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2031, 11, 30, 23, 59, 59, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
