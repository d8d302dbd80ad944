using System.Text;
using System.Text.Json.Nodes;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Tests.Support;

namespace Tutelage.Recorder.Tests;

/// <summary>What a recorder refuses to begin with. None of these needs a desktop.</summary>
public sealed class StartTests
{
    private static readonly Dictionary<string, string> Nowhere = new() { ["DISPLAY"] = "", ["WAYLAND_DISPLAY"] = "", ["XDG_SESSION_TYPE"] = "" };

    [Fact]
    public async Task Without_a_display_it_says_what_is_missing()
    {
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = RecorderProcess.Start(person, Nowhere);
        var (code, errors) = await recorder.EndAsync();
        code.ShouldBe(RecorderExit.Unsupported);
        errors.ShouldContain("DISPLAY is not set");
        errors.ShouldContain("hint:");
    }

    [Fact]
    public async Task Under_Wayland_it_says_what_to_do()
    {
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = RecorderProcess.Start(person, new Dictionary<string, string> { ["WAYLAND_DISPLAY"] = "wayland-0" });
        var (code, errors) = await recorder.EndAsync();
        code.ShouldBe(RecorderExit.Unsupported);
        errors.ShouldContain("Wayland is not supported yet");
    }

    [Fact]
    public async Task With_diagnostics_on_it_does_not_begin()
    {
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        await using var recorder = RecorderProcess.StartWith("1", person, Nowhere);
        var (code, errors) = await recorder.EndAsync();
        code.ShouldBe(RecorderExit.Failed);
        errors.ShouldContain("DOTNET_EnableDiagnostics");
    }

    [Fact]
    public async Task An_altered_manifest_is_refused_by_the_process()
    {
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        Alter(person, "manifest.json", "mousepad", "mousepae");
        await using var recorder = RecorderProcess.Start(person, Nowhere);
        var (code, errors) = await recorder.EndAsync();
        code.ShouldBe(RecorderExit.NotEnrolled);
        errors.ShouldContain("not the manifest that was signed");
    }

    [Fact]
    public void Every_doubt_about_an_enrolment_is_named()
    {
        Refused(person => File.Delete(Path.Combine(person.Folder, "enrolment.json"))).ShouldHaveSingleItem().ShouldContain("no enrolment");
        Refused(person => File.WriteAllText(Path.Combine(person.Folder, "enrolment.json"), "{")).ShouldHaveSingleItem().ShouldContain("not an enrolment");
        Refused(person => File.Delete(Path.Combine(person.Folder, "manifest.json"))).ShouldHaveSingleItem().ShouldContain("missing");
        Refused(person => File.WriteAllText(Path.Combine(person.Folder, "manifest.json"), "{\"capture\":[]}")).ShouldNotBeEmpty();
        Refused(person => Alter(person, "enrolment.json", "\"manifest_signature\": \"", "\"manifest_signature\": \"x")).ShouldHaveSingleItem().ShouldContain("signature");
        Refused(person => Alter(person, "enrolment.json", "\"manifest_signature\"", "\"other\"")).ShouldHaveSingleItem().ShouldContain("nobody signed");
        Refused(person =>
        {
            using var stranger = SigningKey.Generate();
            var path = Path.Combine(person.Folder, "enrolment.json");
            var text = File.ReadAllText(path);
            var at = text.IndexOf("\"manifest_signer\": \"", StringComparison.Ordinal) + 20;
            File.WriteAllText(path, text[..at] + stranger.Public.Text + text[text.IndexOf('"', at)..]);
        }).ShouldHaveSingleItem().ShouldContain("not the steward's");
        Refused(person =>
        {
            Alter(person, "manifest.json", "mousepad", "mousepae");
            File.Delete(Path.Combine(person.Folder, "device.key"));
        }).Count.ShouldBe(2);
        Refused(person => File.SetUnixFileMode(Path.Combine(person.Folder, "device.key"), (UnixFileMode)0b110_100_100)).ShouldHaveSingleItem().ShouldContain("chmod 600");
    }

    [Fact]
    public void A_manifest_that_somebody_signed_and_this_person_did_not_agree_to_is_refused() => Refused(person =>
    {
        using var wider = new EnrolledPerson(EnrolledPerson.EditorOnly.Replace("mousepad", "xterm", StringComparison.Ordinal));
        var theirs = JsonNode.Parse(File.ReadAllText(Path.Combine(wider.Folder, "enrolment.json")))!;
        var path = Path.Combine(person.Folder, "enrolment.json");
        var ours = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var name in (string[])["manifest_signature", "manifest_signer"]) ours[name] = theirs[name]!.DeepClone();
        File.WriteAllText(path, ours.ToJsonString());
        File.Copy(Path.Combine(wider.Folder, "manifest.json"), Path.Combine(person.Folder, "manifest.json"), overwrite: true);
    }).ShouldHaveSingleItem().ShouldContain("not the manifest that you agreed to");

    private static IReadOnlyList<string> Refused(Action<EnrolledPerson> harm)
    {
        using var person = new EnrolledPerson(EnrolledPerson.EditorOnly);
        Enrolment.Load(person.Folder).Dispose();
        harm(person);
        return Should.Throw<EnrolmentException>(() => Enrolment.Load(person.Folder)).Faults;
    }

    private static void Alter(EnrolledPerson person, string name, string from, string to)
    {
        var path = Path.Combine(person.Folder, name);
        var text = File.ReadAllText(path, Encoding.UTF8);
        text.ShouldContain(from);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}
