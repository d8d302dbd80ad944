using System.Security.Cryptography;
using System.Text.Json;
using Tutelage.Rules;
using Tutelage.Sealing;

namespace Tutelage.Hosting;

/// <summary>Unwraps the file keys of one layer and seals them, as one bundle, to a job's recipient (docs/formats/job-pipe.md, keys).</summary>
/// <remarks>File keys stand in memory only between unwrapping and sealing, in pinned buffers that are zeroed.</remarks>
internal static class SealedKeys
{
    /// <summary>Bytes of one entry of the bundle, generously: ids of 32, class of 8, key of 24 characters and punctuation.</summary>
    private const int EntrySizeBytes = 160;

    /// <param name="keyOf">The file key of (object, class); disposed here. May throw what <see cref="AgeHeader.Unwrap"/> throws.</param>
    public static byte[] Seal(string grant, string layer, IReadOnlyList<ReleasedObject> objects, Func<ReleasedObject, DataClass, FileKey> keyOf, AgeRecipient recipient)
    {
        var buffer = GC.AllocateArray<byte>(256 + objects.Sum(o => o.Classes.Count) * EntrySizeBytes, pinned: true);
        try
        {
            using var plaintext = new MemoryStream(buffer);
            using (var json = new Utf8JsonWriter(plaintext))
            {
                json.WriteStartObject();
                json.WriteNumber("version", 1);
                json.WriteString("grant", grant);
                json.WriteString("layer", layer);
                json.WriteStartArray("keys");
                foreach (var released in objects)
                {
                    foreach (var name in released.Classes)
                    {
                        using var key = keyOf(released, name);
                        json.WriteStartObject();
                        json.WriteString("object", released.Header.ObjectId);
                        json.WriteString("class", Spelling.Of(name));
                        json.WriteBase64String("key", key.Bytes);
                        json.WriteEndObject();
                    }
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
        }
    }
}
