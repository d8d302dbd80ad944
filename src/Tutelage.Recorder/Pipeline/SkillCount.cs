using System.Text.Json;
using Tutelage.Recorder.Spool;
using Tutelage.Recording;
using Tutelage.Rules.Capture;

namespace Tutelage.Recorder.Pipeline;

/// <summary>How much of each skill has been recorded from this person: once a quota is met the gate stays closed for it.</summary>
/// <remarks>
/// Kept in <c>skills.json</c> in the person's own folder and never sent: it tells how much somebody worked. Written every ten seconds and at the end, so a crash forgets
/// at most those. A file that cannot be read closes every quota: nobody knows what there is already.
/// </remarks>
internal sealed class SkillCount
{
    private const string FileName = "skills.json";
    private const int MaxBytes = 256 * 1024;

    private readonly string _path;
    private readonly CaptureManifest _manifest;
    private readonly Dictionary<string, long> _milliseconds;
    private bool _changed;

    private SkillCount(string path, CaptureManifest manifest, Dictionary<string, long>? milliseconds) =>
        (_path, _manifest, _milliseconds, IsUnreadable) = (path, manifest, milliseconds ?? [], milliseconds is null);

    /// <summary>The file is there and is none.</summary>
    public bool IsUnreadable { get; }

    /// <summary>Minutes recorded for each skill that has a quota, whole ones.</summary>
    public IReadOnlyList<(string Skill, int Minutes, int Quota)> Met => [.. _manifest.Quotas.Select(quota => (quota.Skill, (int)(_milliseconds.GetValueOrDefault(quota.Skill) / 60_000), quota.Minutes))];

    public static SkillCount Open(string folder, CaptureManifest manifest)
    {
        var path = Path.Combine(folder, FileName);
        return new(path, manifest, File.Exists(path) ? Read(path) : []);
    }

    public bool IsMet(ManifestRule? rule) => _manifest.Quotas.FirstOrDefault(quota => quota.Skill == rule?.Skill) is { } quota
        && (IsUnreadable || _milliseconds.GetValueOrDefault(quota.Skill) >= quota.Minutes * 60_000L);

    public void Add(ManifestRule rule, SessionTime start, SessionTime end)
    {
        if (rule.Skill is not { } skill || IsUnreadable || _manifest.Quotas.All(quota => quota.Skill != skill)) return;
        _milliseconds[skill] = _milliseconds.GetValueOrDefault(skill) + Math.Max(0, end.Milliseconds - start.Milliseconds);
        _changed = true;
    }

    /// <summary>Makes the count durable.</summary>
    /// <exception cref="IOException">The disk refuses it.</exception>
    public void Save()
    {
        if (!_changed) return;
        DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(_milliseconds));
        _changed = false;
    }

    private static Dictionary<string, long>? Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) return null;
            var read = JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllBytes(path));
            return read is null || read.Values.Any(milliseconds => milliseconds < 0) ? null : read;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
