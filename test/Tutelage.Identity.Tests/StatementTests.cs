using System.Text;
using System.Text.Json;
using Tutelage.Testing;

namespace Tutelage.Identity.Tests;

public sealed class StatementTests
{
    private sealed record Approval(string Grant, string EffectSha256);

    [Fact]
    public void A_statement_survives_JSON_alone_and_inside_another_message()
    {
        using var key = SigningKey.Generate();
        var statement = SignedStatement.Sign(key, "approval", new Approval("g-7", "ab"));
        foreach (var read in new[]
        {
            SignedStatement.Parse(statement.ToJson()),
            JsonSerializer.Deserialize<Dictionary<string, SignedStatement>>(
                JsonSerializer.Serialize(new Dictionary<string, SignedStatement> { ["receipt"] = statement }))!["receipt"],
        })
        {
            read.Verify(key.Public, "approval").ShouldBeTrue();
            read.Read<Approval>().ShouldBe(new Approval("g-7", "ab"));
            read.KeyId.ShouldBe(key.Public.Id);
            Encoding.UTF8.GetString(read.Payload.Span).ShouldBe("""{"grant":"g-7","effect_sha256":"ab"}""");
        }
    }

    [Fact]
    public void Bytes_are_signed_as_they_are_in_whatever_they_come()
    {
        using var key = SigningKey.Generate();
        var bytes = "{}"u8.ToArray();
        SignedStatement[] statements =
        [
            SignedStatement.Sign(key, "approval", bytes), SignedStatement.Sign(key, "approval", bytes.AsSpan()),
            SignedStatement.Sign(key, "approval", (ReadOnlyMemory<byte>)bytes),
        ];
        foreach (var statement in statements) statement.Payload.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public void A_statement_holds_for_its_kind_key_and_bytes_only()
    {
        using var key = SigningKey.Generate();
        using var other = SigningKey.Generate();
        var statement = SignedStatement.Sign(key, "approval", "{}"u8);
        statement.Verify(key.Public, "denial").ShouldBeFalse();
        statement.Verify(other.Public, "approval").ShouldBeFalse();

        // Neither the kind nor the border between kind and payload can be moved.
        var json = statement.ToJson();
        SignedStatement.Parse(json.Replace("approval", "denial")).Verify(key.Public, "denial").ShouldBeFalse();
        SignedStatement.Parse(json.Replace(Base64UrlText.Encode("{}"u8), Base64UrlText.Encode("{ }"u8))).Verify(key.Public, "approval").ShouldBeFalse();
        foreach (var kind in new[] { "", "a\nb", "A", "a b", "ä", new string('a', 65) })
            Should.Throw<FormatException>(() => SignedStatement.Sign(key, kind, "{}"u8));
    }

    [Fact]
    public void Text_that_is_no_statement_is_refused_by_name()
    {
        using var key = SigningKey.Generate();
        var json = SignedStatement.Sign(key, "approval", "{}"u8).ToJson();
        string[] refused =
        [
            "", "null", "{}", "[]", "7", json[..^1], json + "x",
            json.Replace("\"key\"", "\"kex\""), json.Replace("{\"kind\"", "{\"extra\":1,\"kind\""), json.Replace("{\"kind\"", "{\"kind\":\"denial\",\"kind\""),
            json.Replace("approval", "App roval"), json.Replace("\"payload\":\"", "\"payload\":\"="),
        ];
        foreach (var text in refused) Should.Throw<FormatException>(() => SignedStatement.Parse(text), text);
        Should.Throw<FormatException>(() => SignedStatement.Sign(key, "big", new byte[SignedStatement.MaxPayloadSizeBytes + 1]));
        Should.Throw<FormatException>(() => SignedStatement.Sign(key, "approval", "{\"grant\":1}"u8).Read<Approval>());
    }

    [Fact]
    public void Mutated_statements_never_verify()
    {
        using var key = SigningKey.Generate();
        var statement = SignedStatement.Sign(key, "approval", new Approval("g-7", "ab"));
        var json = statement.ToJson();
        var random = new Random(20263);
        for (var i = 0; i < FuzzRounds.Count; i++)
        {
            var at = random.Next(json.Length);
            var mutated = (random.Next(3)) switch
            {
                0 => json.Remove(at, 1),
                1 => json.Insert(at, ((char)random.Next(32, 127)).ToString()),
                _ => json.Remove(at, 1).Insert(at, ((char)random.Next(32, 127)).ToString()),
            };
            try
            {
                var read = SignedStatement.Parse(mutated);
                if (!read.Verify(key.Public, "approval")) continue;
                read.Payload.ToArray().ShouldBe(statement.Payload.ToArray(), $"seed 20263, case {i}"); // white space between members is all that may differ
            }
            catch (FormatException)
            {
            }
        }
    }
}
