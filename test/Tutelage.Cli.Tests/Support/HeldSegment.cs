using System.Globalization;
using System.Security.Cryptography;
using Tutelage.Recorder.Consent;
using Tutelage.Recording;
using Tutelage.Recording.Captured;
using Tutelage.Recording.Events;
using Tutelage.Recording.Segments;
using Tutelage.Sealing;

namespace Tutelage.Cli.Tests.Support;

/// <summary>A segment that waits on a person's machine, written as a recorder leaves it: a task, two clicks, typing, a gap, frames.</summary>
internal static class HeldSegment
{
    public const string Instruction = "Save the invented note";

    private static readonly ScreenSize Screen = new(320, 200);

    public static string Write(string personFolder)
    {
        string manifest;
        using (var enrolment = Enrolment.Load(personFolder)) manifest = enrolment.Manifest.Digest;
        var (spool, id) = (Path.Combine(personFolder, "spool"), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        var (folder, keys) = (Path.Combine(spool, "held", id), Path.Combine(spool, "keys"));
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(keys);
        var now = TimeProvider.System.GetUtcNow();
        var day = now.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        using var identity = DayKey(Path.Combine(keys, $"day-{day}.key"));
        File.WriteAllText(Path.Combine(folder, "day"), day);

        var files = Enum.GetValues<ContentClass>().ToDictionary(kept => kept, kept => SpoolFileWriter.Create(Path.Combine(folder, kept.ToString().ToLowerInvariant() + ".age"), identity.Recipient));
        var started = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        var writer = new SegmentWriter(files.ToDictionary(file => file.Key, file => (Stream)file.Value), new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), 0, started, Screen, manifest, "tutelage-redaction/1", 50, false));
        Fill(writer);
        foreach (var file in files.Values)
        {
            file.Complete();
            file.Dispose();
        }
        return id;
    }

    private static void Fill(SegmentWriter writer)
    {
        var context = new RecordedContext("mousepad", null, "Mousepad", Screen.Bounds);
        RecordedElement[] elements =
        [
            new(1, -1, "frame", "Mousepad", null, null, null, null, ElementStates.Enabled, Screen.Bounds),
            new(2, 1, "textbox", "Note", null, null, new(8, TextKind.Word), null, ElementStates.Enabled | ElementStates.Editable, new(10, 40, 200, 20)),
            new(3, 1, "button", "Save", null, null, null, null, ElementStates.Enabled, new(100, 100, 60, 24)),
        ];
        writer.Write(new TaskMark(At(0), "note/1", Instruction, false, null));
        writer.Write(new ElementSnapshot(At(50), context, elements, 2));
        using (var frame = ScreenImage.Rent(Screen, Screen.Bounds))
        {
            frame.Fill(Screen.Bounds, 0x00E0E0E0);
            frame.Fill(new(100, 100, 60, 24), 0x00404080);
            writer.Write(At(100), frame);
        }
        Click(writer, 500, new(60, 50));
        writer.Write(new TypedRun(At(1500), At(2300), 0, 2, new(8, TextKind.Word), 8, false));
        writer.Write(new ElementSnapshot(At(2400), context, elements, 2));
        Click(writer, 3000, new(130, 112));
        writer.Write(new Gap(At(4000), At(5000), GapReason.NotAllowed));
        writer.Write(new TaskMark(At(6000), "note/1", Instruction, true, true));
        writer.Complete(new(At(6500), 40, 34, 6, 0, 1));
    }

    private static void Click(SegmentWriter writer, long time, ScreenPoint to)
    {
        for (var step = 0; step < 10; step++) writer.Write(new PointerMoved(At(time + step * 50), new(to.X - 9 + step, to.Y - 9 + step)));
        writer.Write(new ButtonChanged(At(time + 500), PointerButton.Left, true, to));
        writer.Write(new ButtonChanged(At(time + 600), PointerButton.Left, false, to));
    }

    private static SessionTime At(long milliseconds) => new(milliseconds);

    private static TagIdentity DayKey(string path)
    {
        if (File.Exists(path)) return TagIdentity.Import(File.ReadAllBytes(path));
        var identity = TagIdentity.Generate();
        File.WriteAllBytes(path, identity.Export());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return identity;
    }
}
