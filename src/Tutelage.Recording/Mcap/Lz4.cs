using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tutelage.Recording.Mcap;

/// <summary>LZ4 frames by the system's liblz4.so.1. A context is used by one thread at a time.</summary>
internal static partial class Lz4
{
    private const string Library = "liblz4.so.1";

    /// <summary>LZ4F_VERSION of lz4frame.h.</summary>
    private const uint FrameVersion = 100;

    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, typeof(Lz4).Assembly, DllImportSearchPath.SafeDirectories, out _);

    public static int CompressBound(int sourceBytes) => (int)LZ4F_compressFrameBound((nuint)sourceBytes, 0);

    /// <returns>Bytes written, or -1 if <paramref name="target"/> is too small.</returns>
    public static unsafe int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source, to = target)
        {
            var size = LZ4F_compressFrame(to, (nuint)target.Length, from, (nuint)source.Length, 0);
            return LZ4F_isError(size) == 0 ? (int)size : -1;
        }
    }

    /// <returns>Bytes written, or -1 if <paramref name="source"/> is damaged, ends early or holds more than <paramref name="target"/>.</returns>
    public static unsafe int Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        using var context = new DecompressContext();
        fixed (byte* from = source, to = target)
        {
            nuint read = 0, written = 0;
            while (true)
            {
                var takes = (nuint)source.Length - read;
                var gives = (nuint)target.Length - written;
                var hint = LZ4F_decompress(context, to + written, ref gives, from + read, ref takes, 0);
                if (LZ4F_isError(hint) != 0) return -1;
                read += takes;
                written += gives;
                if (hint == 0) return read == (nuint)source.Length ? (int)written : -1;
                if (takes == 0 && gives == 0) return -1;
            }
        }
    }

    private sealed class DecompressContext : SafeHandleZeroOrMinusOneIsInvalid
    {
        public DecompressContext() : base(ownsHandle: true)
        {
            if (LZ4F_isError(LZ4F_createDecompressionContext(out var context, FrameVersion)) != 0) throw new InvalidOperationException("LZ4F_createDecompressionContext failed: out of memory, or an older liblz4");
            SetHandle(context);
        }

        protected override bool ReleaseHandle() => LZ4F_freeDecompressionContext(handle) == 0;
    }

    [LibraryImport(Library)] private static partial nuint LZ4F_compressFrameBound(nuint size, nint preferences);
    [LibraryImport(Library)] private static partial uint LZ4F_isError(nuint code);
    [LibraryImport(Library)] private static partial nuint LZ4F_createDecompressionContext(out nint context, uint version);
    [LibraryImport(Library)] private static partial nuint LZ4F_freeDecompressionContext(nint context);

    [LibraryImport(Library)]
    private static unsafe partial nuint LZ4F_compressFrame(byte* target, nuint capacity, byte* source, nuint size, nint preferences);

    [LibraryImport(Library)]
    private static unsafe partial nuint LZ4F_decompress(DecompressContext context, byte* target, ref nuint targetSize, byte* source, ref nuint sourceSize, nint options);
}
