using Tutelage.Desktop;
using Tutelage.Recording;

namespace Tutelage.Practice.Participants;

/// <summary>Moves a desktop's pointer and keys with the rhythm of one persona. It knows screen pixels and keys, nothing of pages.</summary>
/// <remarks>Pauses are a person's own, deliberate; nothing here waits for a program. One caller at a time.</remarks>
internal sealed class Hands(IDesktopActor actor, Persona persona, SeededDraw draw, TimeProvider time)
{
    public IDesktopActor Actor => actor;

    public static long NowMs => BootClock.Now().Nanoseconds / 1_000_000;

    /// <summary>A pause of about <paramref name="meanMs"/> at pace 1.</summary>
    public Task PauseAsync(double meanMs, CancellationToken cancellationToken) => DelayAsync(meanMs * draw.Between(0.6, 1.5) / persona.Pace, cancellationToken);

    /// <summary>Goes to a point inside <paramref name="target"/>, nearer to its middle than to its edges.</summary>
    public async Task MoveIntoAsync(ScreenRect target, CancellationToken cancellationToken)
    {
        var aim = Aim(target);
        var from = actor.Position;
        var width = Math.Min(target.Width, target.Height * 2);
        var distance = Math.Sqrt(Math.Pow(aim.X - from.X, 2) + Math.Pow(aim.Y - from.Y, 2));
        if (distance > 150 && draw.Chance(persona.Overshoot))
        {
            var beyond = 1 + draw.Between(0.02, 0.07);
            var past = new ScreenPoint((int)(from.X + (aim.X - from.X) * beyond), (int)(from.Y + (aim.Y - from.Y) * beyond));
            await FollowAsync(PointerPath.Between(from, Clamp(past), width, persona, draw), cancellationToken).ConfigureAwait(false);
            await PauseAsync(50, cancellationToken).ConfigureAwait(false);
        }
        await FollowAsync(PointerPath.Between(actor.Position, aim, width, persona, draw), cancellationToken).ConfigureAwait(false);
    }

    public Task MoveToAsync(ScreenPoint point, double targetWidth, CancellationToken cancellationToken) =>
        FollowAsync(PointerPath.Between(actor.Position, Clamp(point), targetWidth, persona, draw), cancellationToken);

    /// <summary>Presses the left button <paramref name="count"/> times where the pointer is.</summary>
    public async Task<Done> ClickAsync(int count, CancellationToken cancellationToken)
    {
        await PauseAsync(60, cancellationToken).ConfigureAwait(false);
        var start = NowMs;
        for (var i = 0; i < count; i++)
        {
            if (i > 0) await DelayAsync(draw.Between(70, 130), cancellationToken).ConfigureAwait(false);
            actor.Button(PointerButton.Left, down: true);
            await DelayAsync(Math.Max(18, draw.Between(55, 95) / persona.Pace), cancellationToken).ConfigureAwait(false);
            actor.Button(PointerButton.Left, down: false);
        }
        return new Done(start, NowMs);
    }

    public async Task<Done> DragToAsync(ScreenPoint to, CancellationToken cancellationToken)
    {
        await PauseAsync(80, cancellationToken).ConfigureAwait(false);
        var start = NowMs;
        actor.Button(PointerButton.Left, down: true);
        await PauseAsync(120, cancellationToken).ConfigureAwait(false);
        await MoveToAsync(to, 12, cancellationToken).ConfigureAwait(false);
        await PauseAsync(120, cancellationToken).ConfigureAwait(false);
        actor.Button(PointerButton.Left, down: false);
        return new Done(start, NowMs);
    }

    public async Task<Done> ScrollAsync(int notches, CancellationToken cancellationToken)
    {
        var start = NowMs;
        for (var i = 0; i < Math.Abs(notches); i++)
        {
            actor.Scroll(0, Math.Sign(notches));
            await PauseAsync(60, cancellationToken).ConfigureAwait(false);
        }
        return new Done(start, NowMs);
    }

    /// <summary>Keys held together: all but the last are modifiers.</summary>
    public async Task<Done> ChordAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        await PauseAsync(40, cancellationToken).ConfigureAwait(false);
        var start = NowMs;
        foreach (var key in keys)
        {
            actor.Key(Keysyms.OfKey(key), down: true);
            await DelayAsync(Math.Max(12, draw.Between(40, 80) / persona.Pace), cancellationToken).ConfigureAwait(false);
        }
        foreach (var key in keys.Reverse()) actor.Key(Keysyms.OfKey(key), down: false);
        return new Done(start, NowMs);
    }

    /// <summary>Writes <paramref name="text"/>: uneven rhythm, fingers that overlap, and slips that Backspace takes back.</summary>
    /// <param name="slips">False where Backspace would not help, as in a list that jumps to what is typed.</param>
    public async Task<Done> TypeAsync(string text, CancellationToken cancellationToken, bool slips = true)
    {
        var start = NowMs;
        string? held = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (slips && draw.Chance(persona.SlipRate) && Keysyms.Neighbour(text[i], draw) is { } wrong)
            {
                // A key that is still down cannot be struck again, and the wrong one may be just that.
                if (held is not null) actor.Key(held, down: false);
                held = null;
                held = await StrikeAsync(wrong, held, roll: false, cancellationToken).ConfigureAwait(false);
                var further = i + 1 < text.Length && draw.Chance(0.4);
                if (further) held = await StrikeAsync(text[i + 1], held, roll: false, cancellationToken).ConfigureAwait(false);
                await PauseAsync(260, cancellationToken).ConfigureAwait(false);
                for (var back = 0; back < (further ? 2 : 1); back++)
                {
                    actor.Key("BackSpace", down: true);
                    await PauseAsync(60, cancellationToken).ConfigureAwait(false);
                    actor.Key("BackSpace", down: false);
                    await PauseAsync(70, cancellationToken).ConfigureAwait(false);
                }
            }
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            var roll = draw.Chance(0.18) && char.IsAsciiLetterLower(text[i]) && char.IsAsciiLetterLower(next) && text[i] != next;
            held = await StrikeAsync(text[i], held, roll, cancellationToken).ConfigureAwait(false);
            if (text[i] is ' ' or '@' or '-') await PauseAsync(90, cancellationToken).ConfigureAwait(false);
        }
        if (held is not null) actor.Key(held, down: false);
        return new Done(start, NowMs);
    }

    /// <summary>One letter; the key before it, still down, comes up after this one went down.</summary>
    /// <returns>The key that stays down because the next one rolls over it, else null.</returns>
    private async Task<string?> StrikeAsync(char letter, string? held, bool roll, CancellationToken cancellationToken)
    {
        var key = Keysyms.OfLetter(letter);
        actor.Key(key, down: true);
        if (held is not null) actor.Key(held, down: false);
        // Log-normal intervals: most are short, some are long, as with people.
        var interval = persona.KeyIntervalMs * Math.Exp(draw.Normal(-0.06, 0.35)) / persona.Pace;
        var hold = Math.Min(interval * 0.6, Math.Max(14, draw.Between(60, 95) / persona.Pace));
        await DelayAsync(hold, cancellationToken).ConfigureAwait(false);
        if (!roll) actor.Key(key, down: false);
        await DelayAsync(interval - hold, cancellationToken).ConfigureAwait(false);
        return roll ? key : null;
    }

    private async Task FollowAsync(IReadOnlyList<(double AtMs, ScreenPoint Point)> path, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        foreach (var (at, point) in path)
        {
            var ahead = at - time.GetElapsedTime(began).TotalMilliseconds;
            if (ahead > 0.5) await DelayAsync(ahead, cancellationToken).ConfigureAwait(false);
            actor.Move(point);
        }
    }

    private ScreenPoint Aim(ScreenRect target)
    {
        var x = target.X + target.Width * Math.Clamp(draw.Normal(0.5, 0.11), 0.2, 0.8);
        var y = target.Y + target.Height * Math.Clamp(draw.Normal(0.5, 0.11), 0.25, 0.75);
        return Clamp(new ScreenPoint((int)x, (int)y));
    }

    private ScreenPoint Clamp(ScreenPoint point) =>
        new(Math.Clamp(point.X, 0, actor.Screen.Width - 1), Math.Clamp(point.Y, 0, actor.Screen.Height - 1));

    private Task DelayAsync(double milliseconds, CancellationToken cancellationToken) =>
        milliseconds <= 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, cancellationToken);
}

/// <summary>Milliseconds of the boot clock.</summary>
internal readonly record struct Done(long StartMs, long EndMs);
