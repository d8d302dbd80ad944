using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>Markup that is safe to put into a page. The only way from data to markup is <see cref="Of"/>, which escapes every value in the braces.</summary>
/// <remarks>If this were wrong, a window's title could run as a script in the reader's browser. <c>default</c> is nothing at all.</remarks>
internal readonly record struct Html
{
    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    public static Html Of(Escaping markup) => new(markup.Result());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts));

    /// <param name="markup">Written in this project, or already escaped for the place where it will stand.</param>
    public static Html FromTrusted(string markup) => new(markup);

    public override string ToString() => _markup ?? "";

    /// <summary>Literal parts stand as they are; values are escaped for text and quoted attributes alike, unless they are <see cref="Html"/>.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Escaping(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * formattedCount);

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(Html markup) => _text.Append(markup.ToString());

        public void AppendFormatted(IEnumerable<Html> parts) => _text.Append(Join(parts).ToString());

        public void AppendFormatted(string? value) => _text.Append(WebUtility.HtmlEncode(value));

        public void AppendFormatted(long value) => _text.Append(CultureInfo.InvariantCulture, $"{value}");

        public void AppendFormatted(double value, string format) => _text.Append(value.ToString(format, CultureInfo.InvariantCulture));

        public string Result() => _text.ToString();
    }
}
