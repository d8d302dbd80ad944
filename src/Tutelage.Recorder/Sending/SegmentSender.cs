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

    /// <summary>It was altered or cut on this machine, or the disk does not give it; nothing of it was sent, and it waits here for its owner to look at or discard.</summary>
    Damaged,
}

/// <param name="Detail">Why it waits, in words; null if it was sent.</param>
/// <param name="SealedBytes">Of all classes, padding and both envelopes included.</param>
/// <param name="InputBytes">Of those, the class input.</param>
public sealed record SendResult(string Id, SendOutcome Outcome, string? Detail, long SealedBytes, long InputBytes);

/// <summary>Sends held segments: looks once more, seals to vault and auditor, signs, uploads, and only then removes them here.</summary>
/// <remarks>Sealed bytes are built in RAM (a segment is a few megabytes); nothing unsealed touches the disk. What was offered once is offered again byte for byte (<see cref="SealedUpload"/>).</remarks>
public sealed class SegmentSender(SpoolFolder spool, Enrolment enrolment, HttpClient server)
{
    private const int Headroom = 128 << 10;

    /// <param name="epoch">Of today's lease: for a segment that was recorded without one. Any other bears the epoch that it was recorded under.</param>
    public async Task<SendResult> SendAsync(string id, long epoch, SessionMemory? memory, CancellationToken cancellationToken)
    {
        SealedUpload upload;
        try
        {
            upload = SealedUpload.Kept(spool, id) ?? Prepare(id, epoch, memory);
        }
        catch (Exception damaged) when (damaged is DayKeyMissingException or SegmentDamagedException)
        {
            return new(id, SendOutcome.Damaged, damaged.Message, 0, 0);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new(id, SendOutcome.Damaged, $"segment {id} cannot be read, or its sealed copy not be kept until the server has answered: {refused.Message}", 0, 0);
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(enrolment.File.Server, "v1/objects")) { Content = new ReadOnlyMemoryContent(upload.Body) };
        HttpSignatures.SetBodyDigest(request, SHA256.HashData(upload.Body.Span));
        SendResult Waits(SendOutcome outcome, string why) => new(id, outcome, why, upload.SealedBytes, upload.InputBytes);
        try
        {
            using var response = await server.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                // If we crash here the same bytes are sent again, and the server says yes again.
                spool.Discard(id);
                return new(id, SendOutcome.Sent, null, upload.SealedBytes, upload.InputBytes);
            }
            var why = await response.Content.ReadAsStringAsync(cancellationToken);
            if (IsNotStored(response.StatusCode, upload.IsNew)) SealedUpload.LetGo(spool, id);
            var away = response.StatusCode is HttpStatusCode.InsufficientStorage or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests;
            var before = response.StatusCode == HttpStatusCode.Conflict ? "; if this folder was restored from a copy, the segment was sent before and can be discarded here" : "";
            return Waits(away ? SendOutcome.ServerAway : SendOutcome.Refused, $"the server answered {(int)response.StatusCode}: {Shorten(why)}{before}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Waits(SendOutcome.ServerAway, $"the server at {enrolment.File.Server} has not answered within {server.Timeout.TotalSeconds:0.#} s; what it may have is sent again as it is");
        }
        catch (Exception away) when (away is HttpRequestException or IOException)
        {
            var error = (away as HttpRequestException)?.HttpRequestError;
            if (upload.IsNew && error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError) SealedUpload.LetGo(spool, id);
            return Waits(SendOutcome.ServerAway, $"the server at {enrolment.File.Server} does not answer ({error?.ToString() ?? away.GetType().Name})");
        }
    }

    /// <summary>Whether it is certain that the server holds nothing of these bytes. One that was offered before may be there whatever the answer to the next request is,
    /// unless that is about the bytes themselves.</summary>
    private static bool IsNotStored(HttpStatusCode status, bool isNew) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity
        || (isNew && ((int)status is >= 400 and < 500 || status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.InsufficientStorage));

    private SealedUpload Prepare(string id, long epoch, SessionMemory? memory)
    {
        var (vault, auditor) = Recipients();
        using var files = new MemoryStream();
        ObjectHeader header;
        SentSegment worked;
        using (var opened = spool.Open(id)) (header, worked) = opened.Read(reader => (Seal(opened, reader, spool.EpochOf(id) ?? epoch, memory, vault, auditor, files), TimesOf(id, reader)));
        var bytes = HeaderBytes.Encode(header);
        var signature = Convert.ToBase64String(enrolment.Device.Sign(bytes));
        var certificate = enrolment.CertificateFor(header.Manifest)
            ?? throw new SegmentDamagedException(id, $"it was recorded under manifest {header.Manifest[..16]}…, which this person did not agree to");
        var preamble = Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(bytes)}\n{signature}\n{certificate}\n");
        new SentList(Path.GetDirectoryName(spool.Root)!).Add(worked); // a person's folder is around its spool
        return SealedUpload.Keep(spool, header, preamble, files.GetBuffer().AsMemory(0, (int)files.Length));
    }

    private static SentSegment TimesOf(string id, SegmentReader reader)
    {
        var end = reader.Health!.Time; // a held segment has its health
        var first = reader.Input.Select(input => input.Time).Concat(reader.Gaps.Select(gap => gap.Start)).Append(end).Min(time => time.Milliseconds);
        return new(id, reader.Opening.StartedUtc.AddMilliseconds(first), reader.Opening.StartedUtc.AddMilliseconds(end.Milliseconds).AddMinutes(1)); // the session's beginning is known to the minute
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
