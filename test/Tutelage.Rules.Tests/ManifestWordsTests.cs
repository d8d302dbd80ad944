using Tutelage.Rules.Capture;

namespace Tutelage.Rules.Tests;

/// <summary>What a person reads before they agree, word for word: a sentence that is not true of the manifest would be a false agreement.</summary>
public sealed class ManifestWordsTests
{
    [Fact]
    public void A_manifest_is_told_in_full()
    {
        var words = ManifestWords.Of(ManifestTests.Read("""
            tutelage-manifest: 1
            programme: Words
            version: 3
            timing-quantum-ms: 50
            hold-minutes: 0
            offline-minutes: 0
            frames-per-second: 4
            capture:
              - app: chromium
                site: https://tracker.test/
                classes: [frames, elements, text, input]
                fields:
                  - {role: textbox, name: Title, text: keep}
                  - {role: searchbox, name: Who, text: surrogate}
              - app: mousepad
                classes: [text]
              - app: gimp
                classes: [input]
            """));
        words.ShouldBe([
            "Programme \"Words\", version 3.",
            "Recorded in chromium, only at https://tracker.test/ and below: pointer, clicks and shortcuts, text of the fields named below, buttons, menus, labels and the like, the screen with its content blanked out.",
            "  What you write into the textbox \"Title\" is kept as written, unless it looks like a secret.",
            "  What you write into the searchbox \"Who\" is replaced by an invented text of the same kind.",
            "Recorded in mousepad: text of the fields named below.",
            "  Whatever you write becomes its shape (how long, what kind), never its letters.",
            "Recorded in gimp: pointer, clicks and shortcuts.",
            "Nothing is recorded anywhere else. Password fields, private windows, password managers, lock screens, health, bank, tax, legal and union sites never are.",
            "Times are rounded to 50 ms. The screen is looked at no more than 4 times a second, when it changes.",
            "Recordings are sent as soon as they are sealed.",
            "Without a connection recording stops within a minute.",
            "You can pause at any time, for as long as you like, without a reason."]);
    }

    [Fact]
    public void A_manifest_holds_what_its_text_says_and_the_defaults_where_it_says_nothing()
    {
        var said = ManifestTests.Read("{tutelage-manifest: 1, programme: P, version: 9, timing-quantum-ms: 7, hold-minutes: 8, offline-minutes: 6, frames-per-second: 5, capture: [{app: gimp, title-suffix: x, classes: [input]}]}");
        (said.Programme, said.Version, said.QuantumMs, said.HoldMinutes, said.OfflineMinutes, said.FramesPerSecond).ShouldBe(("P", 9, 7, 8, 6, 5));
        (said.Rules[0].Name, said.Rules[0].Title).ShouldBe(("gimp", "x"));
        said.Digest.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(ManifestBytes.Encode(said))));
        var unsaid = ManifestTests.Read("{tutelage-manifest: 1, programme: P, version: 9, capture: [{app: chromium, site: 'https://a.test/b', classes: [input]}]}");
        (unsaid.QuantumMs, unsaid.HoldMinutes, unsaid.OfflineMinutes, unsaid.FramesPerSecond).ShouldBe((50, 60, 0, 4));
        unsaid.Rules[0].Name.ShouldBe("chromium at https://a.test/b/");
    }
}
