namespace Tutelage.Sealing;

/// <summary>One wrapping of the file key in a header.</summary>
/// <param name="Type">First argument of the stanza line.</param>
/// <param name="Arguments">The others.</param>
internal sealed record Stanza(string Type, IReadOnlyList<string> Arguments, byte[] Body);
