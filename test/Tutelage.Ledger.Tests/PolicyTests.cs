using System.Text;

namespace Tutelage.Ledger.Tests;

public sealed class PolicyTests
{
    [Fact]
    public void Groups_of_groups_decide_as_the_specification_example_says()
    {
        using var log = LogSigner.Generate("log.example");
        var keys = new Dictionary<string, VerifierKey>(StringComparer.Ordinal);
        var text = new StringBuilder($"# who is believed\n\n\tlog {log.VerifierKey} https://log.example/\n");
        foreach (var name in (string[])["X1", "X2", "X3", "Y1", "Y2"])
        {
            using var witness = Cosigner.Generate("witness.example/" + name);
            keys.Add(name, witness.VerifierKey);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"witness {name} {witness.VerifierKey}\n");
        }

        var policy = LogPolicy.Parse(text.Append("group X 2 X1 X2 X3\ngroup Y any Y1 Y2\ngroup both all X Y\nquorum both\n").ToString());
        Met("X1", "X2", "Y2").ShouldBeTrue();
        Met("X1", "X3", "Y1", "Y2").ShouldBeTrue();
        Met("X1", "X2", "X3").ShouldBeFalse();
        Met("X1", "Y1", "Y2").ShouldBeFalse();
        Met().ShouldBeFalse();

        bool Met(params string[] names) => policy.Quorum.IsMetBy([.. names.Select(n => keys[n])]);
    }

    [Fact]
    public void A_policy_survives_its_text_and_each_wrong_line_is_named()
    {
        using var log = LogSigner.Generate("log");
        using var one = Cosigner.Generate("witness");
        using var two = Cosigner.Generate("other");
        var (l, w, v) = ($"log {log.VerifierKey}\n", $"witness w {one.VerifierKey}\n", $"witness v {two.VerifierKey}\n");
        var made = new LogPolicy(log.VerifierKey, [one.VerifierKey, two.VerifierKey], 1);
        LogPolicy.Parse(made.Text).Text.ShouldBe(made.Text);
        LogPolicy.Parse(made.Text).Quorum.IsNone.ShouldBeFalse();
        LogPolicy.Parse(new LogPolicy(log.VerifierKey, [one.VerifierKey], 0).Text).Quorum.IsNone.ShouldBeTrue();
        LogPolicy.Parse(l + w + v + "group g 2 w v\nquorum g\n").Quorum.IsMetBy([one.VerifierKey]).ShouldBeFalse();
        LogPolicy.Parse(l + "quorum none\n").Quorum.IsNone.ShouldBeTrue();
        LogPolicy.Parse([.. "# caf\u00e9 in Latin-1: "u8, 0xE9, (byte)'\n', .. Encoding.ASCII.GetBytes(l + "quorum none\n")]).Log.ShouldBe(log.VerifierKey);
        foreach (var wrong in (string[])
        [
            "", l, w + "quorum w\n", l + "quorum w\n" + w, l + w + "quorum w\nquorum w\n", l + l + "quorum none\n", l + w + w + "quorum w\n", l + w + $"witness x {one.VerifierKey}\nquorum w\n",
            l + w + v + "group g 3 w v\nquorum g\n", l + w + v + "group g 0 w v\nquorum g\n", l + w + v + "group g 01 w v\nquorum g\n", l + w + "group g any\nquorum g\n", l + w + "group g any w w\nquorum g\n",
            l + w + v + "group g any w\ngroup h any w v\nquorum g\n", l + w + "group none any w\nquorum none\n", l + w + "group w any w\nquorum w\n", l + "quorum 0\n", l + $"witness w {log.VerifierKey}\nquorum w\n",
            $"log {one.VerifierKey}\nquorum none\n", l + "witnes x\nquorum none\n", l + "quorum none\r\n", l + "quorum\u00a0none\n", l + "quorum none none\n", l + "group g any none\nquorum g\n",
        ])
            Should.Throw<FormatException>(() => LogPolicy.Parse(wrong), wrong);
        Should.Throw<FormatException>(() => LogPolicy.Parse(l + "quorum nobody\n")).Message.ShouldContain("'nobody'");
        Should.Throw<FormatException>(() => LogPolicy.Parse(new byte[70_000])).Message.ShouldContain("70000");
    }

    [Fact]
    public void A_checkpoint_of_any_listed_log_is_opened()
    {
        using var first = LogSigner.Generate("a.example");
        using var second = LogSigner.Generate("b.example");
        var policy = LogPolicy.Parse($"log {first.VerifierKey}\nlog {second.VerifierKey}\nquorum none\n");
        var checkpoint = new Checkpoint("b.example", 0, MerkleTree.Empty);
        policy.Open(new SignedNote(checkpoint.Text, [second.Sign(checkpoint.Text)]).ToBytes(), out var audited).ShouldNotBeNull().Checkpoint.ShouldBe(checkpoint);
        audited.ShouldBeFalse();
        policy.Open(new SignedNote(checkpoint.Text, [first.Sign(checkpoint.Text)]).ToBytes(), out _).ShouldBeNull();
    }

    [Fact]
    public void A_policy_that_wants_nobody_is_never_audited_and_one_that_wants_somebody_only_by_them()
    {
        using var log = LogSigner.Generate("log");
        using var one = Cosigner.Generate("one");
        using var two = Cosigner.Generate("two");
        var text = new Checkpoint("log", 0, MerkleTree.Empty).Text;
        var note = new SignedNote(text, [log.Sign(text), one.Cosign(text, DateTimeOffset.UnixEpoch)]).ToBytes();
        bool AuditedBy(int quorum, params VerifierKey[] witnesses)
        {
            new LogPolicy(log.VerifierKey, witnesses, quorum).Open(note, out var audited).ShouldNotBeNull();
            return audited;
        }

        AuditedBy(0).ShouldBeFalse();
        AuditedBy(0, one.VerifierKey).ShouldBeFalse();
        AuditedBy(1, one.VerifierKey).ShouldBeTrue();
        AuditedBy(1, two.VerifierKey).ShouldBeFalse();
        AuditedBy(1, one.VerifierKey, two.VerifierKey).ShouldBeTrue();
        AuditedBy(2, one.VerifierKey, two.VerifierKey).ShouldBeFalse();
        foreach (var quorum in (int[])[-1, 3]) Should.Throw<ArgumentOutOfRangeException>(() => new LogPolicy(log.VerifierKey, [one.VerifierKey, two.VerifierKey], quorum));
        WitnessQuorum.None.IsMetBy([]).ShouldBeTrue();
        WitnessQuorum.Of(one.VerifierKey).IsNone.ShouldBeFalse();

        // One witness named straight away, and all of a group.
        LogPolicy.Parse($"log {log.VerifierKey}\nwitness w {one.VerifierKey} https://w/\nquorum w\n").Open(note, out var straight).ShouldNotBeNull();
        straight.ShouldBeTrue();
        LogPolicy.Parse($"log {log.VerifierKey}\nwitness w {one.VerifierKey}\nwitness v {two.VerifierKey}\ngroup g all w v\nquorum g\n").Open(note, out var all).ShouldNotBeNull();
        all.ShouldBeFalse();
    }

    [Fact]
    public void A_policy_is_read_at_its_bounds_and_no_further()
    {
        using var log = LogSigner.Generate("log");
        var (first, last) = ($"log {log.VerifierKey}\n", "quorum none\n");
        var room = 64 * 1024 - first.Length - last.Length - 2;
        LogPolicy.Parse($"{first}#{new string('x', room)}\n{last}").Log.ShouldBe(log.VerifierKey);
        Should.Throw<FormatException>(() => LogPolicy.Parse($"{first}#{new string('x', room + 1)}\n{last}")).Message.ShouldContain("65536");
        LogPolicy.Parse(Encoding.UTF8.GetBytes($"{first}#{new string('x', room)}\n{last}")).Log.ShouldBe(log.VerifierKey);
        Should.Throw<FormatException>(() => LogPolicy.Parse(Encoding.UTF8.GetBytes($"{first}#{new string('x', room + 1)}\n{last}"))).Message.ShouldContain("65536");
        Should.Throw<FormatException>(() => LogPolicy.Parse([.. Encoding.UTF8.GetBytes(first + "quorum \u00e9"), 0xC3, (byte)'\n'])).Message.ShouldContain("not UTF-8");
        foreach (var control in (char[])['\0', '\u001f', '\u007f']) Should.Throw<FormatException>(() => LogPolicy.Parse($"{first}# {control}\n{last}")).Message.ShouldContain("control character");

        // 256 names and 256 logs, and not one more.
        string Groups(int count) => first + Witness(0) + string.Concat(Enumerable.Range(1, count - 1).Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"group g{i} any {(i == 1 ? "w0" : $"g{i - 1}")}\n"))) + last;
        LogPolicy.Parse(Groups(256)).Witnesses.Count.ShouldBe(1);
        Should.Throw<FormatException>(() => LogPolicy.Parse(Groups(257))).Message.ShouldContain("over 256 names");
        var logs = Enumerable.Range(0, 257).Select(_ => { using var one = LogSigner.Generate("l"); return $"log {one.VerifierKey}\n"; }).ToArray();
        LogPolicy.Parse(string.Concat(logs[..256]) + last).Logs.Count.ShouldBe(256);
        Should.Throw<FormatException>(() => LogPolicy.Parse(string.Concat(logs) + last)).Message.ShouldContain("over 256 keys");
    }

    private static string Witness(int number)
    {
        using var witness = Cosigner.Generate("witness");
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"witness w{number} {witness.VerifierKey}\n");
    }
}
