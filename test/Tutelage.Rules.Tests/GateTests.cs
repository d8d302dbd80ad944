using Tutelage.Rules.Capture;

namespace Tutelage.Rules.Tests;

public sealed class GateTests
{
    private static readonly CaptureManifest Manifest = ManifestTests.Read(ManifestTests.Example);

    [Theory]
    [InlineData("chromium", "http://127.0.0.1:4000/expense-form/?seed=3", GateVerdict.Capture, GateReason.Allowed)]
    [InlineData("Chromium", "http://127.0.0.1:4000/expense-form", GateVerdict.Capture, GateReason.Allowed)]
    [InlineData("chromium", "http://127.0.0.1:4000/expense-formula/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "http://127.0.0.1:4001/expense-form/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "https://127.0.0.1:4000/expense-form/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "http://127.0.0.1:4000/expense-form/../inbox/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "http://127.0.0.1:4000/expense-form/%2e%2e/inbox/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "http://127.0.0.1:4000/expense-form/..%2finbox/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "http://me:pw@127.0.0.1:4000/expense-form/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", "http://127.0.0.1:4000/expense-form/payroll/", GateVerdict.Nothing, GateReason.Blocked)]
    [InlineData("chromium", "file:///expense-form/", GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData("chromium", null, GateVerdict.Nothing, GateReason.ContextUnknown)]
    [InlineData("mousepad", null, GateVerdict.Shape, GateReason.Allowed)]
    [InlineData("keepassxc", null, GateVerdict.Nothing, GateReason.Blocked)]
    [InlineData("xterm", null, GateVerdict.Nothing, GateReason.NotAllowed)]
    [InlineData(null, null, GateVerdict.Nothing, GateReason.ContextUnknown)]
    public void Context_gets_its_verdict(string? app, string? document, GateVerdict verdict, GateReason reason)
    {
        var decision = Gate.Decide(Manifest, app, document, isPrivate: false);
        (decision.Verdict, decision.Reason).ShouldBe((verdict, reason));
        (decision.Rule is null).ShouldBe(verdict == GateVerdict.Nothing);
    }

    [Fact]
    public void A_private_window_is_never_captured() =>
        Gate.Decide(Manifest, "chromium", "http://127.0.0.1:4000/expense-form/", isPrivate: true).Reason.ShouldBe(GateReason.PrivateWindow);
}
