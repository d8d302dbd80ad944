using System.Text;
using Tutelage.Ledger;

namespace Tutelage.Auditor.Tests;

/// <summary>The root over all heads: true, in time, and never skipped.</summary>
public sealed class HourlyRootTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tutelage-hours-").FullName;
    private readonly WrittenLedger _ledger;

    public HourlyRootTests()
    {
        _ledger = new WrittenLedger(_root);
        _ledger.AppendGranted();
    }

    [Fact]
    public void A_true_root_is_accepted_and_starts_a_new_hour()
    {
        _ledger.AppendHeads();
        Fail(after: TimeSpan.FromMinutes(59));
        _ledger.AppendHeads(time: _ledger.Latest + TimeSpan.FromMinutes(5));
        Fail(after: TimeSpan.FromMinutes(59));
        Refusal().ShouldBeNull();
    }

    [Fact]
    public void An_entry_where_a_root_is_due_is_refused()
    {
        Fail(after: TimeSpan.FromMinutes(60));
        Refusal().ShouldNotBeNull().ShouldContain("was due");
    }

    [Fact]
    public void An_entry_that_goes_back_in_time_is_refused()
    {
        Fail(after: TimeSpan.FromSeconds(-1));
        Refusal().ShouldNotBeNull().ShouldContain("back in time");
    }

    [Theory]
    [InlineData("root")]
    [InlineData("persons")]
    [InlineData("missing")]
    [InlineData("about")]
    public void A_false_root_is_refused(string what)
    {
        _ledger.AppendHeads(body =>
        {
            if (what == "root") body["root"] = MerkleTree.Empty.ToString();
            else if (what == "persons") body["persons"] = 2;
            else if (what == "missing") body.Remove("root");
            else body["about"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["tag"] = new string('b', 32), ["sequence"] = 1, ["previous"] = new string('0', 64) });
        });
        Refusal().ShouldNotBeNull();
    }

    public void Dispose()
    {
        _ledger.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private void Fail(TimeSpan after) => _ledger.Append("failed", [_ledger.Tag], new { grant = WrittenLedger.Grant, error = "x", message = "y" }, time: _ledger.Latest + after);

    /// <summary>Why the auditor refuses the last entry; all before it must be right.</summary>
    private string? Refusal()
    {
        using var scratch = Reading.Knowledge.Scratch();
        var reading = new Reading.LedgerReading(_ledger.Vault.Public, _ledger.Signer.VerifierKey.Text, new Reading.Knowledge(scratch));
        foreach (var (body, salt) in _ledger.Entries.SkipLast(1)) Read(body, salt).ShouldBeNull();
        return Read(_ledger.Entries[^1].Body, _ledger.Entries[^1].Salt);

        string? Read(string body, byte[] salt)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            return reading.Read(bytes, EntryCommitment.Of(salt, bytes));
        }
    }
}
