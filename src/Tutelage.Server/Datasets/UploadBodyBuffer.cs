namespace Tutelage.Server.Datasets;

/// <summary>Reads a small body whole, up to a limit.</summary>
internal sealed class UploadBodyBuffer(int limitBytes) : IDisposable
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Null if the body is longer than the limit.</summary>
    public async Task<byte[]?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var chunk = new byte[16 * 1024];
        for (int got; (got = await body.ReadAsync(chunk, cancellation)) > 0;)
        {
            if (_bytes.Length + got > limitBytes) return null;
            _bytes.Write(chunk, 0, got);
        }
        return _bytes.ToArray();
    }

    public void Dispose() => _bytes.Dispose();
}
