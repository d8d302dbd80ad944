using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tutelage.Rules.Access;
using Tutelage.Testing;

namespace Tutelage.Rules.Tests;

public sealed class RuleBytesTests
{
    [Fact]
    public void Canonical_bytes_give_the_same_rules_back()
    {
        var again = RuleBytes.Decode(RuleBytes.Encode(ExampleRules.Rules));
        again.Faults.ShouldBeEmpty();
        again.Rules!.Digest.ShouldBe(ExampleRules.Rules.Digest);
        again.Rules.Sentences.ShouldAllBe(sentence => sentence.Line == 0);
    }

    [Fact]
    public void Layout_and_order_of_words_change_no_digest()
    {
        var other = ExampleRules.With("to: [train, evaluate]\n    from: [input, elements, derived]\n    up-to: personal", "up-to: \"personal\"\n    from:\n      - derived\n      - input\n      - elements\n    to: [evaluate, train]   # said otherwise");
        ExampleRules.Read(other).Digest.ShouldBe(ExampleRules.Rules.Digest);
        ExampleRules.Read(ExampleRules.With("ceiling: {frames: 3}", "ceiling: {frames: 3, text: 5}")).Digest.ShouldBe(ExampleRules.Rules.Digest);
        ExampleRules.Next("up-to: personal", "up-to: ordinary").Digest.ShouldNotBe(ExampleRules.Rules.Digest);
    }

    [Fact]
    public void Other_bytes_of_the_same_rules_are_refused()
    {
        var bytes = RuleBytes.Encode(ExampleRules.Rules);
        foreach (var other in new[] { [.. bytes, (byte)' '], [.. bytes, (byte)'\n'], Encoding.UTF8.GetBytes(ExampleRules.Text), [0xEF, 0xBB, 0xBF, .. bytes], new byte[RuleText.LongestText + 1] })
            RuleBytes.Decode(other).Rules.ShouldBeNull();
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var (right, wrong) in new[] { ("\"input\":5,", ""), ("[\"train\",\"evaluate\"]", "[\"evaluate\",\"train\"]"), ("\"up-to\"", "\"up\\u002dto\""), ("[\"modelling\"]", "\"modelling\""), ("\"Rita Öz\"", "\"Rita \\u00d6z\"") })
        {
            text.ShouldContain(right);
            RuleBytes.Decode(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal))).Faults.ShouldContain(fault => fault.What.Contains("not the canonical bytes", StringComparison.Ordinal), wrong);
        }
    }

    [Fact]
    public void Mutated_text_is_read_or_refused_with_a_fix_and_never_crashes() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(FuzzRounds.CountOfSlow), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            var text = new StringBuilder(ExampleRules.Text);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0: text[at] = (char)random.Next(1, 0x250); break;
                    case 1: text.Remove(at, Math.Min(random.Next(1, 30), text.Length - at)); break;
                    case 2: text.Insert(at, "&*!|>%@`[]{}:,-?<#'\"\n \\\t"[random.Next(24)]); break;
                    default: text.Insert(at, text.ToString(random.Next(text.Length / 2), random.Next(1, 60))); break;
                }
            }
            var reading = RuleText.Read(text.ToString());
            if (reading.Rules is not { } rules) return reading.Faults.Count > 0 && reading.Faults.All(fault => fault.Fix.Length > 0 && fault.What.Length > 0);
            return RuleBytes.Decode(RuleBytes.Encode(rules)).Rules?.Digest == rules.Digest && Enum.GetValues<DataClass>().All(kept => RuleSet.Counted(rules.Sentences, kept).Count <= rules.Ceilings[kept]);
        }));

    [Fact]
    public void Mutated_bytes_are_refused_or_mean_exactly_what_they_say() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(FuzzRounds.CountOfSlow), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            var bytes = RuleBytes.Encode(ExampleRules.Rules);
            for (var change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var reading = RuleBytes.Decode(bytes);
            return reading.Rules is { } rules ? RuleBytes.Encode(rules).AsSpan().SequenceEqual(bytes) : reading.Faults.Count > 0;
        }));
}
