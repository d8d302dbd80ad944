namespace Tutelage.Recording.Events;

/// <summary>Class <see cref="ContentClass.Text"/>: the letters of a <see cref="TypedRun"/> that the manifest lets stand.</summary>
/// <param name="Surrogate">The text is a consistent stand-in of the same type, not what was typed.</param>
public sealed record TypedText(SessionTime Time, int Run, string Text, bool Surrogate);

/// <summary>A task began (<see cref="Ended"/> false) or ended. Its instruction is text, so the mark is of class <see cref="ContentClass.Text"/>.</summary>
/// <param name="TaskId">For a practice task its name and seed (<c>expense-form/17</c>), otherwise a random id.</param>
/// <param name="Success">Null if it is not known, and always while the task has not ended.</param>
public sealed record TaskMark(SessionTime Time, string TaskId, string Instruction, bool Ended, bool? Success);
