using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tutelage.Identity;
using Tutelage.Recorder.Consent;
using Tutelage.Recorder.Spool;
using Tutelage.Recording.Segments;
using Tutelage.Redaction;
using Tutelage.Rules;
using Tutelage.Rules.Objects;
using Tutelage.Sealing;

namespace Tutelage.Recorder.Sending;

/// <summary>What became of one segment.</summary>
public enum SendOutcome
{
    /// <summary>The server has it; it is gone here.</summary>
    Sent,

    /// <summary>It waits here; try again later.</summary>
    ServerAway,

    /// <summary>The server refused it; it waits here.</summary>
    Refused,

    /// <summary>It was altered or cut on this machine; nothing of it was sent, and it waits here for its owner to look at or discard.</summary>
    Damaged,
}

/// <param name="Detail">Why it waits, in words; null if it was sent.</param>
/// <param name="SealedBytes">Of all classes, padding and both envelopes included.</param>
/// <param name="InputBytes">Of those, the class input.</param>
public sealed record SendResult(string Id, SendOutcome Outcome, string? Detail, long SealedBytes, long InputBytes);

/// <summary>Sends held segments: looks once more, seals to vault and auditor, signs, uploads, and only then removes them here.</summary>
/// <remarks>Sealed bytes are built in RAM (a segment is a few megabytes); nothing unsealed touches the disk.</remarks>
public sealed class SegmentSender(SpoolFolder spool, Enrolment enrolment, HttpClient server)
{
    private const int Headroom = 128 << 10;

    /// <param name="epoch">Of today's lease: for a segment that was recorded without one. Any other bears the epoch that it was recorded under.</param>
    public async Task<SendResult> SendAsync(string id, long epoch, SessionMemory? memory, CancellationToken cancellationToken)
    {
        var (vault, auditor) = Recipients();
        using var body = new MemoryStream();
        ObjectHeader header;
        try
        {
            using var opened = spool.Open(id);
            header = opened.Read(reader => Seal(opened, reader, spool.EpochOf(id) ?? epoch, memory, vault, auditor, body));
        }
        catch (Exception damaged) when (damaged is DayKeyMissingException or SegmentDamagedException)
        {
            return new(id, SendOutcome.Damaged, damaged.Message, 0, 0);
        }
        var inputBytes = header.Files.Where(file => file.Class == DataClass.Input).Sum(file => file.SizeBytes);
        var bytes = HeaderBytes.Encode(header);
        var signature = Convert.ToBase64String(enrolment.Device.Sign(bytes));
        var preamble = Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(bytes)}\n{signature}\n{enrolment.File.Certificate}\n");

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(enrolment.File.Server, "v1/objects"));
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(preamble);
        digest.AppendData(body.GetBuffer().AsSpan(0, (int)body.Length));
        request.Content = new PiecedContent(preamble, body.GetBuffer().AsMemory(0, (int)body.Length));
        HttpSignatures.SetBodyDigest(request, digest.GetHashAndReset());
        try
        {
            using var response = await server.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                // If we crash here the segment is sent again under a new id only if the answer was lost before this line; the server knows the id and says yes again.
                spool.Discard(id);
                return new(id, SendOutcome.Sent, null, body.Length, inputBytes);
            }
            var why = await response.Content.ReadAsStringAsync(cancellationToken);
            var away = response.StatusCode is HttpStatusCode.InsufficientStorage or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests;
            return new(id, away ? SendOutcome.ServerAway : SendOutcome.Refused, $"the server answered {(int)response.StatusCode}: {Shorten(why)}", body.Length, inputBytes);
        }
        catch (Exception away) when (away is HttpRequestException or IOException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var why = away is HttpRequestException { HttpRequestError: var error } ? error.ToString() : away.GetType().Name;
            return new(id, SendOutcome.ServerAway, $"the server at {enrolment.File.Server} does not answer ({why})", body.Length, inputBytes);
        }
    }

    private ObjectHeader Seal(
        OpenedSegment opened, SegmentReader reader, long epoch, SessionMemory? memory, IReadOnlyDictionary<DataClass, AgeRecipient> vault, AgeRecipient auditor, MemoryStream body)
    {
        // What is written is about as long as what is read: grown buffers would leave pieces of plaintext behind in RAM.
        var plain = opened.Files.Keys.ToDictionary(kept => kept, kept => new MemoryStream((int)Math.Min(int.MaxValue / 4, spool.SizeOf(opened.Id, kept) + Headroom)));
        try
        {
            using (var writer = new SegmentWriter(plain.ToDictionary(file => file.Key, file => (Stream)file.Value), reader.Opening)) new SecondLook(memory).Copy(reader, writer);
            var files = new List<SealedFileHeader>();
            foreach (var (kept, stream) in plain.OrderBy(file => file.Key))
            {
                stream.Position = 0;
                var named = Enum.Parse<DataClass>(kept.ToString());
                var file = CustodySeal.Seal(stream, body, vault[named], auditor);
                files.Add(new(named, file.SizeBytes, file.Sha256, file.OuterHeader, file.InnerHeader));
            }
            return new(opened.Id, ObjectKind.Segment, enrolment.File.Tag, epoch, NameOf(reader.Opening.Redactor), reader.Opening.Manifest, enrolment.Device.Public.Id, files);
        }
        finally
        {
            foreach (var stream in plain.Values) CryptographicOperations.ZeroMemory(stream.GetBuffer());
        }
    }

    private (IReadOnlyDictionary<DataClass, AgeRecipient> Vault, AgeRecipient Auditor) Recipients() =>
        (Enum.GetValues<DataClass>().Where(named => enrolment.File.Recipients.ContainsKey(Spelling.Of(named))).ToDictionary(named => named, named => AgeRecipient.Parse(enrolment.File.Recipients[Spelling.Of(named)])),
            AgeRecipient.Parse(enrolment.File.OuterRecipient));

    /// <summary>The redactor's name in the letters that a header may hold.</summary>
    private static string NameOf(string redactor) => redactor.Replace('/', '-');

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
