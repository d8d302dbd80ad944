namespace Tutelage.Trajectories.Importing;

/// <summary>Lines of a stream as bytes; a line longer than the bound is an error, never a larger buffer.</summary>
internal sealed class BoundedLines(Stream source, int maxLineBytes) : IDisposable
{
    private readonly byte[] _buffer = new byte[maxLineBytes + 1];
    private int _start;
    private int _end;
    private long _line;
    private bool _ended;

    /// <summary>The next line without its line feed, valid until the next call.</summary>
    /// <exception cref="ImportFormatException">The line is longer than the bound.</exception>
    public bool Next(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var held = _buffer.AsSpan(_start, _end - _start);
            var feed = held.IndexOf((byte)'\n');
            if (feed >= 0 || _ended && held.Length > 0)
            {
                line = held[..(feed >= 0 ? feed : held.Length)];
                _start += feed >= 0 ? feed + 1 : held.Length;
                _line++;
                if (line.EndsWith("\r"u8)) line = line[..^1];
                return true;
            }

            line = default;
            if (_ended) return false;
            if (held.Length == _buffer.Length) throw new ImportFormatException($"a line is longer than {maxLineBytes} bytes", _line + 1);
            held.CopyTo(_buffer);
            (_start, _end) = (0, held.Length);
            var read = source.Read(_buffer, _end, _buffer.Length - _end);
            _ended = read == 0;
            _end += read;
        }
    }

    public void Dispose() => source.Dispose();
}
