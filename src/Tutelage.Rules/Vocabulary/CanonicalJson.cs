using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tutelage.Rules;

/// <summary>How the bytes that are signed or hashed are written: no white space, only the escapes that JSON demands.</summary>
internal static class CanonicalJson
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
