using System.Collections.Frozen;

namespace Tutelage.Rules.Capture;

/// <summary>What no manifest can allow (requirements R4 and R28): password managers, lock screens, and sites of health, banks, tax, law and unions.</summary>
/// <remarks>Sites are recognised by whole words in host and path, so the list errs on the side of blocking. It is a floor below the allow-list, not a substitute for it.</remarks>
public static class PermanentBlocks
{
    private static readonly FrozenSet<string> Apps = new[]
    {
        "keepassxc", "keepass", "keepass2", "1password", "bitwarden", "dashlane", "enpass", "lastpass", "seahorse", "org.gnome.seahorse.application",
        "pinentry", "pinentry-gtk-2", "pinentry-gnome3", "gcr-prompter", "polkit-gnome-authentication-agent-1", "kwalletmanager5",
        "xscreensaver", "i3lock", "light-locker", "gnome-screensaver", "xlock", "swaylock", "veracrypt", "signal", "signal-desktop",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Browsers = new[]
    {
        "chromium", "chromium-browser", "google-chrome", "firefox", "firefox-esr", "navigator", "brave-browser", "microsoft-edge", "opera", "vivaldi-stable",
        "epiphany", "falkon", "konqueror", "midori", "librewolf",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Words = new[]
    {
        "bank", "banking", "onlinebanking", "ebanking", "payroll", "tax", "taxes", "steuer", "elster", "irs", "hmrc", "health", "healthcare", "clinic", "clinics",
        "hospital", "patient", "patients", "pharmacy", "therapy", "doctor", "medical", "insurance", "legal", "lawyer", "lawyers", "attorney", "counsel", "union", "unions",
        "gewerkschaft", "betriebsrat", "workscouncil", "works-council", "organizing", "organising", "whistleblower", "ethics-line", "password", "passwords", "vault", "keychain",
        "login", "signin", "sso", "oauth",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsBrowser(string app) => Browsers.Contains(app);

    /// <summary>The word that blocks, or null.</summary>
    public static string? Match(string app, string? address)
    {
        if (Apps.Contains(app)) return app;
        if (!SitePattern.TryReadAddress(address, out var parsed)) return null;
        foreach (var part in $"{parsed.IdnHost}{parsed.AbsolutePath}".ToLowerInvariant().Split('.', '/', '_', ':'))
        {
            if (Words.Contains(part)) return part;
            foreach (var word in part.Split('-'))
                if (Words.Contains(word)) return word;
        }
        return null;
    }
}
