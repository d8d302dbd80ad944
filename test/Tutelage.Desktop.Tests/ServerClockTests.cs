using Tutelage.Desktop.X11;

namespace Tutelage.Desktop.Tests;

public sealed class ServerClockTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(5_000u, 5 * Second, 105 * Second, 105 * Second)]
    [InlineData(4_990u, 5 * Second, 105 * Second, 105 * Second - 10_000_000)]
    [InlineData(5_003u, 5 * Second, 105 * Second, 105 * Second)]
    [InlineData(1_000_000u, 5 * Second, 105 * Second, 105 * Second)]
    public void A_server_time_becomes_a_boot_time(uint serverMs, long monotonic, long boot, long expected) =>
        ServerClock.Convert(serverMs, monotonic, boot).ShouldBe(expected);

    [Fact]
    public void Server_time_wraps_after_49_days_without_a_jump()
    {
        const long wrapped = 4_294_967_296L * 1_000_000 + 4_000_000;
        ServerClock.Convert(uint.MaxValue - 5, wrapped, wrapped).ShouldBe(wrapped - 10_000_000);
    }
}
