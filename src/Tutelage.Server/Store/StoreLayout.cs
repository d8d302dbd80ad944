using Tutelage.Rules;

namespace Tutelage.Server.Store;

/// <summary>Where everything lies under the data folder (docs/formats/ingest.md, "On disk").</summary>
/// <remarks>Paths are made of checked ids and of class names from a closed list; no client's text ever becomes part of one.</remarks>
internal sealed class StoreLayout(string root)
{
    public const string HeaderName = "header";
    public const string SignatureName = "signature";
    public const string CertificateName = "certificate";

    public string Root { get; } = Path.GetFullPath(root);
    public string LockFile => Path.Combine(Root, "server.lock");
    public string IndexFile => Path.Combine(Root, "index.db");
    public string NonceFile => Path.Combine(Root, "nonces");
    public string DeletedFile => Path.Combine(Root, "deleted");
    public string Incoming => Path.Combine(Root, "incoming");
    public string Objects => Path.Combine(Root, "objects");
    public string Datasets => Path.Combine(Root, "datasets");

    public string Shelf(ObjectId id) => Path.Combine(Objects, id.Text[..2]);

    public string Folder(ObjectId id) => Path.Combine(Shelf(id), id.Text);

    public string File(ObjectId id, DataClass kept) => Path.Combine(Folder(id), Spelling.Of(kept));

    public string Dataset(DatasetId id) => Path.Combine(Datasets, id.Text + ".json");
}

/// <summary>32 lower-case hex digits. <c>default</c> has no text and names nothing.</summary>
internal readonly record struct ObjectId
{
    private ObjectId(string text) => Text = text;

    public string Text { get; }

    public static ObjectId? Read(string? text) => text is { Length: 32 } && text.All(char.IsAsciiHexDigitLower) ? new ObjectId(text) : null;

    public override string ToString() => Text;
}

/// <summary>64 lower-case hex digits: the root over a data set's plaintext. <c>default</c> has no text and names nothing.</summary>
internal readonly record struct DatasetId
{
    private DatasetId(string text) => Text = text;

    public string Text { get; }

    public static DatasetId? Read(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower) ? new DatasetId(text) : null;

    public override string ToString() => Text;
}
