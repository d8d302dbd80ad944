using System.Text;
using Tutelage.Recording.Mcap;

namespace Tutelage.Recording.Tests.Mcap;

public sealed class Crc32Tests
{
    /// <summary>The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms (reveng.sourceforge.io).</summary>
    [Fact]
    public void The_catalogue_s_check_value_comes_out() => Crc32.Of(Encoding.ASCII.GetBytes("123456789")).ShouldBe(0xCBF43926u);

    [Fact]
    public void Folding_and_tables_agree_at_every_length_and_offset()
    {
        var bytes = new byte[3000];
        new Random(1).NextBytes(bytes);
        for (var length = 0; length < 2000; length++)
        {
            var span = bytes.AsSpan(length % 17, length);
            Crc32.Of(span).ShouldBe(~Crc32.Slice(~0u, span), $"length {length}");
        }
    }

    [Fact]
    public void A_checksum_goes_on_where_it_was_left()
    {
        var bytes = new byte[5000];
        new Random(2).NextBytes(bytes);
        for (var cut = 0; cut <= bytes.Length; cut += 97) Crc32.Append(Crc32.Of(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)).ShouldBe(Crc32.Of(bytes));
    }
}
