using System.Collections.Frozen;
using System.Reflection;

namespace Tutelage.Practice.Site;

/// <summary>The files of /practice as they were built into this assembly.</summary>
internal static class PracticePages
{
    private const string Prefix = "practice/";

    private static readonly FrozenDictionary<string, string> s_types = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Address path (such as <c>/expense-form/</c>) to content.</summary>
    public static FrozenDictionary<string, PageFile> All { get; } = Load();

    private static FrozenDictionary<string, PageFile> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var pages = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var path = "/" + name[Prefix.Length..].Replace('\\', '/');
            if (!s_types.TryGetValue(Path.GetExtension(path), out var type)) continue;
            using var content = assembly.GetManifestResourceStream(name)!; // The name comes from the assembly itself.
            var bytes = new byte[content.Length];
            content.ReadExactly(bytes);
            pages[path.EndsWith("/index.html", StringComparison.Ordinal) ? path[..^"index.html".Length] : path] = new PageFile(type, bytes);
        }
        return pages.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

internal sealed record PageFile(string ContentType, byte[] Content);
