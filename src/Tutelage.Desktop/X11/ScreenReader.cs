using System.Runtime.InteropServices;
using Tutelage.Recording;

namespace Tutelage.Desktop.X11;

/// <summary>Reads rectangles of the screen, through shared memory where the server shares ours.</summary>
/// <remarks>Lives on its connection's thread.</remarks>
internal sealed unsafe class ScreenReader : IDisposable
{
    private readonly XConnection _x;
    private Xlib.XShmSegmentInfo* _segment;
    private Xlib.XImage* _shared;

    /// <exception cref="DesktopUnavailableException">The screen is not 24 bits deep in pixels of 32.</exception>
    public ScreenReader(XConnection connection)
    {
        _x = connection;
        var depth = Xlib.XDefaultDepth(_x.Display, _x.ScreenNumber);
        if (depth != 24) throw new DesktopUnavailableException(_x.Name, $"its screen has a depth of {depth}; 24 is supported");
        Size = _x.Screen;
        Share();
    }

    public ScreenSize Size { get; }

    /// <summary>Copies the pixels of <paramref name="rect"/> (inside the screen, not empty) to the same place of <paramref name="target"/>.</summary>
    /// <returns>The part of it that differs from what stood there; empty if nothing does.</returns>
    /// <exception cref="DesktopUnavailableException">The server refused or is gone.</exception>
    public ScreenRect Update(ScreenRect rect, Span<byte> target)
    {
        if (_shared != null)
        {
            (_shared->Width, _shared->Height, _shared->BytesPerLine) = (rect.Width, rect.Height, rect.Width * 4);
            if (Xlib.XShmGetImage(_x.Display, _x.Root, _shared, rect.X, rect.Y, Xlib.AllPlanes) != 0)
                return CopyChanges(_shared->Pixels, rect.Width * 4, rect, target);
            _x.ThrowIfLost();
            throw new DesktopUnavailableException(_x.Name, "it refused to show its screen (XShmGetImage)");
        }

        var image = (Xlib.XImage*)Xlib.XGetImage(_x.Display, _x.Root, rect.X, rect.Y, (uint)rect.Width, (uint)rect.Height, Xlib.AllPlanes, Xlib.ZPixmap);
        _x.ThrowIfLost();
        if (image == null) throw new DesktopUnavailableException(_x.Name, "it refused to show its screen (XGetImage)");
        try
        {
            return CopyChanges(image->Pixels, image->BytesPerLine, rect, target);
        }
        finally
        {
            _ = Xlib.XFree((nint)image->Pixels);
            _ = Xlib.XFree((nint)image);
        }
    }

    public void Dispose()
    {
        if (_segment == null) return;
        if (!_x.IsLost)
        {
            _ = Xlib.XShmDetach(_x.Display, _segment);
            _ = Xlib.XSync(_x.Display, 0);
        }

        _ = Libc.ShmDetach(_segment->Address);
        _ = Xlib.XFree((nint)_shared);
        NativeMemory.Free(_segment);
        _segment = null;
        _shared = null;
    }

    private ScreenRect CopyChanges(byte* source, int strideBytes, ScreenRect rect, Span<byte> target)
    {
        int top = -1, bottom = -1, left = rect.Width, right = 0;
        for (var row = 0; row < rect.Height; row++)
        {
            var from = new ReadOnlySpan<uint>(source + (long)row * strideBytes, rect.Width);
            var to = MemoryMarshal.Cast<byte, uint>(target).Slice((rect.Y + row) * Size.Width + rect.X, rect.Width);
            var same = from.CommonPrefixLength(to);
            if (same == rect.Width) continue;
            if (top < 0) top = row;
            bottom = row;
            left = Math.Min(left, same);
            var end = rect.Width;
            while (end > right && from[end - 1] == to[end - 1]) end--;
            right = Math.Max(right, end);
            from.CopyTo(to);
        }

        return top < 0 ? default : new(rect.X + left, rect.Y + top, right - left, bottom - top + 1);
    }

    /// <summary>Leaves <see cref="_shared"/> null where sharing is impossible: a server on another machine or in another namespace.</summary>
    private void Share()
    {
        if (Xlib.XShmQueryExtension(_x.Display) == 0) return;
        var id = Libc.ShmGet(Libc.IpcPrivate, (nuint)Size.Width * (nuint)Size.Height * 4, Libc.IpcCreate | 0x180);
        if (id < 0) return;
        var address = Libc.ShmAttach(id, 0, 0);
        if (address == -1)
        {
            _ = Libc.ShmControl(id, Libc.IpcRemove, 0);
            return;
        }

        _segment = (Xlib.XShmSegmentInfo*)NativeMemory.AllocZeroed((nuint)sizeof(Xlib.XShmSegmentInfo));
        *_segment = new() { Id = id, Address = address };
        _ = _x.TakeError();
        var attached = Xlib.XShmAttach(_x.Display, _segment);
        _ = Xlib.XSync(_x.Display, 0);
        // Removed now, freed when the last of the two detaches: a recorder that is killed leaves no segment behind.
        _ = Libc.ShmControl(id, Libc.IpcRemove, 0);
        if (attached != 0 && _x.TakeError() == 0)
        {
            _shared = (Xlib.XImage*)Xlib.XShmCreateImage(
                _x.Display, Xlib.XDefaultVisual(_x.Display, _x.ScreenNumber), 24, Xlib.ZPixmap, address, _segment, (uint)Size.Width, (uint)Size.Height);
            if (_shared != null && _shared->BitsPerPixel == 32) return;
        }

        _ = Libc.ShmDetach(address);
        NativeMemory.Free(_segment);
        _segment = null;
        _shared = null;
    }
}
