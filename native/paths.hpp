// The instruction sets this build holds, and the ones this machine can run.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "plan.hpp"

namespace levelset {

namespace baseline {
extern const Path path;
}
#if defined(__x86_64__)
namespace avx2 {
extern const Path path;
}
namespace avx512 {
extern const Path path;
}
#endif

// Widest first.
inline std::vector<const Path*> available_paths() {
  std::vector<const Path*> paths;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    paths.push_back(&avx512::path);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) paths.push_back(&avx2::path);
#endif
  paths.push_back(&baseline::path);
  return paths;
}

inline const Path& find_path(const std::string& name) {
  std::string known;
  for (const Path* path : available_paths()) {
    if (name.empty() || name == path->name) return *path;
    known += (known.empty() ? "" : ", ") + std::string(path->name);
  }
  throw std::invalid_argument("`instruction_set` must be one that this machine runs (" + known +
                              "), got '" + name + "'.");
}

template <class T>
const Backend<T>& backend_of(const Path& path) {
  if constexpr (sizeof(T) == 4) {
    return *path.single;
  } else {
    return *path.twice;
  }
}

}  // namespace levelset
