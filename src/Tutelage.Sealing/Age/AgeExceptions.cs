namespace Tutelage.Sealing;

/// <summary>Bytes or text that are not age v1 as we read it. Nothing was decrypted.</summary>
public sealed class AgeFormatException(string message, Exception? inner = null) : FormatException(message, inner);

/// <summary>The header is sound and wraps the file key to nobody whose identity was given.</summary>
public sealed class NoMatchingIdentityException(string message) : Exception(message);

/// <summary>The payload was altered, cut short or lengthened. What was read before it was authentic, but it may not be all.</summary>
public sealed class PayloadAuthenticationException(string message) : Exception(message);
