using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tutelage.Recording;

namespace Tutelage.Practice.Eyes;

/// <summary>Looks at a practice page through the browser's debugging port and never acts on it.</summary>
/// <remarks>
/// A synthetic participant needs eyes: which element is where on the screen, and has the page reacted? If boxes were wrong, participants would
/// click beside their targets and the truth about plants would point elsewhere. Screen pixel = (page's corner + client coordinate) × device pixel
/// ratio; the corner comes from the last mouse event that the page saw, before the first one from the window's outline.
/// </remarks>
public sealed class PageEyes : IAsyncDisposable
{
    /// <summary>How many pixels Chromium scrolls for one notch of an X11 wheel (measured; only an estimate is needed).</summary>
    private const int PixelsPerNotch = 53;

    private const string Library = """
        (() => {
          const origin = () => window.practice?.origin ?? { x: screenX + (outerWidth - innerWidth) / 2, y: screenY + (outerHeight - innerHeight) };
          const toScreen = (r) => { const o = origin(), d = devicePixelRatio; return [(r.x + o.x) * d, (r.y + o.y) * d, r.width * d, r.height * d]; };
          const shows = (e) => e.tagName === 'CANVAS' || e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
          const clip = (r, e) => {
            let b = { x: r.x, y: r.y, right: r.right, bottom: r.bottom };
            for (let p = e.parentElement; p && p !== document.documentElement; p = p.parentElement) {
              if (getComputedStyle(p).overflow === 'visible' || p === document.body) continue;
              const c = p.getBoundingClientRect();
              b = { x: Math.max(b.x, c.x), y: Math.max(b.y, c.y), right: Math.min(b.right, c.right), bottom: Math.min(b.bottom, c.bottom) };
            }
            b = { x: Math.max(b.x, 0), y: Math.max(b.y, 0), right: Math.min(b.right, innerWidth), bottom: Math.min(b.bottom, innerHeight) };
            return b.right - b.x > 0.5 && b.bottom - b.y > 0.5 ? { x: b.x, y: b.y, width: b.right - b.x, height: b.bottom - b.y } : null;
          };
          return {
            element(selector) {
              const e = document.querySelector(selector);
              if (!e || !shows(e)) return null;
              const r = e.getBoundingClientRect();
              if (r.width === 0 || r.height === 0) return null;
              const cx = r.x + r.width / 2, cy = r.y + r.height / 2;
              const hit = cx >= 0 && cy >= 0 && cx < innerWidth && cy < innerHeight ? document.elementFromPoint(cx, cy) : null;
              const visible = !!hit && (e.contains(hit) || hit.contains(e) && hit.closest('label') !== null);
              let scroll = 0, over = { x: 0, y: 0, width: innerWidth, height: innerHeight };
              let scroller = document.documentElement;
              for (let p = e.parentElement; p; p = p.parentElement)
                if (p.scrollHeight > p.clientHeight + 1 && ['auto', 'scroll'].includes(getComputedStyle(p).overflowY)) { scroller = p; over = p.getBoundingClientRect(); break; }
              const top = scroller === document.documentElement ? 8 : over.y, bottom = scroller === document.documentElement ? innerHeight - 8 : over.y + over.height;
              if (r.y < top) scroll = Math.max(r.y - top - 30, -scroller.scrollTop);
              else if (r.bottom > bottom) scroll = Math.min(r.bottom - bottom + 30, scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop);
              return { box: toScreen(r), visible, scroll, over: toScreen(over) };
            },
            plants() {
              return [...document.querySelectorAll('[data-plant]')].filter(shows).map((e) => {
                let boxes = [];
                if (e.dataset.plantBox) {
                  const [x, y, w, h] = JSON.parse(e.dataset.plantBox), r = e.getBoundingClientRect(), k = r.width / e.width;
                  boxes = [new DOMRect(r.x + x * k, r.y + y * k, w * k, h * k)];
                } else if (e.tagName === 'INPUT') {
                  if (e.value === '') return null;
                  const pen = document.createElement('canvas').getContext('2d'), style = getComputedStyle(e), r = e.getBoundingClientRect();
                  pen.font = style.font;
                  const left = parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth), size = parseFloat(style.fontSize);
                  const wide = e.type === 'password' ? r.width - 2 * left : Math.min(pen.measureText(e.value).width, r.width - 2 * left);
                  boxes = [new DOMRect(r.x + left, r.y + r.height / 2 - size * 0.65, wide, size * 1.3)];
                } else {
                  const range = document.createRange();
                  range.selectNodeContents(e);
                  boxes = [...range.getClientRects()];
                }
                boxes = boxes.map((r) => clip(r, e)).filter((r) => r).map(toScreen);
                return boxes.length ? { id: e.dataset.plant, boxes } : null;
              }).filter((seen) => seen);
            },
          };
        })()
        """;

    private readonly DebugSocket _socket;
    private readonly TimeProvider _time;

    private PageEyes(DebugSocket socket, TimeProvider time) => (_socket, _time) = (socket, time);

    /// <summary>Looks at the first tab of the browser whose DevTools listen on <paramref name="port"/> of this machine.</summary>
    /// <exception cref="PageFaultException">None answers within 20 s.</exception>
    public static async Task<PageEyes> ConnectAsync(int port, TimeProvider time, CancellationToken cancellationToken = default) =>
        new(await DebugSocket.ConnectAsync(port, TimeSpan.FromSeconds(20), time, cancellationToken).ConfigureAwait(false), time);

    /// <summary>The task's state, null while no practice page is loaded.</summary>
    public async Task<PracticeState?> StateAsync(CancellationToken cancellationToken)
    {
        var json = await EvaluateAsync("window.practice ? JSON.stringify(window.practice) : null", cancellationToken).ConfigureAwait(false);
        return json is null ? null : PracticeState.Parse(json.GetValue<string>());
    }

    /// <summary>Whether step <paramref name="index"/> of the expected ones has had its effect.</summary>
    public Task<bool> ReachedAsync(int index, CancellationToken cancellationToken) =>
        IsAsync(string.Create(CultureInfo.InvariantCulture, $"window.practice?.reached({index})"), cancellationToken);

    /// <summary>Whether an expression of the page is true now. The expression MUST NOT change anything.</summary>
    public async Task<bool> IsAsync(string expression, CancellationToken cancellationToken) =>
        await EvaluateAsync($"!!({expression})", cancellationToken).ConfigureAwait(false) is { } answer && answer.GetValue<bool>();

    /// <summary>What a field holds now, null if there is no such field.</summary>
    public async Task<string?> ValueAsync(string selector, CancellationToken cancellationToken) =>
        (await EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.value ?? null", cancellationToken).ConfigureAwait(false))?.GetValue<string>();

    /// <summary>The first element for a CSS selector, null if none is shown.</summary>
    public async Task<PageElement?> FindAsync(string selector, CancellationToken cancellationToken)
    {
        var seen = await EvaluateAsync($"{Library}.element({JsonSerializer.Serialize(selector)})", cancellationToken).ConfigureAwait(false);
        if (seen is null) return null;
        var (role, name) = await AccessibleAsync(selector, cancellationToken).ConfigureAwait(false);
        var notches = seen["scroll"]!.GetValue<double>() / PixelsPerNotch;
        return new PageElement(role, name, Rect(seen["box"]!), seen["visible"]!.GetValue<bool>(), (int)(notches < 0 ? Math.Floor(notches) : Math.Ceiling(notches)), Rect(seen["over"]!));
    }

    /// <summary>Every planted text that is in view now.</summary>
    public async Task<IReadOnlyList<PlantBoxes>> PlantsAsync(CancellationToken cancellationToken)
    {
        var seen = await EvaluateAsync($"{Library}.plants()", cancellationToken).ConfigureAwait(false);
        if (seen is not JsonArray list) return [];
        return [.. list.GroupBy(one => one!["id"]!.GetValue<string>(), StringComparer.Ordinal)
            .Select(plant => new PlantBoxes(plant.Key, [.. plant.SelectMany(one => one!["boxes"]!.AsArray()).Select(box => Rect(box!))]))];
    }

    /// <summary>Waits until <paramref name="condition"/> holds; false if it does not within <paramref name="limit"/>.</summary>
    public async Task<bool> WaitAsync(Func<CancellationToken, Task<bool>> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (!await condition(cancellationToken).ConfigureAwait(false))
        {
            if (_time.GetElapsedTime(began) > limit) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(15), _time, cancellationToken).ConfigureAwait(false);
        }
        return true;
    }

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    /// <summary>For tests of the pages: any call of the protocol. A participant has no use for it.</summary>
    internal Task<JsonNode?> CallAsync(string method, JsonObject? arguments, CancellationToken cancellationToken) => _socket.CallAsync(method, arguments, cancellationToken);

    internal async Task<JsonNode?> EvaluateAsync(string expression, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _socket.CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true }, cancellationToken).ConfigureAwait(false);
            if (answer?["exceptionDetails"] is { } fault) throw new PageFaultException($"the page threw: {fault["exception"]?["description"] ?? fault["text"]}");
            return answer?["result"]?["value"]?.DeepClone();
        }
        catch (PageFaultException fault) when (fault.Message.Contains("navigated", StringComparison.Ordinal) || fault.Message.Contains("context", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private async Task<(string Role, string Name)> AccessibleAsync(string selector, CancellationToken cancellationToken)
    {
        var found = await _socket.CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"document.querySelector({JsonSerializer.Serialize(selector)})" }, cancellationToken).ConfigureAwait(false);
        if (found?["result"]?["objectId"]?.GetValue<string>() is not { } handle) return ("", "");
        var tree = await _socket.CallAsync("Accessibility.getPartialAXTree", new JsonObject { ["objectId"] = handle, ["fetchRelatives"] = false }, cancellationToken).ConfigureAwait(false);
        await _socket.CallAsync("Runtime.releaseObject", new JsonObject { ["objectId"] = handle }, cancellationToken).ConfigureAwait(false);
        var node = tree?["nodes"]?.AsArray().FirstOrDefault();
        return (Text(node?["role"]), Text(node?["name"]));

        static string Text(JsonNode? property) => property?["value"]?.GetValue<string>() ?? "";
    }

    private static ScreenRect Rect(JsonNode numbers)
    {
        var list = numbers.AsArray();
        var x = (int)Math.Round(list[0]!.GetValue<double>());
        var y = (int)Math.Round(list[1]!.GetValue<double>());
        return new ScreenRect(x, y, (int)Math.Round(list[0]!.GetValue<double>() + list[2]!.GetValue<double>()) - x, (int)Math.Round(list[1]!.GetValue<double>() + list[3]!.GetValue<double>()) - y);
    }
}
