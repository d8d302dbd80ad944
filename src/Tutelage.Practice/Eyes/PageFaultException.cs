namespace Tutelage.Practice.Eyes;

/// <summary>The browser's debugging port cannot be reached or the page answered with a fault.</summary>
public sealed class PageFaultException : Exception
{
    public PageFaultException(string message) : base(message) { }

    public PageFaultException(string message, Exception inner) : base(message, inner) { }
}
