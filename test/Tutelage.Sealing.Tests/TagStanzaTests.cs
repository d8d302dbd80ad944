namespace Tutelage.Sealing.Tests;

/// <summary>What a holder does with p256tag stanzas that are not as c2sp.org/age says.</summary>
public sealed class TagStanzaTests
{
    [Fact]
    public void A_stanza_of_wrong_shape_is_refused_and_one_for_another_is_passed_over()
    {
        using var identity = TagIdentity.Generate();
        using var key = FileKey.Generate();
        var good = identity.Recipient.Wrap(key);
        using var opened = identity.TryUnwrap(good);
        opened!.Bytes.ToArray().ShouldBe(key.Bytes.ToArray());

        Stanza[] refused =
        [
            good with { Arguments = [good.Arguments[0]] },
            good with { Arguments = [.. good.Arguments, "x"] },
            good with { Arguments = [good.Arguments[0] + "=", good.Arguments[1]] },
            good with { Arguments = [good.Arguments[0], good.Arguments[1][..^1]] },
            good with { Arguments = ["AAAAAAA", good.Arguments[1]] },
            good with { Body = good.Body[..^1] },
            good with { Body = [.. good.Body, 0] },
        ];
        foreach (var stanza in refused) Should.Throw<AgeFormatException>(() => identity.TryUnwrap(stanza));

        var tagOfNobody = CanonicalBase64.Encode([1, 2, 3, 4]);
        identity.TryUnwrap(good with { Type = "P256TAG" }).ShouldBeNull();
        identity.TryUnwrap(good with { Arguments = [tagOfNobody, good.Arguments[1]] }).ShouldBeNull();
        identity.TryUnwrap(good with { Body = [.. good.Body[..^1], (byte)(good.Body[^1] ^ 1)] }).ShouldBeNull();
    }

    [Fact]
    public void A_share_off_the_curve_with_the_right_tag_is_refused()
    {
        using var identity = TagIdentity.Generate();
        using var key = FileKey.Generate();
        var good = identity.Recipient.Wrap(key);
        var enc = CanonicalBase64.Decode(good.Arguments[1], "enc");
        enc[64] ^= 1;
        var tag = CanonicalBase64.Encode(identity.Recipient.Tag(enc));
        Should.Throw<AgeFormatException>(() => identity.TryUnwrap(good with { Arguments = [tag, CanonicalBase64.Encode(enc)] }));
    }
}
