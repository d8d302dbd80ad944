using Tutelage.Identity;
using Tutelage.Rules.Halting;

namespace Tutelage.Server.Tests;

/// <summary>What vault and auditor say decides what comes in: by epoch, freshly, both of them.</summary>
public sealed class IngestEpochTests : IDisposable
{
    private readonly Scene _scene = new();

    [Fact]
    public async Task Only_objects_of_admitted_epochs_come_in_and_others_are_refused_by_name()
    {
        using var server = _scene.Start();
        var device = server.Client(_scene.Device);
        var before = _scene.SegmentOf(0);
        (await device.SendAsync(before)).Status.ShouldBe(200);
        (await device.SendAsync(_scene.SegmentOf(1))).ShouldBeRefused(403, "other-epoch", "epoch 1");

        // Halted at one of the two is halted.
        server.Said.Vault = new(1, Stage.Halted, 0);
        server.AwaitIngest("halted");
        var waiting = _scene.SegmentOf(0);
        (await device.SendAsync(waiting)).ShouldBeRefused(503, "halted", "keep what you hold");
        server.Said.Auditor = new(1, Stage.Halted, 0);
        server.Said.Vault = new(1, Stage.Ingest, 1);
        server.AwaitIngest("halted");
        (await device.SendAsync(_scene.SegmentOf(1))).ShouldBeRefused(503, "halted");
        _scene.Stored().Count(path => path.EndsWith("header", StringComparison.Ordinal)).ShouldBe(1);

        // Resumed without what waited.
        server.Said.Auditor = new(1, Stage.Ingest, 1);
        server.AwaitIngest("open");
        (await device.SendAsync(waiting)).ShouldBeRefused(403, "other-epoch", waiting.Id, "epochs 1 to 1");
        (await device.SendAsync(_scene.SegmentOf(1))).Status.ShouldBe(200);
        (await device.SendAsync(before)).Json.GetProperty("stored").GetBoolean().ShouldBeFalse(); // a lost answer is asked for again, also across a halt
    }

    [Fact]
    public async Task Without_a_fresh_signed_word_of_both_nothing_comes_in()
    {
        using var server = _scene.Start(open: false);
        using var impostor = SigningKey.Generate();
        var device = server.Client(_scene.Device);
        (await device.SendAsync(_scene.SegmentOf(0))).ShouldBeRefused(503, "no-word", "send again later");

        server.Said.Impostor = impostor;
        File.WriteAllText(Path.Combine(_scene.Data, "programme.json"), server.Said.Card);
        await AskedTwiceAsync(server);
        server.AwaitIngest("no-word");
        server.Said.Impostor = null;
        server.AwaitIngest("open");

        // An answer to another question, however well signed, makes nothing fresher.
        server.Said.OtherNonce = new string('0', 32);
        server.AwaitIngest("no-word");
        (await device.SendAsync(_scene.SegmentOf(0))).ShouldBeRefused(503, "no-word");
        server.Said.OtherNonce = null;
        server.AwaitIngest("open");

        // Frozen for as long as a word lasts, it wakes with old words and takes nothing on them.
        server.Said.Auditor = null;
        server.AwaitIngest("no-word");
        _scene.Stored().ShouldBeEmpty();
    }

    public void Dispose() => _scene.Dispose();

    private static async Task AskedTwiceAsync(RunningServer server)
    {
        using var client = server.Client(null); // one: the server takes 256 connections at once
        var asked = server.Said.Asked;
        while (server.Said.Asked < asked + 4) await client.AskAsync("/v1/status");
    }
}
