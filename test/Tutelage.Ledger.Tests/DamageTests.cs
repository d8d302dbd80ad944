namespace Tutelage.Ledger.Tests;

/// <summary>What a check says of every kind of damage and of everything left over.</summary>
public sealed class DamageTests
{
    private const int Seed = 20_261_123;

    /// <summary>Entries of random length under a witness, so that all files of a log are there: full and partial tiles, older partials, both checkpoints.</summary>
    [Fact]
    [Trait("Pace", "slow")]
    public void Every_flipped_byte_every_cut_and_every_deletion_is_found_and_explained()
    {
        using var folder = new LogFolder();
        using var witness = Cosigner.Generate("witness");
        var policy = folder.PolicyWith(witness);
        var random = new Random(Seed);
        using (var log = folder.Open())
        {
            foreach (var batch in (int[])[3, 253, 7, 2])
                log.Append([.. Enumerable.Range(0, batch).Select(_ => { var entry = new byte[random.Next(0, 12)]; random.NextBytes(entry); return new ReadOnlyMemory<byte>(entry); })]);
            LogVerifierTests.Cosign(log, witness, folder);
        }

        var sound = LogVerifier.Verify(folder.Folder, policy);
        (sound.Faults.Count, sound.Notes.Count, sound.AuditedSize).ShouldBe((0, 0, 265));
        var files = Directory.EnumerateFiles(folder.Folder, "*", SearchOption.AllDirectories).ToList();
        files.Select(f => Path.GetRelativePath(folder.Folder, f)).ShouldContain("tile/0/001.p/7");
        foreach (var path in files)
        {
            var bytes = File.ReadAllBytes(path);
            var step = bytes.Length > 2000 ? 13 : 1; // every byte of small files, every thirteenth of the two full ones: a tile's bytes are all alike
            for (var at = random.Next(step); at < bytes.Length; at += step)
            {
                var changed = (byte[])bytes.Clone();
                changed[at] ^= (byte)(1 << random.Next(8));
                Damaged(path, changed, $"bit of byte {at}");
            }

            for (var cut = 0; cut < 12; cut++) Damaged(path, bytes[..(bytes.Length * cut / 12)], $"cut to {cut}/12");
            Damaged(path, [.. bytes, 0], "a byte more");
            File.Delete(path);
            var older = path.Contains(".p/", StringComparison.Ordinal) && !path.EndsWith(".p/9", StringComparison.Ordinal);

            // An older partial tile may go: its successor holds the same. So may the audited checkpoint while the newest one carries the same cosignature.
            if (!older && !path.EndsWith(TileLog.AuditedCheckpoint, StringComparison.Ordinal)) Found().ShouldBeTrue($"{path} deleted");
            File.WriteAllBytes(path, bytes);
        }

        Found().ShouldBeFalse();

        void Damaged(string path, byte[] bytes, string what)
        {
            File.WriteAllBytes(path, bytes);
            Found().ShouldBeTrue($"{path}: {what}");
        }

        bool Found()
        {
            var report = LogVerifier.Verify(folder.Folder, policy);
            foreach (var fault in report.Faults.Concat(report.Notes)) fault.WhatToDo.ShouldNotBeEmpty();
            return report.Faults.Count + report.Notes.Count > 0;
        }
    }

    public static TheoryData<string, LogFaultKind> Kinds() => new()
    {
        { "missing tile", LogFaultKind.Missing }, { "missing entries", LogFaultKind.Missing }, { "short tile", LogFaultKind.WrongLength }, { "short entries", LogFaultKind.WrongLength },
        { "flipped hash", LogFaultKind.HashMismatch }, { "flipped entry", LogFaultKind.HashMismatch }, { "flipped node", LogFaultKind.HashMismatch }, { "older partial", LogFaultKind.HashMismatch }, { "older partial entries", LogFaultKind.HashMismatch },
        { "both replaced", LogFaultKind.RootMismatch }, { "tail gone", LogFaultKind.CheckpointBeyondFiles }, { "signature", LogFaultKind.BadSignature }, { "no checkpoint", LogFaultKind.Missing },
        { "stray", LogFaultKind.Stray }, { "hidden stray", LogFaultKind.Stray }, { "half written", LogFaultKind.HalfWritten }, { "beyond", LogFaultKind.BeyondCheckpoint }, { "beyond above", LogFaultKind.BeyondCheckpoint }, { "stranger", LogFaultKind.UnknownSigner },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_of_damage_has_its_name_its_place_and_its_remedy(string damage, LogFaultKind kind)
    {
        using var folder = new LogFolder();
        using (var log = folder.Open())
        {
            log.Append(LogFolder.Entries(0, 260));
            log.Append(LogFolder.Entries(260, 4));
        }

        string In(string name) => Path.Combine(folder.Folder, name);
        void Flip(string name, int at)
        {
            var bytes = File.ReadAllBytes(In(name));
            bytes[at] ^= 1;
            File.WriteAllBytes(In(name), bytes);
        }

        switch (damage)
        {
            case "missing tile": File.Delete(In("tile/0/000")); break;
            case "missing entries": File.Delete(In("tile/entries/000")); break;
            case "short tile": File.WriteAllBytes(In("tile/0/000"), File.ReadAllBytes(In("tile/0/000"))[..100]); break;
            case "short entries": File.WriteAllBytes(In("tile/entries/000"), File.ReadAllBytes(In("tile/entries/000"))[..100]); break;
            case "flipped hash": Flip("tile/0/000", 77); break;
            case "flipped entry": Flip("tile/entries/000", 5); break;
            case "flipped node": Flip("tile/1/000.p/1", 5); break;
            case "older partial": Flip("tile/0/001.p/4", 5); break;
            case "older partial entries": Flip("tile/entries/001.p/4", 3); break;
            case "both replaced":
                var bundle = File.ReadAllBytes(In("tile/entries/001.p/8"));
                bundle[3] ^= 1;
                File.WriteAllBytes(In("tile/entries/001.p/8"), bundle);
                File.WriteAllBytes(In("tile/0/001.p/8"), [.. EntryBundle.Read(bundle, 8)!.SelectMany(e => MerkleTree.HashLeaf(e.Span).ToArray())]);
                File.Delete(In("tile/0/001.p/4"));
                File.Delete(In("tile/entries/001.p/4"));
                break;
            case "tail gone":
                Directory.Delete(In("tile/entries/001.p"), recursive: true);
                Directory.Delete(In("tile/0/001.p"), recursive: true);
                break;
            case "signature": Flip("checkpoint", File.ReadAllBytes(In("checkpoint")).Length - 20); break;
            case "no checkpoint": File.Delete(In("checkpoint")); break;
            case "stray": File.WriteAllText(In("tile/notes.txt"), "hello"); break;
            case "hidden stray": File.WriteAllText(In(".secret"), "hello"); break;
            case "half written": File.WriteAllText(In("tile/0/001.new"), "hello"); break;
            case "beyond": File.WriteAllText(In("tile/0/001.p/9"), "hello"); break;
            case "beyond above": File.WriteAllText(In("tile/1/000.p/9"), "hello"); break;
            default:
                using (var stranger = Cosigner.Generate("stranger"))
                {
                    var note = SignedNote.Parse(File.ReadAllBytes(In("checkpoint"))).ShouldNotBeNull();
                    File.WriteAllBytes(In("checkpoint"), note.With(stranger.Cosign(note.Text, DateTimeOffset.UnixEpoch)).ToBytes());
                }

                break;
        }

        var report = LogVerifier.Verify(folder.Folder, folder.Policy);
        var found = report.Faults.Concat(report.Notes).FirstOrDefault(f => f.Kind == kind).ShouldNotBeNull($"{string.Join("; ", report.Faults)}");
        (found.IsDamage, found.Where.Length > 0, found.What.Length > 0, found.WhatToDo.Length > 0).ShouldBe((kind <= LogFaultKind.Fork, true, true, true));
        report.Verified.ShouldBe(kind > LogFaultKind.Fork);
    }

    [Fact]
    public void A_log_of_nothing_but_damage_ends_its_list_and_says_so()
    {
        using var folder = new LogFolder();
        using (var log = folder.Open()) log.Append(LogFolder.Entries(0, 1280));
        for (var tile = 0; tile < 5; tile++) File.WriteAllBytes(Path.Combine(folder.Folder, TilePath.Tile(0, tile)), new byte[TilePath.FullWidth * MerkleHash.SizeBytes]);
        for (var stray = 0; stray < 1002; stray++) File.WriteAllBytes(Path.Combine(folder.Folder, $"stray{stray:0000}"), []);
        var report = LogVerifier.Verify(folder.Folder, folder.Policy);
        report.Faults.Count.ShouldBe(LogReport.MaxFaults + 1);
        report.Faults[^1].What.ShouldContain("the list ends here");
        report.Notes.Count.ShouldBe(LogReport.MaxFaults);
        report.Notes.Select(note => note.Where).ShouldBeInOrder();
    }

    [Fact]
    public void Everything_up_to_a_fork_is_damage_and_nothing_behind_it()
    {
        foreach (var kind in Enum.GetValues<LogFaultKind>())
            new LogFault(kind, "here", "it").IsDamage.ShouldBe(kind is not (LogFaultKind.HalfWritten or LogFaultKind.BeyondCheckpoint or LogFaultKind.Stray or LogFaultKind.UnknownSigner or LogFaultKind.NotAudited), $"{kind}");
        using var folder = new LogFolder();
        Should.Throw<DirectoryNotFoundException>(() => LogVerifier.Verify("/nowhere/at/all", folder.Policy)).Message.ShouldContain("/nowhere/at/all");
    }
}
