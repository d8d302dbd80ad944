namespace Tutelage.Recording;

/// <summary>Time since a session began, as stored: already quantised where the manifest asks for it.</summary>
/// <param name="Milliseconds">Never negative; <c>default</c> is the session's beginning.</param>
public readonly record struct SessionTime(long Milliseconds) : IComparable<SessionTime>
{
    public int CompareTo(SessionTime other) => Milliseconds.CompareTo(other.Milliseconds);

    /// <summary>Nanoseconds, the unit of MCAP's log_time.</summary>
    public ulong Nanoseconds => checked((ulong)Milliseconds * 1_000_000);

    public static SessionTime FromNanoseconds(ulong nanoseconds) => new((long)(nanoseconds / 1_000_000));

    public static long operator -(SessionTime left, SessionTime right) => left.Milliseconds - right.Milliseconds;
    public static bool operator <(SessionTime left, SessionTime right) => left.Milliseconds < right.Milliseconds;
    public static bool operator >(SessionTime left, SessionTime right) => left.Milliseconds > right.Milliseconds;
    public static bool operator <=(SessionTime left, SessionTime right) => left.Milliseconds <= right.Milliseconds;
    public static bool operator >=(SessionTime left, SessionTime right) => left.Milliseconds >= right.Milliseconds;
}
