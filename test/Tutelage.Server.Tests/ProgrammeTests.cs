namespace Tutelage.Server.Tests;

public sealed class ProgrammeTests
{
    [Fact]
    public async Task Programme_is_told_to_anybody_once_the_operator_has_described_it()
    {
        using var scene = new Scene();
        using var server = scene.Start(open: false);
        var anybody = server.Client(key: null);
        (await anybody.AskAsync("/v1/programme")).ShouldBeRefused(404, "no-programme");

        File.WriteAllText(Path.Combine(scene.Data, "programme.json"), """{"version":1}""");
        var answer = await anybody.AskAsync("/v1/programme");
        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("""{"version":1}""");
        answer.Headers["Cache-Control"].ShouldBe("no-store");
    }
}
