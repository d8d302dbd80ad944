using System.Text;
using Tutelage.Rules.Capture;
using Tutelage.Rules.Grants;
using Tutelage.Rules.Objects;

namespace Tutelage.Rules.Tests;

/// <summary>Each check at its edge, one at a time: a check that could be taken out without a test noticing is no check.</summary>
public sealed class EveryCheckTests
{
    private static readonly string Tag = new('a', 32);
    private static readonly Person Researcher = new(Ruled.ResearcherKey, Role.Researcher, null);
    private static readonly GrantRequest Build = new(Purpose.Train, [DataClass.Input, DataClass.Frames], [Tag], JobKind.DatasetBuild, null, null, null, 60);
    private static readonly GrantRequest Export = new(Purpose.Train, [DataClass.Derived], [Tag], JobKind.DatasetExport, "d1", "Lab 3", "age1tag1xyz", 60) { Format = ExportFormat.Agentnet };

    private static readonly ObjectHeader Header = new(
        new('0', 32), ObjectKind.Segment, Tag, 0, new('r', 64), new('f', 64), new('D', 64), [new(DataClass.Input, 0, new byte[32], new byte[] { 1 }, new byte[] { 2 })]);

    public static TheoryData<string, GrantRequest, string> Requests() => new()
    {
        { "minutes 0", Build with { Minutes = 0 }, "minutes is 0" },
        { "minutes 1441", Build with { Minutes = 1441 }, "minutes is 1441" },
        { "keys 0", Build with { Keys = 0 }, "keys is 0" },
        { "keys over a million", Build with { Keys = GrantRules.MostKeys + 1 }, "keys is 1000001" },
        { "no class", Build with { Classes = [] }, "no class is named" },
        { "class twice", Build with { Classes = [DataClass.Input, DataClass.Input] }, "a class is named twice" },
        { "no tag", Build with { Tags = [] }, "no person is named" },
        { "tag twice", Build with { Tags = [Tag, Tag] }, "a person is named twice" },
        { "tag of right length with one wrong letter", Build with { Tags = [new string('a', 31) + "*"] }, "is not a person's tag" },
        { "tag short", Build with { Tags = [new('a', 31)] }, "is not a person's tag" },
        { "review", Build with { Purpose = Purpose.Review }, "cannot be granted yet" },
        { "incident", Build with { Purpose = Purpose.Incident }, "cannot be granted yet" },
        { "derived beside input", Build with { Classes = [DataClass.Input, DataClass.Derived] }, "a build opens classes of segments" },
        { "model beside input", Build with { Classes = [DataClass.Input, DataClass.Model] }, "a build opens classes of segments" },
        { "no input", Build with { Classes = [DataClass.Frames] }, "a build needs input" },
        { "build with holder", Build with { Holder = "x" }, "a build has no holder" },
        { "build with recipient", Build with { HolderRecipient = "age1x" }, "a build has no holder" },
        { "build with format", Build with { Format = ExportFormat.Agentnet }, "a build has no export format" },
        { "export of frames", Export with { Classes = [DataClass.Frames] }, "an export opens derived" },
        { "export of more", Export with { Classes = [DataClass.Derived, DataClass.Frames] }, "an export opens derived" },
        { "export of nothing named", Export with { DataSet = " " }, "an export names its data set" },
        { "export without format", Export with { Format = null }, "an export names its format" },
        { "export without holder", Export with { Holder = "" }, "an export names who will hold it" },
        { "export without recipient", Export with { HolderRecipient = null }, "an export names the age recipient" },
        { "export to no recipient", Export with { HolderRecipient = "ssh-rsa" }, "an export names the age recipient" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_with_one_fault_is_refused_for_that_fault(string fault, GrantRequest request, string reason) =>
        Ruled.DecideRequest(request, Researcher).Reasons.ShouldContain(said => said.Contains(reason, StringComparison.Ordinal), fault);

    [Theory]
    [InlineData(1)]
    [InlineData(1440)]
    public void Minutes_at_the_edge_are_allowed(int minutes) => Ruled.DecideRequest(Build with { Minutes = minutes }, Researcher).Reasons.ShouldBeEmpty();

    [Theory]
    [InlineData(1)]
    [InlineData(GrantRules.MostKeys)]
    public void Keys_at_the_edge_are_allowed(int keys) => Ruled.DecideRequest(Build with { Keys = keys }, Researcher).Reasons.ShouldBeEmpty();

    [Fact]
    public void An_approval_names_the_digest_of_exactly_these_bytes()
    {
        var request = Build with { Tags = [Tag, new('0', 32)], Classes = [DataClass.Frames, DataClass.Input], Keys = 7 };
        var bytes = $$"""{"tutelage-grant":1,"grant":"g","requester":"r","purpose":"train","job":"dataset-build","classes":["input","frames"],"tags":["{{new string('0', 32)}}","{{Tag}}"],"data-set":null,"holder":null,"holder-recipient":null,"format":null,"minutes":60,"keys":7}""";
        request.EffectDigest("g", "r").ShouldBe(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(bytes)));
        (request with { Keys = 8 }).EffectDigest("g", "r").ShouldNotBe(request.EffectDigest("g", "r"));
    }

    [Fact]
    public void Roles_ask_only_for_their_own_purposes()
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            var person = new Person(Ruled.ResearcherKey, role, role == Role.Participant ? Tag : null);
            foreach (var purpose in new[] { Purpose.Train, Purpose.Evaluate }) Ruled.DecideRequest(Build with { Purpose = purpose }, person).Allowed.ShouldBe(role == Role.Researcher, $"{role} {purpose}");
            Ruled.DecideRequest(Build with { Purpose = Purpose.OwnView }, person).Allowed.ShouldBe(role == Role.Participant, $"{role} own view");
        }
        Ruled.DecideRequest(Build with { Purpose = Purpose.OwnView, Tags = [Tag, new('b', 32)] }, new("x", Role.Participant, Tag)).Allowed.ShouldBeFalse("one's own and another's");
    }

    [Fact]
    public void Only_two_other_stewards_release()
    {
        VerifiedApproval By(string id, Role role) => new(new(id, role, null));
        bool Allowed(params VerifiedApproval[] approvals) => Ruled.DecideRelease(Build, Researcher, approvals).Allowed;
        Allowed().ShouldBeFalse();
        Allowed(By("s", Role.Steward)).ShouldBeFalse();
        Allowed(By("s", Role.Steward), By("t", Role.Auditor)).ShouldBeFalse();
        Allowed(By("s", Role.Steward), By(Ruled.ResearcherKey, Role.Steward)).ShouldBeFalse();
        Allowed(By("s", Role.Steward), By("t", Role.Steward)).ShouldBeTrue();
        Ruled.DecideRelease(Build with { Minutes = 0 }, Researcher, [By("s", Role.Steward), By("t", Role.Steward)]).Allowed.ShouldBeFalse("approved, and still against the rules");
    }

    [Fact]
    public void What_stewards_read_names_all_that_they_approve()
    {
        var (other, build) = (new string('0', 32), Build.Effect("g7", "key9"));
        foreach (var words in new[] { "g7", "key9", "60 minutes", "train", "input, frames", "1 person (", Tag, "build a sealed data set" }) build.ShouldContain(words);
        (Build with { Tags = [Tag, other], Classes = [DataClass.Frames, DataClass.Input] }).Effect("g", "r").ShouldContain($"input, frames of 2 persons ({other}, {Tag})");
        var export = Export.Effect("g", "r");
        foreach (var words in new[] { "d1", "plain files (agentnet)", "Lab 3", "age1tag1xyz", "outside our control" }) export.ShouldContain(words);
    }

    [Fact]
    public void The_order_in_which_classes_and_people_are_named_changes_nothing()
    {
        var two = Build with { Tags = [Tag, new('0', 32)] };
        (two with { Tags = [new('0', 32), Tag], Classes = [DataClass.Frames, DataClass.Input] }).EffectDigest("g", "r").ShouldBe(two.EffectDigest("g", "r"));
    }

    public static TheoryData<string, string> Headers() => new()
    {
        { "id of 31", "id" }, { "id upper", "id" }, { "tag of 31", "tag" }, { "tag upper", "tag" }, { "tag empty", "tag" }, { "device empty", "device" }, { "device of 65", "device" }, { "device with a dot", "device" },
        { "manifest of 63", "manifest" }, { "epoch -1", "epoch" }, { "redactor of 65", "redactor" }, { "redactor with a slash", "redactor" }, { "redactor upper", "redactor" }, { "no files", "files" }, { "class twice", "files" },
        { "size -1", "size" }, { "export's tag with a dot", "tag" }, { "digest of 31", "sha256" }, { "second file's size -1", "size" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_with_one_fault_is_refused_for_that_fault(string fault, string named)
    {
        var file = Header.Files[0];
        var faulty = fault switch
        {
            "id of 31" => Header with { ObjectId = new('0', 31) },
            "id upper" => Header with { ObjectId = new('A', 32) },
            "tag of 31" => Header with { Tag = new('a', 31) },
            "tag upper" => Header with { Tag = new string('a', 31) + "A" },
            "tag empty" => Header with { Kind = ObjectKind.Export, Tag = "" },
            "device empty" => Header with { Device = "" },
            "device of 65" => Header with { Device = new('D', 65) },
            "device with a dot" => Header with { Device = "abc.d" },
            "export's tag with a dot" => Header with { Kind = ObjectKind.Export, Tag = "abc.d" },
            "manifest of 63" => Header with { Manifest = new('f', 63) },
            "epoch -1" => Header with { Epoch = -1 },
            "redactor of 65" => Header with { Redactor = new('r', 65) },
            "redactor with a slash" => Header with { Redactor = "a/b" },
            "redactor upper" => Header with { Redactor = "aB" },
            "no files" => Header with { Files = [] },
            "class twice" => Header with { Files = [file, file] },
            "size -1" => Header with { Files = [file with { SizeBytes = -1 }] },
            "digest of 31" => Header with { Files = [file with { Sha256 = new byte[31] }] },
            _ => Header with { Files = [file, file with { Class = DataClass.Text, SizeBytes = -1 }] },
        };
        HeaderBytes.TryDecode(HeaderBytes.Encode(faulty), out _, out var why).ShouldBeFalse();
        why.ShouldContain(named);
    }

    [Fact]
    public void Headers_at_the_edge_are_read()
    {
        ObjectHeader[] good = [Header, Header with { Manifest = "" }, Header with { Kind = ObjectKind.Export, Tag = new('T', 64) }, Header with { Redactor = "" },
            Header with { Files = [.. Enum.GetValues<DataClass>().Select(kept => Header.Files[0] with { Class = kept })] }];
        foreach (var header in good) HeaderBytes.TryDecode(HeaderBytes.Encode(header), out _, out var fault).ShouldBeTrue(fault);
    }

    [Theory]
    [InlineData(",", ", ")]
    [InlineData("\"epoch\":0", "\"epoch\":1,\"epoch\":0")]
    [InlineData("\"epoch\":0", "\"epoch\":0,\"path\":\"/etc\"")]
    [InlineData("\"epoch\":0", "\"epoch\":0e0")]
    [InlineData("\"kind\":\"segment\"", "\"kind\":\"segm\\u0065nt\"")]
    public void The_same_header_in_other_bytes_is_refused(string canonical, string other)
    {
        var text = Encoding.UTF8.GetString(HeaderBytes.Encode(Header));
        HeaderBytes.TryDecode(Encoding.UTF8.GetBytes(text.Replace(canonical, other, StringComparison.Ordinal)), out var header, out var fault).ShouldBeFalse();
        header.ShouldBeNull();
        fault.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("\"tutelage-object\":1", "\"tutelage-object\":2", "header version 2 is not known here")]
    [InlineData("\"kind\":\"segment\"", "\"kind\":\"0\"", "kind must be one of")]
    [InlineData("\"class\":\"input\"", "\"class\":\"everything\"", "class must be one of")]
    public void A_word_that_is_not_of_the_vocabulary_is_named(string right, string wrong, string named)
    {
        var text = Encoding.UTF8.GetString(HeaderBytes.Encode(Header));
        HeaderBytes.TryDecode(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal)), out _, out var fault).ShouldBeFalse();
        fault.ShouldContain(named);
    }

    [Fact]
    public void The_longest_header_and_address_are_read_and_one_byte_more_is_not()
    {
        var left = HeaderBytes.LongestHeader - HeaderBytes.Encode(Header with { Files = [Header.Files[0] with { OuterHeader = Array.Empty<byte>(), InnerHeader = Array.Empty<byte>() }] }).Length;
        var padding = left % 4; // base64 grows by four letters; the redactor takes the rest
        var longest = Header with { Redactor = new('r', 60 + padding), Files = [Header.Files[0] with { OuterHeader = new byte[(left + 4 - padding) / 4 * 3], InnerHeader = Array.Empty<byte>() }] };
        var bytes = HeaderBytes.Encode(longest);
        bytes.Length.ShouldBe(HeaderBytes.LongestHeader);
        HeaderBytes.TryDecode(bytes, out _, out var fault).ShouldBeTrue(fault);
        HeaderBytes.TryDecode(HeaderBytes.Encode(longest with { Redactor = longest.Redactor + "r" }), out _, out fault).ShouldBeFalse();
        fault.ShouldContain("at most");

        var address = "https://tracker.test/" + new string('a', 4096 - 21);
        SitePattern.TryParse(address, out _).ShouldBeTrue();
        SitePattern.TryParse(address + "a", out _).ShouldBeFalse();
    }

    [Fact]
    public void The_narrowest_rule_decides_and_words_say_what_was_agreed()
    {
        var manifest = ManifestText.Read("""
            tutelage-manifest: 1
            programme: Edges
            version: 2
            timing-quantum-ms: 20
            hold-minutes: 15
            offline-minutes: 30
            frames-per-second: 2
            capture:
              - app: chromium
                site: https://tracker.test/
                classes: [frames, elements, input]
              - app: chromium
                site: https://tracker.test/secret/
                classes: [input]
              - app: mousepad
                classes: [text, input]
            """).Manifest.ShouldNotBeNull();
        Gate.Decide(manifest, "chromium", "https://tracker.test/secret/a", false).Verdict.ShouldBe(GateVerdict.Shape);
        Gate.Decide(manifest, "chromium", "https://tracker.test/open", false).Verdict.ShouldBe(GateVerdict.Capture);
        var words = ManifestWords.Of(manifest);
        string[] expected = ["Programme \"Edges\", version 2.", "Recorded in chromium, only at https://tracker.test/secret/ and below: pointer, clicks and shortcuts.", "Recorded in mousepad: pointer, clicks and shortcuts, text of the fields named below.",
            "  Whatever you write becomes its shape (how long, what kind), never its letters.", "Times are rounded to 20 ms. The screen is looked at no more than 2 times a second, when it changes.",
            "Recordings wait 15 minutes on your machine; until then you can look at them and discard them.", "Without a connection recording may go on for 30 minutes.", "You can pause at any time, for as long as you like, without a reason."];
        foreach (var line in expected) words.ShouldContain(line);
        words.Count(line => line.StartsWith("  Whatever", StringComparison.Ordinal)).ShouldBe(1);
        words.ShouldContain(line => line.StartsWith("Nothing is recorded anywhere else.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tutelage-manifest: 1", "tutelage-manifest: 2", "from 1 to 1")]
    [InlineData("tutelage-manifest: 1\n", "", "'tutelage-manifest' is missing")]
    [InlineData("    classes: [input]", "    classes: [input]\n    everywhere: true", "'everywhere' is not known here")]
    [InlineData("text: keep}", "text: keep, also: more}", "'also' is not known here")]
    [InlineData("role: textbox, ", "", "'role' is missing")]
    [InlineData("name: Merchant, ", "", "'name' is missing")]
    [InlineData("text: keep}", "text: [keep, surrogate]}", "'text' must name one of")]
    [InlineData("text: keep}", "role2: x}", "'text' is missing")]
    [InlineData("    classes: [input]", "    classes: []", "'classes' must name at least one")]
    [InlineData("    classes: [input]\n", "", "'classes' is missing")]
    [InlineData("{role: textbox, name: Merchant, text: keep}", "Merchant", "must be a mapping")]
    [InlineData("app: mousepad", "app: \"mouse\\npad\"", "'app' must be a text")]
    [InlineData("programme: Practice pilot", "programme: LONG", "'programme' must be a text")]
    [InlineData("hold-minutes: 0", "hold-minutes: 10081", "from 0 to 10080")]
    public void A_manifest_with_one_fault_is_refused_for_that_fault(string right, string wrong, string expected)
    {
        var yaml = (ManifestTests.Example + "\n").Replace("\r", "", StringComparison.Ordinal).Replace(right, wrong.Replace("LONG", new string('x', 81), StringComparison.Ordinal), StringComparison.Ordinal);
        var reading = ManifestText.Read(yaml);
        reading.Manifest.ShouldBeNull();
        reading.Faults.ShouldContain(fault => fault.What.Contains(expected, StringComparison.Ordinal), string.Join("; ", reading.Faults.Select(fault => fault.ToString())));
    }

    [Fact]
    public void A_manifest_at_its_edges_is_read_and_beyond_them_is_not()
    {
        ManifestText.Read(ManifestTests.Example.Replace("Practice pilot", new string('x', 80), StringComparison.Ordinal)).Manifest.ShouldNotBeNull();
        var beginning = ManifestTests.Example[..ManifestTests.Example.IndexOf("capture:", StringComparison.Ordinal)];
        foreach (var empty in new[] { "capture: []\n", "capture: everything\n", "" })
            ManifestText.Read(beginning + empty).Faults.ShouldContain(fault => fault.What.Contains("'capture' must be a list of", StringComparison.Ordinal));
        var longest = ManifestTests.Example + "\n#" + new string('x', ManifestText.LongestText - ManifestTests.Example.Length - 2);
        ManifestText.Read(longest).Manifest.ShouldNotBeNull();
        ManifestText.Read(longest + "x").Faults.ShouldHaveSingleItem().What.ShouldContain("at most");
    }

    [Fact]
    public void What_a_receipt_names_covers_every_number_of_the_manifest()
    {
        var digest = ManifestText.Read(ManifestTests.Example).Manifest!.Digest;
        foreach (var line in new[] { "timing-quantum-ms: 51", "hold-minutes: 1", "offline-minutes: 1", "frames-per-second: 3" })
        {
            var key = line[..line.IndexOf(':', StringComparison.Ordinal)];
            var lines = ManifestTests.Example.Split('\n').Where(old => !old.StartsWith(key, StringComparison.Ordinal)).ToList();
            lines.Insert(3, line);
            ManifestText.Read(string.Join('\n', lines)).Manifest.ShouldNotBeNull().Digest.ShouldNotBe(digest, line);
        }
    }

    [Theory]
    [InlineData("https://tracker.test/?q", false)]
    [InlineData("https://tracker.test/#f", false)]
    [InlineData("https://me@tracker.test/", false)]
    [InlineData("ftp://tracker.test/", false)]
    [InlineData("", false)]
    [InlineData("https://tracker.test:8443/a", true)]
    public void A_site_is_an_origin_and_a_path(string text, bool read) => SitePattern.TryParse(text, out _).ShouldBe(read);

    [Theory]
    [InlineData("https://tracker.test/a", true)]
    [InlineData("https://tracker.test/a/b?q=1", true)]
    [InlineData("https://tracker.test/ab", false)]
    [InlineData("https://tracker.test:8443/a", false)]
    [InlineData("http://tracker.test/a", false)]
    [InlineData("https://tracker.test/a/%2e%2e/b", false)]
    [InlineData("https://tracker.test/a%2Fb", false)]
    [InlineData("https://tracker.test/a/..%5cb", false)]
    public void A_site_reaches_its_own_path_and_no_neighbour(string address, bool matches)
    {
        SitePattern.TryParse("https://tracker.test/a", out var site).ShouldBeTrue();
        site!.Path.ShouldBe("/a/");
        site.Matches(address).ShouldBe(matches);
    }
}
