using Tutelage.Rules.Capture;

namespace Tutelage.Rules.Tests;

/// <summary>What nobody can agree to have recorded (requirements R4 and R28). A word or program that leaves the list takes a test with it.</summary>
public sealed class PermanentBlocksTests
{
    [Theory]
    [InlineData("keepassxc keepass keepass2 1password bitwarden dashlane enpass lastpass seahorse org.gnome.seahorse.application")]
    [InlineData("pinentry pinentry-gtk-2 pinentry-gnome3 gcr-prompter polkit-gnome-authentication-agent-1 kwalletmanager5")]
    [InlineData("xscreensaver i3lock light-locker gnome-screensaver xlock swaylock veracrypt signal signal-desktop")]
    public void Password_managers_lock_screens_and_private_messengers_are_blocked(string apps)
    {
        foreach (var app in apps.Split(' ')) PermanentBlocks.Match(app, null).ShouldBe(app);
    }

    [Theory]
    [InlineData("bank banking onlinebanking ebanking payroll tax taxes steuer elster irs hmrc insurance")]
    [InlineData("health healthcare clinic clinics hospital patient patients pharmacy therapy doctor medical")]
    [InlineData("legal lawyer lawyers attorney counsel union unions gewerkschaft betriebsrat workscouncil works-council organizing organising whistleblower ethics-line")]
    [InlineData("password passwords vault keychain login signin sso oauth")]
    public void Sites_of_health_money_law_unions_and_passwords_are_blocked_in_host_and_path(string words)
    {
        foreach (var word in words.Split(' '))
        {
            foreach (var address in new[] { $"https://{word}.example/", $"https://my.{word}.example/a", $"https://tracker.example/a/{word}", $"https://tracker.example/a/{word.ToUpperInvariant()}/b", $"https://tracker.example/x_{word}", $"https://tracker.example/x:{word}" })
                PermanentBlocks.Match("chromium", address).ShouldBe(word, address);
            PermanentBlocks.Match("chromium", $"https://tracker.example/{word}y/").ShouldBeNull("only whole words");
            PermanentBlocks.Match("chromium", $"https://tracker.example/?q={word}").ShouldBeNull("a search is no place");
        }
        PermanentBlocks.Match("chromium", "https://the-bank-of.example/").ShouldBe("bank");
    }

    [Fact]
    public void Every_browser_needs_a_site()
    {
        foreach (var browser in "chromium chromium-browser google-chrome firefox firefox-esr navigator brave-browser microsoft-edge opera vivaldi-stable epiphany falkon konqueror midori librewolf".Split(' '))
            PermanentBlocks.IsBrowser(browser).ShouldBeTrue(browser);
        PermanentBlocks.IsBrowser("mousepad").ShouldBeFalse();
        PermanentBlocks.Match("mousepad", null).ShouldBeNull();
        PermanentBlocks.Match("mousepad", "no address of a bank").ShouldBeNull();
    }
}
