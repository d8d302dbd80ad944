namespace Tutelage.Trajectories;

/// <summary>A record and its place in a session's order: after the input events before <paramref name="Position"/>, before the one at it.</summary>
/// <param name="Position">Index into <see cref="SessionTimeline.Input"/>; its length for what comes after the last event.</param>
public readonly record struct Placed<T>(int Position, T Record);

/// <summary>A frame of a session; its pixels are read by <see cref="SessionTimeline.ReadFrames"/>.</summary>
/// <param name="Index">Counts the session's frames from 0.</param>
public readonly record struct FrameReference(SessionTime Time, int Index);
