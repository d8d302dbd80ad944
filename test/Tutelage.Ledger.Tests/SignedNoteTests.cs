using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
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

    [Fact]
    public void Keys_and_signatures_of_another_length_verify_nothing()
    {
        using var signer = LogSigner.Generate("log");
        var (seed, message) = (signer.Export(), "message"u8.ToArray());
        var (key, signature) = (Ed25519.PublicKey(seed), Ed25519.Sign(seed, message));
        Ed25519.Verify(key, message, signature).ShouldBeTrue();
        Ed25519.Verify([.. key, 0], message, signature).ShouldBeFalse();
        Ed25519.Verify(key, message, [.. signature, 0]).ShouldBeFalse();
        foreach (var length in (int[])[0, 31, 33])
        {
            Should.Throw<CryptographicException>(() => Ed25519.PublicKey(new byte[length])).Message.ShouldContain("32 bytes");
            Should.Throw<CryptographicException>(() => Ed25519.Sign(new byte[length], message)).Message.ShouldContain("32 bytes");
            Should.Throw<CryptographicException>(() => LogSigner.Import("log", new byte[length])).Message.ShouldContain("note key");
            Should.Throw<CryptographicException>(() => Cosigner.Import("log", new byte[length])).Message.ShouldContain("note key");
        }
    }

    [Fact]
    public void Notes_are_read_at_their_bounds_and_no_further()
    {
        using var signer = LogSigner.Generate("log");
        string Note(string text, int signatures = 1) => $"{text}\n{string.Concat(Enumerable.Repeat(signer.Sign(text).Line, signatures))}";
        SignedNote? Read(string note) => SignedNote.Parse(Encoding.UTF8.GetBytes(note));
        Read(Note("a\n\nb\n")).ShouldNotBeNull().Text.ShouldBe("a\n\nb\n");
        Read(Note("\n")).ShouldNotBeNull().Text.ShouldBe("\n");
        Read(Note("a\n", 100)).ShouldNotBeNull().Signatures.Count.ShouldBe(100);
        Read(Note("a\n", 101)).ShouldBeNull();
        var room = SignedNote.MaxSizeBytes - Encoding.UTF8.GetByteCount(Note("\n"));
        Read(Note(new string('a', room) + "\n")).ShouldNotBeNull().Text.Length.ShouldBe(room + 1);
        Read(Note(new string('a', room + 1) + "\n")).ShouldBeNull();
        foreach (var wrong in (string[])["", "a", "a\n", "\n", "a\n\n", Note("a\n")[..^1], Note("a\n") + "\n", Note("a\n") + "\n\n", Note("a\n") + "b\n", Note("a\tb\n"), Note("a\0\n"), Note("a\r\n"), Note("a\u001f\n")]) Read(wrong).ShouldBeNull(wrong);
        SignedNote.Parse([0xFF, .. Encoding.UTF8.GetBytes(Note("a\n"))]).ShouldBeNull();
    }

    [Fact]
    public void A_signature_line_has_one_spelling()
    {
        NoteSignature? Read(string line) => NoteSignature.TryParse(line, out var signature) ? signature : null;
        Read("\u2014 log AAAAAQI=").ShouldNotBeNull().Bytes.ToArray().ShouldBe([2]);
        Read("\u2014 log AAAAAQI=").ShouldNotBeNull().KeyId.ShouldBe(1u);
        foreach (var wrong in (string[])["", "\u2014 ", "\u2014 log", "- log AAAAAQI=", "\u2014  log AAAAAQI=", "\u2014 log AAAAAQI= x", "\u2014 l+g AAAAAQI=", "\u2014 log AAAAAQ==", "\u2014 log AAAAAQJ=", "\u2014 log AAAAAQI", "\u2014 log AAAA!QI=", "\u2014 log AAAAAQI\t="])
            Read(wrong).ShouldBeNull(wrong);
    }

    [Fact]
    public void Names_of_keys_are_single_words_without_plus()
    {
        foreach (var name in (string[])["a", "example.com/log", "\u00fc", new string('a', 255)])
        {
            using var signer = LogSigner.Generate(name);
            VerifierKey.Parse(signer.VerifierKey.Text).Name.ShouldBe(name);
        }

        foreach (var name in (string[])["", new string('a', 256), "a b", "a+b", "a\u0001b", "a\u00a0b", "a\n"]) Should.Throw<FormatException>(() => LogSigner.Generate(name), name);
    }

    [Fact]
    public void The_text_of_a_key_has_its_length_its_kind_and_its_id()
    {
        using var signer = LogSigner.Generate("log");
        var (id, key) = ($"{signer.VerifierKey.KeyId:x8}", Ed25519.PublicKey(signer.Export()));
        string Of(params byte[] bytes) => $"log+{id}+{Convert.ToBase64String(bytes)}";
        VerifierKey.TryParse(Of([1, .. key]), out _).ShouldBeTrue();
        foreach (var wrong in (string[])[Of([1, .. key, 0]), Of([1, .. key[..31]]), Of([2, .. key]), Of([4, .. key]), Of(), $"log+{id}+!!!!", $"log+{id}", $"log+0{id}+{Of([1, .. key])[13..]}", $"log+{id[..7]}g+{Of([1, .. key])[13..]}", $"+{id}+{Of([1, .. key])[13..]}"])
            VerifierKey.TryParse(wrong, out _).ShouldBeFalse(wrong);
        Should.Throw<FormatException>(() => VerifierKey.Parse("log"));
    }

    [Fact]
    public void A_cosignature_holds_one_time_of_64_bits_and_one_signature()
    {
        using var witness = Cosigner.Generate("witness");
        const string Text = "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        var seed = witness.Export();
        SignedNote At(ulong seconds, params byte[] more)
        {
            var time = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(time, seconds);
            var signature = Ed25519.Sign(seed, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{Text}")));
            return new SignedNote(Text, [new NoteSignature("witness", witness.VerifierKey.KeyId, (byte[])[.. time, .. signature, .. more])]);
        }

        const ulong Latest = 253_402_300_799; // 9999-12-31T23:59:59Z, the last second of our type
        At(Latest).VerifiedBy(witness.VerifierKey).ShouldNotBeNull().ShouldHaveSingleItem().Time.ShouldBe(DateTimeOffset.FromUnixTimeSeconds((long)Latest));
        foreach (var beyond in (ulong[])[Latest + 1, long.MaxValue]) At(beyond).VerifiedBy(witness.VerifierKey).ShouldNotBeNull().ShouldHaveSingleItem().Time.ShouldBeNull();
        At(1UL << 63).VerifiedBy(witness.VerifierKey).ShouldBeNull();
        At(7, 0).VerifiedBy(witness.VerifierKey).ShouldBeNull();
        foreach (var cut in (int[])[0, 7, 8, 71])
        {
            var note = At(7);
            var cutNote = note with { Signatures = [note.Signatures[0] with { Bytes = note.Signatures[0].Bytes[..cut] }] };
            cutNote.VerifiedBy(witness.VerifierKey).ShouldBeNull();
        }
    }

    [Fact]
    public void A_note_keeps_one_signature_of_each_key_and_a_logs_own_has_no_time()
    {
        using var log = LogSigner.Generate("log");
        using var same = LogSigner.Generate("log");
        var note = new SignedNote("text\n", [log.Sign("text\n")]);
        note.VerifiedBy(log.VerifierKey).ShouldNotBeNull().ShouldHaveSingleItem().Time.ShouldBeNull();
        note.With(same.Sign("text\n")).Signatures.Count.ShouldBe(2);
        note.With(log.Sign("text\n") with { Name = "gol" }).Signatures.Count.ShouldBe(2);
        note.With(log.Sign("text\n")).Signatures.Count.ShouldBe(1);
        note.With(log.Sign("other\n")).VerifiedBy(log.VerifierKey).ShouldBeNull();
    }
}
