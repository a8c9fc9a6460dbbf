#include "runtime.h"

#include <dlfcn.h>

namespace faces {
namespace {

// What is used of onnxruntime's C interface: the version that is asked for, and the places of its functions in
// the table, as onnxruntime_c_api.h lays them out. Places are part of the library's promise to old programs.
constexpr uint32_t interfaceVersion = 1;
enum Place : size_t {
  getErrorMessage = 2,
  createEnvironment = 3,
  createSessionFromArray = 8,
  run = 9,
  createSessionOptions = 10,
  disableMemoryPattern = 17,
  disableMemoryArena = 19,
  setThreadsWithinNode = 24,
  setThreadsAcrossNodes = 25,
  inputCount = 30,
  outputCount = 31,
  inputType = 33,
  outputType = 34,
  inputName = 36,
  outputName = 37,
  createTensorOver = 49,
  tensorData = 51,
  tensorInfoOfType = 55,
  elementType = 60,
  dimensionCount = 61,
  dimensions = 62,
  tensorInfo = 65,
  createMemoryInfo = 69,
  freeWith = 76,
  usualAllocator = 78,
  releaseEnvironment = 92,
  releaseStatus = 93,
  releaseMemoryInfo = 94,
  releaseSession = 95,
  releaseValue = 96,
  releaseTypeInfo = 98,
  releaseTensorInfo = 99,
  releaseSessionOptions = 100,
};

// Values of its enumerations.
constexpr int fatalOnly = 4, deviceAllocator = 0, usualMemory = 0, singlePrecision = 1;

struct Entrance {
  void *const *(*table)(uint32_t version);
  const char *(*version)();
};

using Release = void (*)(void *);

/// Ends what the library made.
class Owned {
 public:
  Owned(const Runtime &runtime, Place release) : release_(runtime.at<Release>(release)) {}
  ~Owned() {
    if (pointer) release_(pointer);
  }
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  void *pointer = nullptr;

 private:
  Release release_;
};

}  // namespace

size_t Tensor::count() const {
  size_t count = 1;
  for (const int64_t side : shape) count *= size_t(std::max<int64_t>(0, side));
  return count;
}

Runtime::Runtime(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) throw BadModel(std::string("onnxruntime cannot be loaded: ") + dlerror());
  const auto enter = reinterpret_cast<const Entrance *(*)()>(dlsym(library, "OrtGetApiBase"));
  if (!enter) throw BadModel("the library is not onnxruntime");
  const Entrance *entrance = enter();
  version_ = entrance->version();
  table_ = entrance->table(interfaceVersion);
  if (!table_) throw BadModel("onnxruntime " + version_ + " does not offer version 1 of its interface");
  check(at<void *(*)(int, const char *, void **)>(createEnvironment)(fatalOnly, "swapline", &environment_));
}

void Runtime::check(void *status) const {
  if (!status) return;
  const std::string text = at<const char *(*)(const void *)>(getErrorMessage)(status);
  at<Release>(releaseStatus)(status);
  throw BadModel(text);
}

Session::Session(const Runtime &runtime, const FacesBytes &model) : runtime_(runtime) {
  Owned options(runtime, releaseSessionOptions);
  runtime.check(runtime.at<void *(*)(void **)>(createSessionOptions)(&options.pointer));
  // The callers own the threads, and the worker's memory is limited: no pools.
  for (const Place place : {setThreadsWithinNode, setThreadsAcrossNodes})
    runtime.check(runtime.at<void *(*)(void *, int)>(place)(options.pointer, 1));
  for (const Place place : {disableMemoryPattern, disableMemoryArena})
    runtime.check(runtime.at<void *(*)(void *)>(place)(options.pointer));
  runtime.check(runtime.at<void *(*)(const void *, const void *, size_t, const void *, void **)>(
      createSessionFromArray)(runtime.environment(), model.start, model.count, options.pointer, &session_));
  try {
    runtime.check(runtime.at<void *(*)(int, int, void **)>(createMemoryInfo)(deviceAllocator, usualMemory, &memory_));
    inputs_ = ports(inputCount, inputName, inputType);
    outputs_ = ports(outputCount, outputName, outputType);
  } catch (...) {
    if (memory_) runtime.at<Release>(releaseMemoryInfo)(memory_);
    runtime.at<Release>(releaseSession)(session_);
    throw;
  }
}

Session::~Session() {
  runtime_.at<Release>(releaseMemoryInfo)(memory_);
  runtime_.at<Release>(releaseSession)(session_);
}

std::vector<Port> Session::ports(size_t countPlace, size_t namePlace, size_t typePlace) const {
  const Runtime &api = runtime_;
  size_t count = 0;
  api.check(api.at<void *(*)(const void *, size_t *)>(countPlace)(session_, &count));
  void *allocator = nullptr;
  api.check(api.at<void *(*)(void **)>(usualAllocator)(&allocator));
  std::vector<Port> result;
  for (size_t index = 0; index < count; ++index) {
    Port port;
    char *name = nullptr;
    api.check(api.at<void *(*)(const void *, size_t, void *, char **)>(namePlace)(session_, index, allocator, &name));
    port.name = name;
    api.check(api.at<void *(*)(void *, void *)>(freeWith)(allocator, name));
    Owned type(api, releaseTypeInfo);
    api.check(api.at<void *(*)(const void *, size_t, void **)>(typePlace)(session_, index, &type.pointer));
    const void *info = nullptr;  // part of the type
    api.check(api.at<void *(*)(const void *, const void **)>(tensorInfoOfType)(type.pointer, &info));
    if (info) {
      int element = 0;
      size_t axes = 0;
      api.check(api.at<void *(*)(const void *, int *)>(elementType)(info, &element));
      api.check(api.at<void *(*)(const void *, size_t *)>(dimensionCount)(info, &axes));
      port.shape.resize(axes);
      api.check(api.at<void *(*)(const void *, int64_t *, size_t)>(dimensions)(info, port.shape.data(), axes));
      port.isFloat = element == singlePrecision;
    }
    result.push_back(std::move(port));
  }
  return result;
}

Tensor Session::run(const std::vector<Tensor> &inputs, size_t output) const {
  const Runtime &api = runtime_;
  std::vector<void *> values;
  const auto release = [&] {
    for (void *value : values) api.at<Release>(releaseValue)(value);
  };
  void *made = nullptr;
  Tensor result;
  try {
    std::vector<const char *> names;
    for (size_t index = 0; index < inputs.size(); ++index) {
      const Tensor &one = inputs[index];
      void *value = nullptr;
      api.check(api.at<void *(*)(const void *, void *, size_t, const int64_t *, size_t, int, void **)>(
          createTensorOver)(memory_, const_cast<float *>(one.values.data()), one.values.size() * sizeof(float),
                            one.shape.data(), one.shape.size(), singlePrecision, &value));
      values.push_back(value);
      names.push_back(inputs_[index].name.c_str());
    }
    const char *wanted = outputs_.at(output).name.c_str();
    api.check(api.at<void *(*)(void *, const void *, const char *const *, void *const *, size_t,
                               const char *const *, size_t, void **)>(Place::run)(
        session_, nullptr, names.data(), values.data(), values.size(), &wanted, 1, &made));
    Owned info(api, releaseTensorInfo);
    api.check(api.at<void *(*)(const void *, void **)>(tensorInfo)(made, &info.pointer));
    int element = 0;
    size_t axes = 0;
    api.check(api.at<void *(*)(const void *, int *)>(elementType)(info.pointer, &element));
    if (element != singlePrecision) throw BadModel("the network's output is not of single precision");
    api.check(api.at<void *(*)(const void *, size_t *)>(dimensionCount)(info.pointer, &axes));
    result.shape.resize(axes);
    api.check(api.at<void *(*)(const void *, int64_t *, size_t)>(dimensions)(info.pointer, result.shape.data(), axes));
    void *data = nullptr;
    api.check(api.at<void *(*)(void *, void **)>(tensorData)(made, &data));
    const float *numbers = static_cast<const float *>(data);
    result.values.assign(numbers, numbers + result.count());
  } catch (...) {
    release();
    if (made) api.at<Release>(releaseValue)(made);
    throw;
  }
  release();
  api.at<Release>(releaseValue)(made);
  return result;
}

}  // namespace faces

FacesStatus faces_runtime_load(const char *path, FacesRuntime **runtime, FacesMessage *message) {
  return faces::guarded(message, [&] { *runtime = new FacesRuntime{faces::Runtime(path)}; });
}

const char *faces_runtime_version(const FacesRuntime *runtime) { return runtime->runtime.version().c_str(); }
