// What passed and what failed. Defined once, in test_native.cpp: the tests of every instruction set share it, so
// nothing of it may be compiled for one of them.
#pragma once

#include <source_location>

namespace levelset {

class Tally {
 public:
  void check(bool passed, const char* what,
             std::source_location where = std::source_location::current());
  int passed() const;
  int failed() const;

 private:
  int passed_ = 0, failed_ = 0;
};

void test_pool(Tally& tally);
void test_fleet(Tally& tally);

namespace baseline {
void test_products(Tally& tally);
void test_kernels(Tally& tally);
}  // namespace baseline
#if defined(__x86_64__)
namespace avx2 {
void test_products(Tally& tally);
void test_kernels(Tally& tally);
}  // namespace avx2
namespace avx512 {
void test_products(Tally& tally);
void test_kernels(Tally& tally);
}  // namespace avx512
#endif

}  // namespace levelset
