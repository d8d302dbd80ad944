using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tutelage.Recording.Mcap;

/// <summary>Zstandard frames by the system's libzstd.so.1. A context is used by one thread at a time.</summary>
internal static partial class Zstd
{
    private const string Library = "libzstd.so.1";

    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, typeof(Zstd).Assembly, DllImportSearchPath.SafeDirectories, out _);

    /// <returns>Bytes written, or -1 if <paramref name="target"/> is too small.</returns>
    public static unsafe int Compress(CompressContext context, ReadOnlySpan<byte> source, Span<byte> target, int level)
    {
        fixed (byte* from = source, to = target)
        {
            var size = ZSTD_compressCCtx(context, to, (nuint)target.Length, from, (nuint)source.Length, level);
            return ZSTD_isError(size) == 0 ? (int)size : -1;
        }
    }

    public static int CompressBound(int sourceBytes) => (int)ZSTD_compressBound((nuint)sourceBytes);

    /// <returns>Bytes written, or -1 if <paramref name="source"/> is damaged or holds more than <paramref name="target"/>.</returns>
    public static unsafe int Decompress(DecompressContext context, ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source, to = target)
        {
            var size = ZSTD_decompressDCtx(context, to, (nuint)target.Length, from, (nuint)source.Length);
            return ZSTD_isError(size) == 0 ? (int)size : -1;
        }
    }

    internal sealed class CompressContext : SafeHandleZeroOrMinusOneIsInvalid
    {
        public CompressContext() : base(ownsHandle: true) => SetHandle(ZSTD_createCCtx());

        protected override bool ReleaseHandle() => ZSTD_freeCCtx(handle) == 0;
    }

    internal sealed class DecompressContext : SafeHandleZeroOrMinusOneIsInvalid
    {
        public DecompressContext() : base(ownsHandle: true) => SetHandle(ZSTD_createDCtx());

        protected override bool ReleaseHandle() => ZSTD_freeDCtx(handle) == 0;
    }

    [LibraryImport(Library)] private static partial nint ZSTD_createCCtx();
    [LibraryImport(Library)] private static partial nuint ZSTD_freeCCtx(nint context);
    [LibraryImport(Library)] private static partial nint ZSTD_createDCtx();
    [LibraryImport(Library)] private static partial nuint ZSTD_freeDCtx(nint context);
    [LibraryImport(Library)] private static partial nuint ZSTD_compressBound(nuint size);
    [LibraryImport(Library)] private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_compressCCtx(CompressContext context, byte* target, nuint capacity, byte* source, nuint size, int level);

    [LibraryImport(Library)]
    private static unsafe partial nuint ZSTD_decompressDCtx(DecompressContext context, byte* target, nuint capacity, byte* source, nuint size);
}
