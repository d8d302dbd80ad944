using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Sealing;

namespace Tutelage.Hosting;

/// <summary>What unwraps file keys on one thread; private keys that it opened are closed when it is disposed.</summary>
internal abstract class FileKeySource : IDisposable
{
    /// <summary>The file key of (object, class); the caller disposes it.</summary>
    public abstract FileKey KeyOf(ReleasedObject released, DataClass name);

    public abstract void Dispose();
}

/// <summary>Unwraps the file keys of one layer and seals them, as one bundle, to a job's recipient (docs/formats/job-pipe.md, keys).</summary>
/// <remarks>File keys stand in memory only between unwrapping and sealing, in pinned buffers that are zeroed.</remarks>
internal static class SealedKeys
{
    /// <summary>Bytes of one entry of the bundle, generously: ids of 32, class of 8, key of 24 characters and punctuation.</summary>
    private const int EntrySizeBytes = 160;

    /// <summary>One key takes some 0.3 ms, a second thread some 0.1 ms to come.</summary>
    private const int KeysForTwoThreads = 8;

    /// <param name="open">Makes the source of one thread; what that throws ends the whole.</param>
    public static byte[] Seal(string grant, string layer, IReadOnlyList<ReleasedObject> objects, Func<FileKeySource> open, AgeRecipient recipient)
    {
        var wanted = objects.SelectMany(released => released.Classes.Select(name => (Object: released, Class: name))).ToList();
        var keys = new FileKey?[wanted.Count];
        var buffer = GC.AllocateArray<byte>(256 + objects.Sum(o => o.Classes.Count) * EntrySizeBytes, pinned: true);
        try
        {
            Unwrap(wanted, keys, open);
            using var plaintext = new MemoryStream(buffer);
            using (var json = new Utf8JsonWriter(plaintext))
            {
                json.WriteStartObject();
                json.WriteNumber("version", 1);
                json.WriteString("grant", grant);
                json.WriteString("layer", layer);
                json.WriteStartArray("keys");
                foreach (var ((released, name), key) in wanted.Zip(keys))
                {
                    json.WriteStartObject();
                    json.WriteString("object", released.Header.ObjectId);
                    json.WriteString("class", Spelling.Of(name));
                    json.WriteBase64String("key", key!.Bytes); // each was unwrapped, or we would not be here
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            using var bundle = new MemoryStream();
            using (var writer = new AgeWriter(bundle, recipient))
            {
                writer.Write(buffer, 0, (int)plaintext.Position);
                writer.Complete();
            }

            return bundle.ToArray();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
            foreach (var key in keys) key?.Dispose();
        }
    }

    private static void Unwrap(List<(ReleasedObject Object, DataClass Class)> wanted, FileKey?[] keys, Func<FileKeySource> open)
    {
        var threads = wanted.Count < KeysForTwoThreads ? 1 : Math.Min(Environment.ProcessorCount, wanted.Count);
        if (threads == 1)
        {
            UnwrapEach(0);
            return;
        }

        try
        {
            Parallel.For(0, threads, UnwrapEach);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }

        void UnwrapEach(int first)
        {
            using var source = open();
            for (var i = first; i < wanted.Count; i += threads) keys[i] = source.KeyOf(wanted[i].Object, wanted[i].Class);
        }
    }
}
