using Tutelage.Redaction.Detection;

namespace Tutelage.Redaction.Tests.Detection;

/// <summary>A table per detector: what it must find and what comes near and is something else. Each block cites its source.</summary>
public sealed class DetectorTableTests
{
    private static readonly string B64 = "wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY0123456789abcdefABCDEFghijklmnopqrstuvwxyz";
    private static readonly string Hex = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdef0123456789abcdef";

    [Theory]
    // Test numbers published by Stripe, PayPal and Adyen for their sandboxes.
    [InlineData("4111111111111111")]
    [InlineData("4242 4242 4242 4242")]
    [InlineData("5555-5555-5555-4444")]
    [InlineData("2223003122003222")]
    [InlineData("3782 822463 10005")]
    [InlineData("6011 1111 1111 1117")]
    [InlineData("3530111333300000")]
    [InlineData("3056 9309 0259 04")]
    [InlineData("6205 5000 0000 0000 004")]
    [InlineData("4222222222222")]
    [InlineData("card: 4539 5787 6362 1486, exp 12/27")]
    [InlineData("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2")]
    [InlineData("4242\n4242\n4242\n4242")]
    [InlineData("4242.4242.4242.4242")]
    [InlineData("４２４２　４２４２　４２４２　４２４２")]
    [InlineData("4242\u200b4242\u200d4242\ufeff4242")]
    [InlineData("٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢")]
    [InlineData("\U0001D7D2\U0001D7D0\U0001D7D2\U0001D7D04242 4242 4242")]
    [InlineData("14242424242424242")]
    public void Payment_cards_are_found(string text) => Has(text, FindingKind.PaymentCard);

    [Theory]
    [InlineData("4111111111111112")] // Luhn off by one
    [InlineData("1234567812345670")] // Luhn right, no issuer begins with 1
    [InlineData("353879234567890")] // an IMEI's length and prefix
    [InlineData("2026-03-14 10:22:31 2026")]
    [InlineData("4111 1111 and later 1111 1111")]
    [InlineData("0000 0000 0000 0000")]
    public void Other_numbers_are_no_payment_cards(string text) => HasNot(text, FindingKind.PaymentCard);

    [Theory]
    // Examples of SWIFT's IBAN registry.
    [InlineData("GB29NWBK60161331926819")]
    [InlineData("GB29 NWBK 6016 1331 9268 19")]
    [InlineData("de89 3704 0044 0532 0130 00")]
    [InlineData("FR14 2004 1010 0505 0001 3M02 606")]
    [InlineData("NO9386011117947")]
    [InlineData("NL91 ABNA 0417 1643 00.")]
    [InlineData("MT84MALT011000012345MTLCAST001S")]
    [InlineData("DE89-3704-0044\n0532-0130-00")]
    [InlineData("D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0")]
    [InlineData("ＤＥ８９ 3704 0044 0532 0130 00")]
    public void Bank_accounts_are_found(string text) => Has(text, FindingKind.Iban);

    [Theory]
    [InlineData("GB29NWBK60161331926818")]
    [InlineData("ZZ29NWBK60161331926819")]
    [InlineData("DE89 3704 0044 0532 0130")]
    [InlineData("XDE89370400440532013000")]
    public void Other_codes_are_no_bank_accounts(string text) => HasNot(text, FindingKind.Iban);

    [Theory]
    // RFC 5321 and RFC 6532 forms; domains of RFC 2606.
    [InlineData("jane.doe@example.com")]
    [InlineData("JANE+tag@Sub.Example.CO.UK")]
    [InlineData("<o'brien_99@example.org>")]
    [InlineData("用户@例子.公司")]
    [InlineData("x@xn--bcher-kva.example")]
    [InlineData("jane.doe@exam\nple.com")]
    [InlineData("jane . doe @ example . com")]
    [InlineData("jane\u200b.doe＠example.com")]
    public void Email_addresses_are_found(string text) => Has(text, FindingKind.EmailAddress);

    [Theory]
    [InlineData("meet @ noon")]
    [InlineData("@mention of somebody")]
    [InlineData("a@b")]
    [InlineData("user@localhost")]
    public void Other_at_signs_are_no_email_addresses(string text) => HasNot(text, FindingKind.EmailAddress);

    [Theory]
    // E.164; NANP numbers of the 555-01xx block; Ofcom's and the Bundesnetzagentur's drama numbers.
    [InlineData("+1 212 555 0142")]
    [InlineData("+44 20 7946 0958")]
    [InlineData("0049 30 23125 014")]
    [InlineData("(212) 555-0142")]
    [InlineData("212.555.0142")]
    [InlineData("020 7946 0958")]
    [InlineData("089/99998-145")]
    [InlineData("+33-1-99-00-12-34")]
    public void Phone_numbers_are_found(string text) => Has(text, FindingKind.PhoneNumber);

    [Theory]
    [InlineData("01/02/2024 10:30")]
    [InlineData("2026-03-14")]
    [InlineData("1,482.50")]
    [InlineData("page 12 of 340")]
    [InlineData("123-456-7890")] // no area code begins with 1
    [InlineData("3.14159265358979")]
    public void Other_numbers_are_no_phone_numbers(string text) => HasNot(text, FindingKind.PhoneNumber);

    public static TheoryData<string> Tokens => new()
    {
        // Formats: AWS IAM identifiers; GitHub, GitLab, Slack, Stripe, OpenAI, Google Cloud, npm, SendGrid, Twilio, Shopify, DigitalOcean, Hugging Face and Azure documentation.
        // Put together here so that no scanner takes this file for a leak.
        "AKIA" + "IOSFODNN7EXAMPLE",
        "asia" + "iosfodnn7example",
        "ghp_" + B64[..36],
        "gho_" + B64[8..44],
        "github_pat_" + B64[..22] + "_" + B64[..59],
        "glpat-" + B64[..20],
        "xoxb-" + "123456789012-1234567890123-" + B64[..24],
        "https://hooks.slack.com/services/" + "T00000000/B00000000/" + B64[..24],
        "sk_live_" + B64[..24],
        "rk_test_" + B64[..24],
        "whsec_" + B64[..32],
        "sk-" + B64[..48],
        "sk-proj-" + B64[..48],
        "sk-ant-api03-" + B64[..60],
        "AIza" + "SyD-" + B64[..31],
        "npm_" + B64[..36],
        "SG." + B64[..22] + "." + B64[..43],
        "SK" + Hex[..32],
        "shpat_" + Hex[..32],
        "dop_v1_" + Hex,
        "hf_" + B64[..34],
        "AccountKey=" + B64[..76] + B64[..10] + "==",
        "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE"[..58],
        "AKIA IOSF ODNN 7EXA MPLE",
        "ghp_" + B64[..18] + "\n" + B64[18..36],
        "ｇｈｐ＿" + B64[..36],
        "gh\u200bp_" + B64[..36],
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Vendor_tokens_are_found(string text)
    {
        Has("Your key: " + text + " (keep it)", FindingKind.VendorToken);
        Has(text, FindingKind.VendorToken);
    }

    [Theory]
    [InlineData("AKIA and the others")]
    [InlineData("task-based-assessment-of-something-longer")]
    [InlineData("Asia and the Pacific region in 2024")]
    [InlineData("ghp_short")]
    [InlineData("risk-adjusted")]
    [InlineData("npm_config_registry")]
    [InlineData("secret_santa_list")]
    [InlineData("AC adapter for 240 V")]
    public void Other_words_are_no_vendor_tokens(string text) => HasNot(text, FindingKind.VendorToken);

    [Fact]
    public void Web_tokens_are_found_whole_and_wrapped()
    {
        // RFC 7519, section 3.1.
        const string token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        Has("Bearer " + token, FindingKind.VendorToken);
        Has(token.Insert(60, "\n   "), FindingKind.VendorToken);
        HasNot("eyeglasses.are.here", FindingKind.VendorToken);
    }

    [Fact]
    public void Private_keys_are_found_to_their_end()
    {
        var text = "before\n-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
        Has(text, FindingKind.PrivateKey).Start.ShouldBe(7);
        Has("-----BEGIN " + "PRIVATE KEY----- cut off", FindingKind.PrivateKey).End.ShouldBe(35);
        HasNot("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----", FindingKind.PrivateKey);
    }

    [Theory]
    [InlineData("postgres://app:hunter22@db.example.com/x")]
    [InlineData("https://example.com/cb?access_token=Zx81Zx81Zx81")]
    [InlineData("password = correcthorse")]
    [InlineData("API key: abcd1234")]
    [InlineData("Authorization: Bearer abcdefghij0123456789")]
    public void Secrets_by_their_place_are_found(string text) => Has(text, FindingKind.UrlCredentials);

    [Theory]
    [InlineData("https://example.com/a?page=12")]
    [InlineData("Password")]
    [InlineData("Password:")]
    [InlineData("see http://example.com:8080/path")]
    public void Other_addresses_and_labels_hold_no_secrets(string text) => HasNot(text, FindingKind.UrlCredentials);

    [Theory]
    [InlineData("wJalrXUtnFEMI7K7MDENGbPxRfiCYz9Qk2LmN4o8")]
    [InlineData("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("x7kq2m9vz4pt8wd1nh5rb3cy6")]
    public void Random_strings_are_found(string text) => Has("value " + text, FindingKind.HighEntropy);

    [Theory]
    [InlineData("InternationalizationTestCase2024")]
    [InlineData("src/Tutelage/Redaction/Detection/Detector.cs")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa11")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("quarterly-report-2024-final-version")]
    public void Names_of_things_are_not_random(string text) => HasNot(text, FindingKind.HighEntropy);

    [Theory]
    // Specimens that the issuing offices or Wikipedia's articles on each number print.
    [InlineData("078-05-1120")]
    [InlineData("SSN: 219099999")]
    [InlineData("130 692 544")]
    [InlineData("AB 12 34 56 C")]
    [InlineData("44051401359")]
    [InlineData("86 095 742 719")]
    [InlineData("12345678Z")]
    [InlineData("X1234567L")]
    [InlineData("2 55 08 14 168 025 38")]
    [InlineData("RSSMRA85T10A562S")]
    [InlineData("BSN 111222333")]
    [InlineData("85.07.30-033.28")]
    [InlineData("756.9217.0769.85")]
    [InlineData("811218-9876")]
    [InlineData("131052-308T")]
    [InlineData("111.444.777-35")]
    [InlineData("9999 4105 7058")]
    public void National_numbers_are_found(string text) => Has(text, FindingKind.NationalId);

    [Theory]
    [InlineData("000-12-3456")]
    [InlineData("666-12-3456")]
    [InlineData("912-12-3456")]
    [InlineData("123-00-4567")]
    [InlineData("130 692 545")]
    [InlineData("GB 12 34 56 C")]
    [InlineData("44051401358")]
    [InlineData("12345678A")]
    [InlineData("756.9217.0769.84")]
    [InlineData("111.444.777-36")]
    [InlineData("9999 4105 7059")]
    public void Numbers_that_do_not_check_are_no_national_numbers(string text) => HasNot(text, FindingKind.NationalId);

    [Theory]
    // Documentation addresses: RFC 5737, RFC 3849, RFC 7042.
    [InlineData("192.0.2.17")]
    [InlineData("2001:db8::8a2e:370:7334")]
    [InlineData("00:00:5E:00:53:AF")]
    [InlineData("0000.5e00.53af")]
    public void Network_addresses_are_found(string text) => Has("at " + text + ".", FindingKind.NetworkAddress);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("300.1.2.3")]
    [InlineData("10:22:31")]
    [InlineData("1.2.3")]
    [InlineData("std::vector")]
    public void Other_dots_and_colons_are_no_network_addresses(string text) => HasNot(text, FindingKind.NetworkAddress);

    [Theory]
    [InlineData("Date of birth: 14.03.1971")]
    [InlineData("born on 14 March 1971")]
    [InlineData("geboren am 14.3.1971")]
    public void Dates_of_birth_are_found(string text) => Has(text, FindingKind.BirthDate);

    [Fact]
    public void A_date_alone_is_no_date_of_birth() => HasNot("Due date: 14.03.2026", FindingKind.BirthDate);

    [Fact]
    public void Positions_are_those_of_the_text_as_given()
    {
        const string text = "Pay ４２４２\u200b ４２４２ 4242 4242 now";
        var finding = Has(text, FindingKind.PaymentCard);
        text.Substring(finding.Start, finding.Length).ShouldBe("４２４２\u200b ４２４２ 4242 4242");
    }

    [Fact]
    public void A_detector_that_throws_says_which_one_and_nothing_of_the_text()
    {
        var set = new DetectorSet([new ThrowingDetector()]);
        Should.Throw<DetectorFailedException>(() => set.Find("very private text")).Message.ShouldNotContain("private");
    }

    private static Finding Has(string text, FindingKind kind)
    {
        var findings = TextScan.Find(text);
        findings.ShouldContain(finding => finding.Kind == kind, text);
        return findings.First(finding => finding.Kind == kind);
    }

    private static void HasNot(string text, FindingKind kind) => TextScan.Find(text).ShouldNotContain(finding => finding.Kind == kind, text);
}

internal sealed class ThrowingDetector : Detector
{
    public override void Find(NormalisedText text, ICollection<Finding> findings) => throw new InvalidOperationException(text.Original);
}
