using System.Text;

namespace Tutelage.Ledger.Tests;

public sealed class SignedNoteTests
{
    /// <summary>RFC 8032 section 7.1, tests 1 to 3.</summary>
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Ed25519_is_that_of_the_RFC(string seed, string publicKey, string message, string signature)
    {
        Convert.ToHexStringLower(Ed25519.PublicKey(Convert.FromHexString(seed))).ShouldBe(publicKey);
        Convert.ToHexStringLower(Ed25519.Sign(Convert.FromHexString(seed), Convert.FromHexString(message))).ShouldBe(signature);
        Ed25519.Verify(Convert.FromHexString(publicKey), Convert.FromHexString(message), Convert.FromHexString(signature)).ShouldBeTrue();
        Ed25519.Verify(Convert.FromHexString(publicKey), [1, 2, 3], Convert.FromHexString(signature)).ShouldBeFalse();
    }

    /// <summary>The example of golang.org/x/mod/sumdb/note, whose format c2sp.org/signed-note wrote down.</summary>
    [Fact]
    public void A_note_that_another_implementation_signed_verifies()
    {
        var key = VerifierKey.Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        const string Note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Note)).ShouldNotBeNull();
        note.VerifiedBy(key).ShouldNotBeNull().ShouldHaveSingleItem().Key.ShouldBe(key);
        Encoding.UTF8.GetString(note.ToBytes()).ShouldBe(Note);
        (note with { Text = note.Text.Replace("problem", "riddle", StringComparison.Ordinal) }).VerifiedBy(key).ShouldBeNull();
    }

    [Fact]
    public void A_bad_signature_of_a_known_key_rejects_the_note_and_unknown_signers_are_ignored()
    {
        using var known = LogSigner.Generate("known");
        using var stranger = LogSigner.Generate("stranger");
        var note = new SignedNote("text\n", [known.Sign("text\n"), stranger.Sign("other\n")]);
        note.VerifiedBy(known.VerifierKey).ShouldNotBeNull().ShouldHaveSingleItem();
        note.VerifiedBy(stranger.VerifierKey).ShouldBeNull();
        note.VerifiedBy(known.VerifierKey, stranger.VerifierKey).ShouldBeNull();
        note.VerifiedBy().ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public void A_cosignature_carries_its_time_and_no_other_time_verifies()
    {
        using var log = LogSigner.Generate("log");
        using var witness = Cosigner.Generate("witness");
        var time = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var checkpoint = new Checkpoint("log", 0, MerkleTree.Empty);
        var note = new SignedNote(checkpoint.Text, [log.Sign(checkpoint.Text)]).With(witness.Cosign(checkpoint.Text, time));
        var opened = Checkpoint.Open(note.ToBytes(), log.VerifierKey, witness.VerifierKey).ShouldNotBeNull();
        opened.Cosignatures.ShouldHaveSingleItem().Time.ShouldBe(time);
        opened.Checkpoint.ShouldBe(checkpoint);

        var blob = note.Signatures[1].Bytes.ToArray();
        blob[7] ^= 1;
        var redated = note.With(note.Signatures[1] with { Bytes = blob });
        Checkpoint.Open(redated.ToBytes(), log.VerifierKey, witness.VerifierKey).ShouldBeNull();
    }

    [Fact]
    public void A_key_survives_its_text_and_a_changed_text_is_no_key()
    {
        using var signer = LogSigner.Generate("example.com/log");
        VerifierKey.Parse(signer.VerifierKey.Text).ShouldBe(signer.VerifierKey);
        var text = signer.VerifierKey.Text;
        for (var i = 0; i < text.Length; i++)
        {
            var changed = string.Concat(text.AsSpan(0, i), text[i] == 'x' ? "y" : "x", text.AsSpan(i + 1));
            if (VerifierKey.TryParse(changed, out var read)) read.ShouldNotBe(signer.VerifierKey);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("log\n1\n\n")]
    [InlineData("log\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("log\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n")]
    [InlineData("log\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("log\n0\ndQnmAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    public void What_is_no_checkpoint_is_none(string text) => Checkpoint.Parse(text).ShouldBeNull();
}
