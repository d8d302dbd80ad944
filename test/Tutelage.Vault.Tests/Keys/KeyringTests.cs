using System.Security.Cryptography;
using System.Text;
using Tutelage.Hosting;
using Tutelage.Testing;
using Tutelage.Vault.Keys;

namespace Tutelage.Vault.Tests.Keys;

/// <summary>Whatever stands in a keyring's place is a keyring or a fault, never an exception; and none but the epochs that the root wrapped open.</summary>
public sealed class KeyringTests
{
    private static readonly Keyring Sound = new([.. Enumerable.Range(3, 7).Select(number => new KeyEpoch(number, 1_900_000_000 + number * 86_400, new byte[60]))]);

    [Fact]
    public void A_keyring_reads_back_as_it_was_written()
    {
        var read = Keyring.Parse(Sound.ToBytes(), out var fault).ShouldNotBeNull(fault);
        read.ToBytes().ShouldBe(Sound.ToBytes());
        read.Current.Number.ShouldBe(9);
    }

    [Theory]
    [InlineData("""{"version":2,"epochs":[{"number":1,"opened":1,"wrapped":""}]}""", "version is 2")]
    [InlineData("""{"version":1,"epochs":[]}""", "not a keyring")]
    [InlineData("""{"version":1,"epochs":[null]}""", "not whole")]
    [InlineData("""{"version":1,"epochs":[{"number":1,"opened":1,"wrapped":"AAAA"}]}""", "not whole")]
    [InlineData("", "not a keyring")]
    public void What_is_no_keyring_is_said(string text, string expected) => Fault(text).ShouldContain(expected);

    [Fact]
    public void Epochs_out_of_order_or_twice_are_refused()
    {
        Fault(Encoding.UTF8.GetString(new Keyring([Sound.Epochs[1], Sound.Epochs[0]]).ToBytes())).ShouldContain("out of order");
        Fault(Encoding.UTF8.GetString(new Keyring([Sound.Epochs[0], Sound.Epochs[0]]).ToBytes())).ShouldContain("out of order");
    }

    [Fact]
    public void Mutated_keyrings_are_read_or_refused()
    {
        var random = new Random(20_310_506);
        var sound = Sound.ToBytes();
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var bytes = sound.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            if (Keyring.Parse(bytes, out var fault) is null) fault.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void An_epoch_opens_only_under_its_own_number_and_day_and_only_with_its_root()
    {
        using var root = WrappingKey.Generate();
        using var other = WrappingKey.Generate();
        using var key = WrappingKey.Generate();
        var epoch = new KeyEpoch(4, 1_900_000_000, []);
        epoch = epoch with { Wrapped = key.WrappedBy(root, epoch.Name) };
        root.Unwrap(epoch.Name, epoch.Wrapped).ShouldNotBeNull().Dispose();
        root.Unwrap((epoch with { Number = 5 }).Name, epoch.Wrapped).ShouldBeNull();
        root.Unwrap((epoch with { Opened = 1_900_086_400 }).Name, epoch.Wrapped).ShouldBeNull();
        other.Unwrap(epoch.Name, epoch.Wrapped).ShouldBeNull();
        foreach (var length in (int[])[0, 1, 27, 28, 59, 5000]) root.Unwrap(epoch.Name, RandomNumberGenerator.GetBytes(length)).ShouldBeNull();
    }

    private static string Fault(string text)
    {
        Keyring.Parse(Encoding.UTF8.GetBytes(text), out var fault).ShouldBeNull();
        return fault;
    }
}
