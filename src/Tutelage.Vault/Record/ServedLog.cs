using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Tutelage.Vault.Record;

/// <summary>The log's files under <c>/log</c>, for anybody: they hold salted commitments and say nothing about anyone.</summary>
internal static class ServedLog
{
    public static void ServeLog(this WebApplication app, string dataFolder)
    {
        var folder = Path.GetFullPath(Path.Combine(dataFolder, "log"));
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new FreshFiles(folder),
            RequestPath = "/log",
            ServeUnknownFileTypes = true,
            DefaultContentType = "application/octet-stream",
            OnPrepareResponse = context =>
            {
                // Full tiles never change (tlog-tiles). Checkpoints do at every append, and a partial tile that no checkpoint covered yet may after a crash.
                var isCheckpoint = context.File.Name.StartsWith("checkpoint", StringComparison.Ordinal);
                var isPartial = context.Context.Request.Path.Value?.Contains(".p/", StringComparison.Ordinal) == true;
                if (isCheckpoint) context.Context.Response.ContentType = "text/plain; charset=utf-8";
                context.Context.Response.Headers.CacheControl = isCheckpoint || isPartial ? "no-cache" : "public, max-age=31536000, immutable";
            },
        });
    }

    /// <summary>Files as they are now, without watching: the log grows by itself and nobody asks to be told.</summary>
    private sealed class FreshFiles(string folder) : IFileProvider
    {
        private readonly PhysicalFileProvider _files = new(folder);

        public IFileInfo GetFileInfo(string subpath) => subpath.EndsWith(".new", StringComparison.Ordinal) ? new NotFoundFileInfo(subpath) : _files.GetFileInfo(subpath);

        public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

        public IChangeToken Watch(string filter) => NullChangeToken.Singleton;
    }
}
