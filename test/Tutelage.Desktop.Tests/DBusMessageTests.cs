using Tutelage.Desktop.DBus;

namespace Tutelage.Desktop.Tests;

public sealed class DBusMessageTests
{
    private const int Seed = 20260;

    [Fact]
    public void A_call_reads_back_as_it_was_written()
    {
        var bytes = Written(new("org.example", "/a/b", "org.example.I", "M", "ssv", "é", "", true));
        var message = DBusMessage.Parse(bytes);
        (message.Type, message.Serial, message.Path, message.Interface, message.Member, message.Signature).ShouldBe((DBusMessageType.Call, 7u, "/a/b", "org.example.I", "M", "ssv"));
        var body = message.Read();
        body.String().ShouldBe("é");
        body.String().ShouldBe("");
        body.Signature().ShouldBe("b");
        body.UInt32().ShouldBe(1u);
        body.AtEnd.ShouldBeTrue();
    }

    [Fact]
    public void Several_calls_stand_one_after_the_other_without_a_gap()
    {
        var writer = new DBusWriter();
        new DBusCall("org.a", "/a", "org.a", "A", "s", "x").Write(writer, 1);
        var first = writer.Length;
        new DBusCall("org.b", "/b", "org.b", "B").Write(writer, 2);
        DBusMessage.Measure(writer.Written).ShouldBe(first);
        DBusMessage.Parse(writer.Written[first..]).Member.ShouldBe("B");
    }

    [Fact]
    public void Damaged_messages_are_refused_and_nothing_worse()
    {
        var random = new Random(Seed);
        var intact = Written(new("org.example", "/a/b", "org.example.I", "M", "sassu", "text", "more", 9u));
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = intact.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                if (DBusMessage.Measure(bytes) != bytes.Length) continue;
                var message = DBusMessage.Parse(bytes);
                var body = message.Read();
                body.Skip(message.Signature);
            }
            catch (DBusException)
            {
                // Refused by name.
            }
        }
    }

    [Theory]
    [InlineData("unix:path=/run/user/1/bus,guid=00", "/run/user/1/bus")]
    [InlineData("tcp:host=a;unix:path=%2ftmp/x", "/tmp/x")]
    public void Unix_addresses_are_found_among_others(string address, string path) =>
        DBusConnection.Endpoints(address).ShouldHaveSingleItem().ToString().ShouldBe(path);

    private static byte[] Written(DBusCall call)
    {
        var writer = new DBusWriter();
        call.Write(writer, 7);
        return writer.Written.ToArray();
    }
}
