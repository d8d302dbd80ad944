using Tutelage.Cli.Tests.Support;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Sending;
using Tutelage.Recorder.Spool;

namespace Tutelage.Cli.Tests;

/// <summary>What waits on a person's machine and what goes wrong with it, over a real programme.</summary>
public sealed class HeldTests(EnrolledHome home) : IClassFixture<EnrolledHome>
{
    private SpoolFolder Spool => new(Path.Combine(home.Person, "spool"), TimeProvider.System);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_whose_answer_was_lost_is_sent_again_as_it_was(bool stored)
    {
        var id = HeldSegment.Write(home.Person);
        var lost = await SendAndLoseAsync(id, stored);
        lost.Outcome.ShouldBe(SendOutcome.ServerAway, lost.Detail);
        Spool.IsHeld(id).ShouldBeTrue();
        var held = Path.Combine(Spool.Root, "held", id);
        var copy = Path.Combine(home.Line.Root, "copy-" + id);
        home.Copy(held, copy);
        File.GetUnixFileMode(Path.Combine(held, "upload")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await home.Line.DoAsync("send")).Out.ShouldContain($"{id[..12]} sent");
        Directory.Exists(held).ShouldBeFalse();

        // As if we had crashed before it was removed, and again while it was.
        home.Copy(copy, held);
        home.Copy(copy, held + ".discarded");
        (await home.Line.DoAsync("send")).Out.ShouldContain("1 sent, 0 wait");
        Directory.EnumerateDirectories(Path.Combine(Spool.Root, "held")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Segments_that_were_altered_cut_or_emptied_are_named_and_the_others_are_listed_and_sent()
    {
        var good = HeldSegment.Write(home.Person);
        var bad = new List<(string Id, string File)>();
        Harm("input.age", path => Resize(path, -40));
        Harm("text.age", path => Flip(path));
        Harm("input.age", File.Delete);
        Harm("frames.age", File.Delete);
        Harm("elements.age", path => File.WriteAllBytes(path, []));
        Harm("input.age", path => File.WriteAllText(path, "junk"));
        Harm("frames.age", path => Resize(path, -1));

        var review = await home.Line.RunAsync("review");
        review.ShouldFail(CliExit.Failed, [.. bad.Select(segment => segment.Id), .. bad.Select(segment => segment.File), "hint: "]);
        review.Error.ShouldNotContain(good);
        review.Out.ShouldContain(good[..12]);
        review.Out.ShouldContain("6.5 s");
        foreach (var (id, file) in bad.Take(3)) (await home.Line.RunAsync("show", id)).ShouldFail(CliExit.Failed, id, file, "tutelage discard " + id);

        var sent = await home.Line.RunAsync("send");
        sent.Code.ShouldBe(CliExit.Failed, sent.Error);
        sent.Error.ShouldBeEmpty();
        sent.Out.ShouldContain($"{good[..12]} sent");
        sent.Out.ShouldContain($"1 sent, {bad.Count} wait");
        foreach (var (id, file) in bad) sent.Out.ShouldContain($"{id[..12]} waits: segment {id} is damaged: {file}");
        (await home.Line.DoAsync("discard", "--all", "--yes")).Out.ShouldContain($"{bad.Count} segments are gone");

        void Harm(string file, Action<string> harm)
        {
            var id = HeldSegment.Write(home.Person);
            harm(Path.Combine(Spool.Root, "held", id, file));
            bad.Add((id, file));
        }
    }

    /// <summary>A real upload to the real server, whose answer never arrives; or one that is cut before the server has it.</summary>
    private async Task<SendResult> SendAndLoseAsync(string id, bool stored)
    {
        using var enrolment = Enrolment.Load(home.Person);
        using var http = new HttpClient(new LostAnswers(stored) { InnerHandler = new SigningHandler(enrolment.Device, TimeProvider.System) { InnerHandler = new SocketsHttpHandler() } });
        return await new SegmentSender(Spool, enrolment, http).SendAsync(id, 0, null, CancellationToken.None);
    }

    private static void Resize(string path, int by)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(file.Length + by);
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^20] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private sealed class LostAnswers(bool stored) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (stored)
                using (var answer = await base.SendAsync(request, cancellationToken)) answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync(cancellationToken));
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "the connection was cut");
        }
    }
}
