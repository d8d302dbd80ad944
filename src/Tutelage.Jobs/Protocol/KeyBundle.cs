using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tutelage.Sealing;

namespace Tutelage.Jobs.Protocol;

/// <summary>The file keys of one layer, by object and class, in RAM for the time of the job.</summary>
internal sealed class KeyBundle : IDisposable
{
    private readonly Dictionary<(string Object, string Class), FileKey> _keys;

    private KeyBundle(string layer, Dictionary<(string, string), FileKey> keys) => (Layer, _keys) = (layer, keys);

    /// <summary><c>outer</c> (the auditor's) or <c>inner</c> (the vault's).</summary>
    public string Layer { get; }

    public int Count => _keys.Count;

    public FileKey? Find(string @object, string @class) => _keys.GetValueOrDefault((@object, @class));

    /// <summary>Opens a keys frame with the job's identity and checks that it belongs to <paramref name="grant"/>.</summary>
    /// <exception cref="PipeProtocolException">Not sealed to this job, not a bundle, or of another grant.</exception>
    public static KeyBundle Open(ReadOnlyMemory<byte> sealedBundle, AgeIdentity identity, string grant)
    {
        var plaintext = GC.AllocateUninitializedArray<byte>(sealedBundle.Length, pinned: true);
        try
        {
            var length = Unseal(sealedBundle, identity, plaintext);
            return Parse(plaintext.AsSpan(0, length), grant);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    internal static KeyBundle Parse(ReadOnlySpan<byte> json, string grant)
    {
        var request = PipeJson.Read(json, PipeJson.Default.KeyBundleRequest, "a key bundle");
        var keys = new Dictionary<(string, string), FileKey>();
        try
        {
            if (request.Version != 1) throw new PipeProtocolException("a key bundle is not of version 1");
            if (request.Grant != grant) throw new PipeProtocolException("a key bundle belongs to another grant");
            if (request.Layer is not ("outer" or "inner")) throw new PipeProtocolException("a key bundle's layer is neither outer nor inner");
            foreach (var entry in request.Keys ?? [])
            {
                if (entry is not { Object: { } id, Class: { } name, Key: { Length: 16 } key }) throw new PipeProtocolException("a key bundle holds an entry without object, class or a key of 16 bytes");
                var fileKey = FileKey.From(key);
                if (keys.TryAdd((id, name), fileKey)) continue;
                fileKey.Dispose();
                throw new PipeProtocolException($"a key bundle names object {id} twice");
            }
            return new KeyBundle(request.Layer, keys);
        }
        catch
        {
            foreach (var key in keys.Values) key.Dispose();
            throw;
        }
        finally
        {
            foreach (var entry in request.Keys ?? []) CryptographicOperations.ZeroMemory(entry?.Key);
        }
    }

    private static int Unseal(ReadOnlyMemory<byte> sealedBundle, AgeIdentity identity, byte[] plaintext)
    {
        var backing = MemoryMarshal.TryGetArray(sealedBundle, out var segment) ? segment : sealedBundle.ToArray();
        try
        {
            using var source = new MemoryStream(backing.Array!, backing.Offset, backing.Count, writable: false); // an array segment of a frame has its array
            using var reader = AgeReader.Open(source, identity);
            return reader.ReadAtLeast(plaintext, plaintext.Length, throwOnEndOfStream: false);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            throw new PipeProtocolException("a key bundle does not open with this job's identity");
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
        _keys.Clear();
    }
}
