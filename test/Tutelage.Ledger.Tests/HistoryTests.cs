using System.IO.Compression;
using System.Text;

namespace Tutelage.Ledger.Tests;

/// <summary>A person's history: what it shows when it is whole, and that each single thing that does not fit is refused for what it is.</summary>
public sealed class HistoryTests : IDisposable
{
    private static readonly string Me = new('b', 32);
    private static readonly string NoPrevious = new('0', 64);

    private readonly LogFolder _folder = new();
    private readonly Cosigner _witness = Cosigner.Generate("witness");
    private readonly TileLog _log;
    private readonly PersonHistory _whole;

    /// <summary>Entries 1, 2 and 4 are about the person; entry 3 is the hourly root over them and two others.</summary>
    public HistoryTests()
    {
        _log = _folder.Open();
        Append("{}", 0);
        var first = Entry(1, 1, NoPrevious);
        var second = Entry(2, 2, CommitmentOf(first));
        PersonHead[] heads = [new(new('a', 32), 7, NoPrevious), new(Me, 2, CommitmentOf(second)), new(new('c', 32), 1, NoPrevious)];
        var rootBody = RootBody(3, Heads.Root(heads).Root);
        Append(rootBody, 3);
        var third = Entry(4, 3, CommitmentOf(second));
        LogVerifierTests.Cosign(_log, _witness, _folder);
        var (_, position, hashes) = Heads.Prove(heads, Me).ShouldNotBeNull();
        _whole = new PersonHistory(Me, [first, second, third], new HeadsMembership(rootBody, Salt(3), Proof(3), position, hashes), Proof(4));
    }

    public void Dispose()
    {
        _log.Dispose();
        _witness.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_whole_history_says_up_to_where_it_is_complete_and_who_stands_behind_that()
    {
        _whole.Verify(Audited).ShouldBe(new HistoryVerdict(null, 2, 3, true, 4, true));
        _whole.Verify(_folder.Policy).ShouldBe(new HistoryVerdict(null, 2, 3, false, 4, false));
        (_whole with { Heads = null }).Verify(Audited).ShouldBe(new HistoryVerdict(null, 0, 0, false, 4, true));
        var read = PersonHistory.Parse(_whole.ToBytes()).ShouldNotBeNull();
        read.Verify(Audited).ShouldBe(_whole.Verify(Audited));
        read.ToBytes().ShouldBe(_whole.ToBytes());
        Heads.Prove([new PersonHead(Me, 1, NoPrevious)], new('a', 32)).ShouldBeNull();
    }

    [Fact]
    public void Every_entry_that_is_left_out_changed_moved_or_another_persons_is_noticed()
    {
        var (first, second, third) = (_whole.Entries[0], _whole.Entries[1], _whole.Entries[2]);
        Refused(_whole with { Entries = [] }, "no entry");
        Refused(_whole with { Entries = [second, third] }, "entry 1: says it is the person's entry 2");
        Refused(_whole with { Entries = [first, third] }, "entry 2: says it is the person's entry 3");
        Refused(_whole with { Entries = [first, second] }, "the proof is of entry 4, the newest one shown says 2");
        Refused(_whole with { Entries = [first with { Salt = Salt(9) }, second, third] }, "entry 2: names another entry before it");
        Refused(_whole with { Entries = [first with { Salt = new byte[31] }, second, third] }, "entry 1: its salt has 31 bytes");
        Refused(_whole with { Entries = [first, second, third with { Salt = Salt(9) }] }, "not proven to be in the log (NotIncluded)");
        Refused(_whole with { Entries = [first with { Index = -1 }, second, third] }, "entry 1: index -1 after -1");
        Refused(_whole with { Entries = [first, second with { Index = 1 }, third] }, "entry 2: index 1 after 1");
        Refused(_whole with { Tag = new('d', 32) }, "entry 1: is not about this person");
        foreach (var body in (string[])["", "[]", first.Body[..^1], first.Body.Replace("\"tutelage-entry\":1", "\"tutelage-entry\":2", StringComparison.Ordinal), first.Body.Replace("\"previous\":", "\"before\":", StringComparison.Ordinal),
            first.Body.Replace("{\"tutelage", "{\"tutelage-entry\":1,\"tutelage", StringComparison.Ordinal), first.Body.Replace("\"sequence\":1", "\"sequence\":1.5", StringComparison.Ordinal)])
            Refused(_whole with { Entries = [first with { Body = body }, second, third] }, "entry 1: is not about this person");
        Refused(_whole with { Entries = [first with { Body = first.Body.Replace(NoPrevious, "", StringComparison.Ordinal) }, second, third] }, "entry 1: names another entry before it");
    }

    [Fact]
    public void What_another_log_signed_proves_nothing_here()
    {
        using var stranger = LogSigner.Generate(LogFolder.Origin);
        _whole.Verify(new LogPolicy(stranger.VerifierKey, [], 0)).Fault.ShouldNotBeNull().ShouldContain("the newest entry is not proven to be in the log (BadCheckpoint)");
        var heads = _whole.Heads.ShouldNotBeNull();
        var note = SignedNote.Parse(heads.Proof.Checkpoint.Span).ShouldNotBeNull();
        Refused(_whole with { Heads = heads with { Proof = heads.Proof with { Checkpoint = new SignedNote(note.Text, [stranger.Sign(note.Text)]).ToBytes() } } }, "the hourly root is not proven to be in the log (BadCheckpoint)");

        // A second log that the policy knows too: its hourly root says nothing about this one.
        using var second = LogSigner.Generate("second.example");
        var checkpoint = Checkpoint.Parse(note.Text).ShouldNotBeNull() with { Origin = "second.example" };
        var both = LogPolicy.Parse($"log {_folder.Policy.Log}\nlog {second.VerifierKey}\nquorum none\n");
        var moved = _whole with { Heads = heads with { Proof = heads.Proof with { Checkpoint = new SignedNote(checkpoint.Text, [second.Sign(checkpoint.Text)]).ToBytes() } } };
        moved.Verify(both).Fault.ShouldBe("the hourly root is of another log");
        _whole.Verify(both).Fault.ShouldBeNull();
    }

    [Fact]
    public void An_hourly_root_that_knows_of_more_less_or_other_entries_is_noticed()
    {
        var (first, second, third, heads) = (_whole.Entries[0], _whole.Entries[1], _whole.Entries[2], _whole.Heads.ShouldNotBeNull());
        const string LeftOut = "something is left out or added";

        // The index of an entry in the middle is a claim: moved behind the root, or onto it, the root still knows of it.
        Refused(_whole with { Entries = [first, second with { Index = 3 }, third] }, LeftOut);
        Refused(_whole with { Entries = [first], Newest = Proof(1) }, LeftOut);
        Refused(_whole with { Heads = heads with { Position = 0 } }, LeftOut);
        Refused(_whole with { Heads = heads with { Hashes = [] } }, LeftOut);
        Refused(_whole with { Heads = heads with { Salt = Salt(9) } }, "not proven to be in the log (NotIncluded)");
        Refused(_whole with { Heads = heads with { Salt = new byte[31] } }, "no entry of kind 'heads'");
        foreach (var body in (string[])["", "{}", heads.Body.Replace("\"heads\"", "\"head\"", StringComparison.Ordinal), heads.Body.Replace("\"tutelage-entry\":1", "\"tutelage-entry\":2", StringComparison.Ordinal),
            heads.Body.Replace("=\"", "\"", StringComparison.Ordinal), heads.Body.Replace("\"persons\"", "\"people\"", StringComparison.Ordinal)])
            Refused(_whole with { Heads = heads with { Body = body } }, "no entry of kind 'heads'");

        // An entry that is no hourly root although it is in the log and carries one.
        var other = heads.Body.Replace("\"heads\"", "\"released\"", StringComparison.Ordinal);
        Append(other, 5);
        Refused(_whole with { Heads = heads with { Body = other, Salt = Salt(5), Proof = Proof(5) } }, "no entry of kind 'heads'");
    }

    [Fact]
    public void An_hourly_root_from_before_the_persons_first_entry_says_nothing_about_them()
    {
        using var folder = new LogFolder();
        using var log = folder.Open();
        var body = RootBody(1, Heads.Root([new PersonHead(Me, 1, NoPrevious)]).Root);
        log.Append([EntryCommitment.Of(Salt(0), Encoding.UTF8.GetBytes(body))]);
        var first = new HistoryEntry(1, Body(1, NoPrevious), Salt(1));
        log.Append([Convert.FromHexString(CommitmentOf(first))]);
        TlogProof Of(long index) => new(index, log.ProveInclusion(index, 2), log.Checkpoint);
        new PersonHistory(Me, [first], new HeadsMembership(body, Salt(0), Of(0), 0, []), Of(1)).Verify(folder.Policy).Fault.ShouldBe("the hourly root is older than the person's first entry");
    }

    [Fact]
    public void Heads_that_are_not_sorted_or_name_a_person_twice_have_no_root()
    {
        PersonHead one = new(new('a', 32), 1, NoPrevious), two = new(new('b', 32), 1, NoPrevious);
        Heads.Root([one, two]).Persons.ShouldBe(2);
        Heads.Root([]).ShouldBe((0, MerkleTree.Empty));
        Should.Throw<ArgumentException>(() => Heads.Root([two, one]));
        Should.Throw<ArgumentException>(() => Heads.Root([one, one with { Sequence = 2 }]));
    }

    [Fact]
    public void Every_person_is_proven_under_the_root_at_their_own_place()
    {
        for (var count = 1; count <= 11; count++)
        {
            PersonHead[] heads = [.. Enumerable.Range(0, count).Select(i => new PersonHead(((char)('a' + i)).ToString(), i + 1, NoPrevious))];
            for (var i = 0; i < count; i++)
            {
                var (head, position, hashes) = Heads.Prove(heads, heads[i].Tag).ShouldNotBeNull();
                (head, position).ShouldBe((heads[i], i));
                MerkleProof.VerifyInclusion(position, count, head.Leaf, hashes, Heads.Root(heads).Root).ShouldBeTrue($"{i} of {count}");
            }
        }
    }

    [Fact]
    public void What_is_no_history_file_is_none()
    {
        var text = Unpack(_whole.ToBytes());
        var size = Encoding.UTF8.GetByteCount(text);
        PersonHistory.Parse(Pack(text)).ShouldNotBeNull();
        PersonHistory.Parse(Pack(text + new string(' ', PersonHistory.MaxSizeBytes - size))).ShouldNotBeNull();
        PersonHistory.Parse(Pack(text + new string(' ', PersonHistory.MaxSizeBytes - size + 1))).ShouldBeNull();
        PersonHistory.Parse(Encoding.UTF8.GetBytes(text)).ShouldBeNull();
        foreach (var (right, wrong) in ((string, string)[])[("\"tutelage-history\":1", "\"tutelage-history\":2"), ("\"entries\"", "\"entry\""), ("{\"tutelage", "{\"tag\":\"x\",\"tutelage"), ($"\"tag\":\"{Me}\"", "\"tag\":null"),
            ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"), ("\"position\":1", "\"position\":\"1\""), ("\"hashes\":[\"", "\"hashes\":[\"A"), ("\"hashes\":[\"", "\"hashes\":[null,\""), ("\"salt\":\"", "\"salt\":\"!")])
        {
            text.ShouldContain(right);
            PersonHistory.Parse(Pack(text.Replace(right, wrong, StringComparison.Ordinal))).ShouldBeNull(wrong);
        }
    }

    private LogPolicy Audited => _folder.PolicyWith(_witness);

    private void Refused(PersonHistory history, string fault)
    {
        var verdict = history.Verify(Audited);
        verdict.Fault.ShouldNotBeNull(fault).ShouldContain(fault);
        verdict.ShouldBe(new HistoryVerdict(verdict.Fault, 0, 0, false, 0, false));
    }

    private HistoryEntry Entry(long index, long sequence, string previous)
    {
        var body = Body(sequence, previous);
        Append(body, index);
        return new HistoryEntry(index, body, Salt(index));
    }

    private void Append(string body, long index) => _log.Append([EntryCommitment.Of(Salt(index), Encoding.UTF8.GetBytes(body))]).ShouldBe(index);

    private TlogProof Proof(long index) => new(index, _log.ProveInclusion(index, _log.Size), _log.Checkpoint);

    private static byte[] Salt(long index) => [.. Enumerable.Repeat((byte)(index + 1), EntryCommitment.SaltSizeBytes)];

    private static string CommitmentOf(HistoryEntry entry) => Convert.ToHexStringLower(EntryCommitment.Of(entry.Salt, Encoding.UTF8.GetBytes(entry.Body)));

    private static string Body(long sequence, string previous) =>
        $$"""{"tutelage-entry":1,"kind":"released","time":"2026-01-01T00:00:00Z","about":[{"tag":"{{new string('a', 32)}}","sequence":9,"previous":"{{NoPrevious}}"},{"tag":"{{Me}}","sequence":{{sequence}},"previous":"{{previous}}"}]}""";

    private static string RootBody(int persons, MerkleHash root) => $$"""{"tutelage-entry":1,"kind":"heads","time":"2026-01-01T00:00:00Z","about":[],"persons":{{persons}},"root":"{{root}}"}""";

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static string Unpack(byte[] packed)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
