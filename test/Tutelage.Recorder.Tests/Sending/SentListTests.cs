using Tutelage.Recorder.Sending;

namespace Tutelage.Recorder.Tests.Sending;

public sealed class SentListTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 5, 4, 9, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutelage-sent-");

    [Fact]
    public void What_reaches_into_a_time_is_found_and_nothing_else()
    {
        var list = new SentList(_folder.FullName);
        list.Add(new(Id('a'), Nine, Nine.AddMinutes(1)));
        list.Add(new(Id('b'), Nine.AddMinutes(10), Nine.AddMinutes(11).AddSeconds(5)));
        list.Add(new(Id('c'), Nine.AddMinutes(30), Nine.AddMinutes(31)));
        list.Between(Nine.AddMinutes(12), Nine.AddMinutes(29)).Select(sent => sent.Id).ShouldBe([Id('b')], "its end is rounded up to a minute");
        list.Between(Nine.AddHours(-1), Nine.AddHours(1)).Count.ShouldBe(3);
        list.Between(Nine.AddHours(1), Nine.AddHours(2)).ShouldBeEmpty();
    }

    [Fact]
    public void A_line_that_a_crash_cut_is_not_one_and_harms_no_other()
    {
        var list = new SentList(_folder.FullName);
        list.Add(new(Id('a'), Nine, Nine));
        File.AppendAllText(Path.Combine(_folder.FullName, "sent"), Id('b')[..20]);
        list.Add(new(Id('c'), Nine, Nine));
        list.Add(new(Id('c'), Nine, Nine));
        list.Read().Select(sent => sent.Id).ShouldBe([Id('a'), Id('c')]);
    }

    [Fact]
    public void Its_owner_alone_can_read_it()
    {
        new SentList(_folder.FullName).Add(new(Id('a'), Nine, Nine));
        File.GetUnixFileMode(Path.Combine(_folder.FullName, "sent")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Id(char letter) => new(letter, 32);
}
