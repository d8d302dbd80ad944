using System.Buffers.Binary;

namespace Tutelage.Recording.Mcap;

/// <summary>Walks the records of a stream, forward only, with one buffer.</summary>
/// <remarks>
/// Everything that reads MCAP stands on this: it alone decides what a record is, where a file ends and how much memory a length may claim.
/// The buffer grows only as bytes really arrive, so a length of gigabytes in a file of ten bytes costs nothing. Checksums are folded in when the
/// buffer moves, not record by record.
/// </remarks>
internal sealed class McapScanner(Stream input, McapReaderOptions options)
{
    private byte[] _buffer = new byte[256 << 10];
    private int _start;
    private int _end;
    private int _recordBytes;
    private int _checkedTo;
    private uint _crc;
    private bool _begun;
    private bool _footerSeen;
    private long _summaryStart = -1;

    /// <summary>Of the record's opcode in the stream.</summary>
    public long Offset { get; private set; }

    /// <summary>The stream ended before its end magic, and that was allowed.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The buffer that holds <see cref="Body"/>, valid until the next record.</summary>
    public byte[] Buffer => _buffer;
    public int BodyStart => _start + McapFormat.RecordPrefixBytes;
    public int BodyLength => _recordBytes - McapFormat.RecordPrefixBytes;
    public long BodyOffset => Offset + McapFormat.RecordPrefixBytes;
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(BodyStart, BodyLength);

    /// <summary>Moves to the next record. False behind the footer, or where a truncated file breaks off.</summary>
    /// <exception cref="RecordingFormatException">Not MCAP, cut off, a record over the limit, a checksum that does not fit.</exception>
    public bool TryNext(out McapOpcode opcode)
    {
        opcode = McapOpcode.None;
        if (Truncated) return false;
        Consume(_recordBytes);
        _recordBytes = 0;
        if (!_begun)
        {
            if (!TryMagic()) return false;
            _begun = true;
        }
        if (_footerSeen)
        {
            TryMagic();
            return false;
        }

        while (true)
        {
            if (!TryFill(McapFormat.RecordPrefixBytes)) return Cut();
            opcode = (McapOpcode)_buffer[_start];
            var length = BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(_start + 1));
            if (opcode == McapOpcode.None) throw new RecordingFormatException("a record with opcode 0", Offset);
            if (length <= (ulong)options.MaxRecordBytes)
            {
                if (!TryFill(McapFormat.RecordPrefixBytes + (int)length)) return Cut();
                _recordBytes = McapFormat.RecordPrefixBytes + (int)length;
                break;
            }
            if (opcode is not McapOpcode.Attachment && opcode <= McapOpcode.DataEnd)
                throw new RecordingFormatException($"a record of {length} bytes, at most {options.MaxRecordBytes} are accepted", Offset);
            if (length > long.MaxValue - McapFormat.RecordPrefixBytes || !TrySkip((long)length + McapFormat.RecordPrefixBytes)) return Cut();
        }

        if (opcode == McapOpcode.DataEnd) CheckData();
        if (opcode == McapOpcode.Footer) CheckSummary();
        return true;
    }

    private bool TryMagic()
    {
        var filled = TryFill(8);
        var present = _buffer.AsSpan(_start, Math.Min(8, _end - _start));
        if (!present.SequenceEqual(McapFormat.Magic[..present.Length])) throw new RecordingFormatException("these bytes are not an MCAP file's magic", Offset);
        if (!filled) return Cut();
        Consume(8);
        return true;
    }

    private bool Cut()
    {
        if (!options.AllowTruncated) throw new RecordingFormatException("the file is cut off", Offset);
        return !(Truncated = true);
    }

    private void CheckData()
    {
        _summaryStart = Offset + _recordBytes;
        if (!options.VerifyChecksums) return;
        Fold();
        var stated = new ByteCursor(Body, BodyOffset).ReadUInt32("data_section_crc");
        if (stated != 0 && stated != _crc) throw new RecordingFormatException($"the data section's checksum is {_crc:x8}, the file states {stated:x8}", Offset);
        _checkedTo = _start + _recordBytes;
        _crc = 0;
    }

    private void CheckSummary()
    {
        _footerSeen = true;
        // A damaged length may have swallowed the data end, and with it the data's checksum.
        if (_summaryStart < 0) throw new RecordingFormatException("a footer without a data end before it", Offset);
        var cursor = new ByteCursor(Body, BodyOffset);
        var start = cursor.ReadUInt64("summary_start");
        cursor.ReadUInt64("summary_offset_start");
        var stated = cursor.ReadUInt32("summary_crc");
        if (start != 0 && start != (ulong)_summaryStart) throw new RecordingFormatException($"the footer puts the summary at byte {start}, it begins at {_summaryStart}", Offset);
        if (stated == 0 || !options.VerifyChecksums) return;
        Fold();
        var crc = Crc32.Append(_crc, _buffer.AsSpan(_start, McapFormat.RecordPrefixBytes + 16));
        if (stated != crc) throw new RecordingFormatException($"the summary's checksum is {crc:x8}, the file states {stated:x8}", Offset);
    }

    /// <summary>Brings the running checksum up to the current record.</summary>
    private void Fold()
    {
        if (_checkedTo < _start) _crc = Crc32.Append(_crc, _buffer.AsSpan(_checkedTo, _start - _checkedTo));
        _checkedTo = _start;
    }

    private void Consume(int count)
    {
        _start += count;
        Offset += count;
    }

    private bool TryFill(int count)
    {
        while (_end - _start < count)
        {
            if (_end == _buffer.Length) MakeRoom();
            var read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0) return false;
            _end += read;
        }
        return true;
    }

    private void MakeRoom()
    {
        // A data end that was checked stands before _checkedTo and must not be folded in again.
        var keep = _start;
        if (_checkedTo <= _start)
        {
            if (options.VerifyChecksums) Fold();
            else _checkedTo = _start;
        }
        var target = keep > 0 ? _buffer : new byte[(int)Math.Min(Array.MaxLength, _buffer.Length * 2L)];
        _buffer.AsSpan(keep, _end - keep).CopyTo(target);
        _buffer = target;
        _checkedTo -= keep;
        _end -= keep;
        _start = 0;
    }

    private bool TrySkip(long count)
    {
        while (count > 0)
        {
            if (_end == _start && !TryFill(1)) return false;
            var step = (int)Math.Min(count, _end - _start);
            Consume(step);
            count -= step;
        }
        return true;
    }
}
