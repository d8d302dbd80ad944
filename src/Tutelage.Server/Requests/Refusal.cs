namespace Tutelage.Server.Requests;

/// <summary>Why a request was not done. The message names objects and classes, never bytes.</summary>
internal sealed record Refusal(int Status, string Error, string Message) : IResult
{
    public Task ExecuteAsync(HttpContext context)
    {
        context.RequestServices.GetRequiredService<ILogger<Refusal>>().Refused(Error, Status);
        if (Status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "2";
        context.Response.StatusCode = Status;
        return context.Response.WriteAsJsonAsync(new RefusalBody(Error, Message), ServerJson.Default.RefusalBody, cancellationToken: context.RequestAborted);
    }

    public static Refusal BadRequest(string message) => new(400, "bad-request", message);

    public static Refusal BadHeader(string message) => new(400, "bad-header", message);

    public static Refusal Truncated(string message) => new(400, "truncated", message);

    public static Refusal NoSuchObject() => new(404, "no-such-object", "there is no such object here, or it is not yours");

    public static Refusal Deleted(string id) => new(410, "deleted", $"object {id} is deleted by the person who recorded it, or they have deleted everything; it is not taken again");

    public static Refusal DiskFull() => new(507, "disk-full", "the server's disk is full; nothing was stored; send again when the operator has made room");

    public static Refusal Busy() => new(503, "busy", "too many uploads are in progress; send again in a moment");
}

internal sealed record RefusalBody(string Error, string Message);
