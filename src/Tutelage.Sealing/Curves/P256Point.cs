using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Tutelage.Sealing;

/// <summary>Points of P-256 in the two forms of SEC 1: 65 bytes (04 x y) and 33 bytes (02 or 03, x). Public values only; nothing here is constant-time.</summary>
internal static class P256Point
{
    public const int UncompressedSize = 65;
    public const int CompressedSize = 33;

    // SP 800-186, 3.2.1.3: y² = x³ − 3x + b over p, and p ≡ 3 (mod 4), so a root is a power of (p + 1) / 4.
    private static readonly BigInteger P = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    public static byte[] Compress(ReadOnlySpan<byte> uncompressed) =>
        [(byte)(2 | (uncompressed[^1] & 1)), .. uncompressed[1..33]];

    /// <exception cref="AgeFormatException">No point of the curve.</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> compressed)
    {
        if (compressed.Length != CompressedSize || compressed[0] is not (2 or 3))
            throw new AgeFormatException("a P-256 point is not in compressed form (33 bytes, 02 or 03 first)");
        var x = new BigInteger(compressed[1..], isUnsigned: true, isBigEndian: true);
        if (x >= P) throw new AgeFormatException("a P-256 coordinate is not below the field's prime");
        var square = (BigInteger.ModPow(x, 3, P) - 3 * x + B) % P;
        if (square.Sign < 0) square += P;
        var y = BigInteger.ModPow(square, (P + 1) / 4, P);
        if (BigInteger.ModPow(y, 2, P) != square) throw new AgeFormatException("a P-256 point is not on the curve");
        if (y.IsEven == (compressed[0] == 3)) y = P - y;

        var result = new byte[UncompressedSize];
        result[0] = 4;
        compressed[1..].CopyTo(result.AsSpan(1));
        var bytes = y.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(result.AsSpan(UncompressedSize - bytes.Length));
        return result;
    }

    /// <summary>A key to agree with; the base library checks that the point is on the curve.</summary>
    /// <exception cref="AgeFormatException">It is not.</exception>
    public static ECDiffieHellman Import(ReadOnlySpan<byte> uncompressed)
    {
        if (uncompressed.Length != UncompressedSize || uncompressed[0] != 4)
            throw new AgeFormatException("a P-256 point is not in uncompressed form (65 bytes, 04 first)");
        try
        {
            return ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = uncompressed[1..33].ToArray(), Y = uncompressed[33..].ToArray() },
            });
        }
        catch (CryptographicException e)
        {
            throw new AgeFormatException("a P-256 point is not on the curve", e);
        }
    }

    public static byte[] Export(ECDiffieHellman key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. q.X!, .. q.Y!]; // Q of an exported public key is never null
    }

    private static BigInteger Hex(string digits) => BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
