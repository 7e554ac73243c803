// The core's own tests: each prints what failed; the program's status says whether anything did.
#include <cstdio>
#include <string>

#include "paths.hpp"
#include "tally.hpp"

namespace levelset {

void Tally::check(bool passed, const char* what, std::source_location where) {
  ++(passed ? passed_ : failed_);
  if (!passed) std::printf("%s:%u: failed: %s\n", where.file_name(), where.line(), what);
}

int Tally::passed() const {
  return passed_;
}

int Tally::failed() const {
  return failed_;
}

namespace {

void test_kernels_of(const Path& path, Tally& tally) {
  const std::string name = path.name;
  if (name == "baseline") {
    baseline::test_products(tally);
    baseline::test_kernels(tally);
  }
#if defined(__x86_64__)
  if (name == "avx2") {
    avx2::test_products(tally);
    avx2::test_kernels(tally);
  }
  if (name == "avx512") {
    avx512::test_products(tally);
    avx512::test_kernels(tally);
  }
#endif
}

void test_paths(Tally& tally) {
  const auto paths = available_paths();
  tally.check(std::string(paths.back()->name) == "baseline", "every machine runs the baseline");
  tally.check(&find_path("") == paths.front(), "no name is the widest");
  for (const Path* path : paths) tally.check(&find_path(path->name) == path, "a path by its name");
  bool refused = false;
  try {
    find_path("mmx");
  } catch (const std::invalid_argument& error) {
    refused = std::string(error.what()).find("got 'mmx'") != std::string::npos;
  }
  tally.check(refused, "an unknown path is refused by name");
}

}  // namespace
}  // namespace levelset

int main() {
  levelset::Tally tally;
  levelset::test_paths(tally);
  for (const levelset::Path* path : levelset::available_paths())
    levelset::test_kernels_of(*path, tally);
  levelset::test_pool(tally);
  levelset::test_fleet(tally);
  std::printf("%d passed, %d failed\n", tally.passed(), tally.failed());
  return tally.failed() == 0 ? 0 : 1;
}
