using System.Runtime.InteropServices;
using System.Text;

namespace Tutelage.Redaction.Ocr;

/// <summary>ONNX Runtime's C API, as much of it as running a model with one input and one output takes.</summary>
/// <remarks>
/// The API is a table of functions in a fixed order (onnxruntime_c_api.h, struct OrtApi; entries are only ever added at its end). A wrong index calls
/// another function with our arguments. With Microsoft.ML.OnnxRuntime at hand, <see cref="OnnxModel"/> is the one type to replace by its InferenceSession.
/// </remarks>
internal sealed unsafe class OnnxRuntime
{
    /// <summary>The first version that has every entry used here; later libraries still serve it.</summary>
    private const uint ApiVersion = 17;

    internal const int CreateSession = 7, Run = 9, CreateSessionOptions = 10, SetGraphOptimizationLevel = 23, SetIntraOpThreads = 24, SessionInputName = 36, SessionOutputName = 37,
        CreateTensorWithBuffer = 49, TensorData = 51, DimensionCount = 61, Dimensions = 62, TensorTypeAndShape = 65, DefaultAllocator = 78,
        ReleaseSession = 95, ReleaseValue = 96, ReleaseTensorTypeAndShape = 99, ReleaseSessionOptions = 100;

    private const int GetErrorMessage = 2, CreateEnvironment = 3, CreateCpuMemory = 69, ReleaseStatus = 93;
    private const int LogErrorsOnly = 3;

    private readonly nint* _api;

    private OnnxRuntime(nint* api) => _api = api;

    internal nint Environment { get; private set; }

    internal nint CpuMemory { get; private set; }

    /// <summary>Loads the library once; it stays for the life of the process.</summary>
    /// <exception cref="OcrException">It cannot be loaded or is too old.</exception>
    public static OnnxRuntime Load(string path)
    {
        if (!NativeLibrary.TryLoad(path, out var library) || !NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var entry))
            throw new OcrException($"{Path.GetFileName(path)} cannot be loaded as ONNX Runtime; run eng/ocr/fetch.sh again");
        var root = ((delegate* unmanaged<nint*>)entry)();
        var api = (nint*)((delegate* unmanaged<uint, nint>)root[0])(ApiVersion);
        if (api is null) throw new OcrException($"this ONNX Runtime does not serve API version {ApiVersion}; 1.17 or later is needed");

        var runtime = new OnnxRuntime(api);
        nint environment, memory;
        fixed (byte* name = "tutelage\0"u8) runtime.Check(((delegate* unmanaged<int, byte*, nint*, nint>)api[CreateEnvironment])(LogErrorsOnly, name, &environment));
        runtime.Check(((delegate* unmanaged<int, int, nint*, nint>)api[CreateCpuMemory])(1, 0, &memory));
        (runtime.Environment, runtime.CpuMemory) = (environment, memory);
        return runtime;
    }

    internal nint this[int function] => _api[function];

    /// <exception cref="OcrException">The call failed; the runtime's message speaks of shapes and files, never of pixels.</exception>
    internal void Check(nint status)
    {
        if (status == 0) return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_api[GetErrorMessage])(status)) ?? "no message";
        ((delegate* unmanaged<nint, void>)_api[ReleaseStatus])(status);
        throw new OcrException($"ONNX Runtime: {message}");
    }

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");
}

/// <summary>A model that takes one tensor of floats and gives one. Calls are serialised by its owner.</summary>
internal sealed unsafe class OnnxModel : IDisposable
{
    private readonly OnnxRuntime _runtime;
    private readonly byte[] _input;
    private readonly byte[] _output;
    private nint _session;

    /// <exception cref="OcrException">The file is not a model this runtime can use.</exception>
    public OnnxModel(OnnxRuntime runtime, string path, int threads)
    {
        _runtime = runtime;
        nint options, session, allocator;
        runtime.Check(((delegate* unmanaged<nint*, nint>)runtime[OnnxRuntime.CreateSessionOptions])(&options));
        try
        {
            runtime.Check(((delegate* unmanaged<nint, int, nint>)runtime[OnnxRuntime.SetIntraOpThreads])(options, threads));
            runtime.Check(((delegate* unmanaged<nint, int, nint>)runtime[OnnxRuntime.SetGraphOptimizationLevel])(options, 99));
            fixed (byte* file = OnnxRuntime.Utf8(path))
                runtime.Check(((delegate* unmanaged<nint, byte*, nint, nint*, nint>)runtime[OnnxRuntime.CreateSession])(runtime.Environment, file, options, &session));
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)runtime[OnnxRuntime.ReleaseSessionOptions])(options);
        }

        _session = session;
        runtime.Check(((delegate* unmanaged<nint*, nint>)runtime[OnnxRuntime.DefaultAllocator])(&allocator));
        _input = Name(OnnxRuntime.SessionInputName, allocator);
        _output = Name(OnnxRuntime.SessionOutputName, allocator);
    }

    private byte[] Name(int function, nint allocator)
    {
        byte* name;
        _runtime.Check(((delegate* unmanaged<nint, nuint, nint, byte**, nint>)_runtime[function])(_session, 0, allocator, &name));
        return OnnxRuntime.Utf8(Marshal.PtrToStringUTF8((nint)name) ?? throw new OcrException("the model's input or output has no name"));
    }

    /// <returns>The output's values and its dimensions.</returns>
    public (float[] Values, long[] Dimensions) Run(float[] values, ReadOnlySpan<long> dimensions)
    {
        ObjectDisposedException.ThrowIf(_session == 0, this);
        nint input = 0, output = 0, shape = 0;
        fixed (float* data = values)
        fixed (long* sizes = dimensions)
        fixed (byte* inputName = _input)
        fixed (byte* outputName = _output)
        {
            try
            {
                _runtime.Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)_runtime[OnnxRuntime.CreateTensorWithBuffer])(
                    _runtime.CpuMemory, data, (nuint)values.Length * sizeof(float), sizes, (nuint)dimensions.Length, 1, &input));
                var inputs = inputName;
                var outputs = outputName;
                _runtime.Check(((delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_runtime[OnnxRuntime.Run])(
                    _session, 0, &inputs, &input, 1, &outputs, 1, &output));
                _runtime.Check(((delegate* unmanaged<nint, nint*, nint>)_runtime[OnnxRuntime.TensorTypeAndShape])(output, &shape));
                nuint rank;
                _runtime.Check(((delegate* unmanaged<nint, nuint*, nint>)_runtime[OnnxRuntime.DimensionCount])(shape, &rank));
                var result = new long[rank];
                fixed (long* into = result) _runtime.Check(((delegate* unmanaged<nint, long*, nuint, nint>)_runtime[OnnxRuntime.Dimensions])(shape, into, rank));
                float* first;
                _runtime.Check(((delegate* unmanaged<nint, void**, nint>)_runtime[OnnxRuntime.TensorData])(output, (void**)&first));
                var count = result.Aggregate(1L, (product, size) => checked(product * size));
                return (new ReadOnlySpan<float>(first, checked((int)count)).ToArray(), result);
            }
            finally
            {
                if (shape != 0) ((delegate* unmanaged<nint, void>)_runtime[OnnxRuntime.ReleaseTensorTypeAndShape])(shape);
                if (output != 0) ((delegate* unmanaged<nint, void>)_runtime[OnnxRuntime.ReleaseValue])(output);
                if (input != 0) ((delegate* unmanaged<nint, void>)_runtime[OnnxRuntime.ReleaseValue])(input);
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _session, 0) is var session && session != 0) ((delegate* unmanaged<nint, void>)_runtime[OnnxRuntime.ReleaseSession])(session);
    }
}
