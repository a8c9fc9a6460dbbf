#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support.h"

namespace faces {

/// What goes into a network or comes out: single precision, in the order of the last axis.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> values;

  size_t count() const;
};

/// One input or output of a network.
struct Port {
  std::string name;
  /// -1 where the network leaves a side open.
  std::vector<int64_t> shape;
  bool isFloat = false;
};

/// onnxruntime, loaded from a file at run time: it is no part of Debian, and only needed for own networks.
class Runtime {
 public:
  explicit Runtime(const char *path);
  const std::string &version() const { return version_; }

  /// One of the functions of the library's table. The table only ever grows at its end, so that its first
  /// version, which is asked for, has the same places in every release.
  template <typename Function>
  Function at(size_t place) const {
    return reinterpret_cast<Function>(table_[place]);
  }
  /// Throws `BadModel` with the library's own words for a status that is none.
  void check(void *status) const;
  void *environment() const { return environment_; }

 private:
  void *const *table_ = nullptr;
  void *environment_ = nullptr;
  std::string version_;
};

/// One network. One thread at a time may use it.
class Session {
 public:
  Session(const Runtime &runtime, const FacesBytes &model);
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  const std::vector<Port> &inputs() const { return inputs_; }
  const std::vector<Port> &outputs() const { return outputs_; }
  /// Runs the network on an input for each of its own, and gives the output at `output`.
  Tensor run(const std::vector<Tensor> &inputs, size_t output) const;

 private:
  std::vector<Port> ports(size_t countPlace, size_t namePlace, size_t typePlace) const;

  const Runtime &runtime_;
  void *session_ = nullptr;
  void *memory_ = nullptr;
  std::vector<Port> inputs_, outputs_;
};

}  // namespace faces

struct FacesRuntime {
  faces::Runtime runtime;
};
