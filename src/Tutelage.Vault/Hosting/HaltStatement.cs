using System.Text;
using Tutelage.Identity;
using Tutelage.Rules.Halting;

namespace Tutelage.Hosting;

/// <summary>A statement of kind <c>halt</c> whose signature holds. Only <see cref="Read"/> makes one.</summary>
internal sealed record HaltStatement(SignedStatement Statement, PublicKey Key, HaltWords Words)
{
    /// <summary>A why of 500 characters and the rest.</summary>
    public const int MaxBodyBytes = 16 * 1024;

    /// <param name="keyById">Keys of people, not of devices.</param>
    public static HaltStatement? Read(ReadOnlySpan<byte> body, Func<string, PublicKey?> keyById)
    {
        try
        {
            var statement = SignedStatement.Parse(Encoding.UTF8.GetString(body));
            return keyById(statement.KeyId) is { } key && statement.Verify(key, HaltWords.Kind) ? new HaltStatement(statement, key, statement.Read<HaltWords>()) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>A statement of kind <c>resume</c> whose signature holds.</summary>
internal sealed record ResumeStatement(SignedStatement Statement, PublicKey Key, ResumeWords Words)
{
    public static ResumeStatement? Read(ReadOnlySpan<byte> body, Func<string, PublicKey?> keyById)
    {
        try
        {
            var statement = SignedStatement.Parse(Encoding.UTF8.GetString(body));
            return keyById(statement.KeyId) is { } key && statement.Verify(key, ResumeWords.Kind) ? new ResumeStatement(statement, key, statement.Read<ResumeWords>()) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
