using Tutelage.Practice.Participants;
using Tutelage.Practice.Script;
using Tutelage.Recorder.Control;

namespace Tutelage.Cli.Demo;

/// <summary>One participant's recorded session, before anything of it was sent.</summary>
/// <param name="Folder">The person's own folder: enrolment, keys, spool.</param>
/// <param name="WitnessFolder">What the witness saw, without redaction.</param>
/// <param name="Status">The recorder's last word.</param>
internal sealed record DemoSession(ParticipantScript Script, string Tag, string Folder, string WitnessFolder, ActorLog Truth, RecorderStatus Status)
{
    public string Name => Script.Persona.Name;

    /// <summary>When the recorder's session began, on the boot clock that the actor's log uses.</summary>
    public long StartMs => Status.StartedBootMs;
}
