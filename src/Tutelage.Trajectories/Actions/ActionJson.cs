using System.Text.Json;

namespace Tutelage.Trajectories;

/// <summary>An action as JSON (docs/formats/actions.md): unused keys are left out, key order is fixed, so equal actions are equal bytes.</summary>
public static class ActionJson
{
    public static void Write(Utf8JsonWriter json, RecordedAction action) => throw new NotImplementedException();

    /// <summary>One line, no line feed.</summary>
    public static byte[] ToUtf8(RecordedAction action) => throw new NotImplementedException();

    /// <exception cref="FormatException">A required key is missing or has another type.</exception>
    public static RecordedAction Read(JsonElement json) => throw new NotImplementedException();
}
