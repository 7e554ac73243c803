// What the tests of the kernels are made with.
#pragma once

#include <new>

#include "team.hpp"

namespace levelset::LEVELSET_PATH {
namespace {

// Exactly `count` numbers, so that the address sanitizer sees the first one too many.
template <class T>
class Buffer {
 public:
  explicit Buffer(Size count)
      : count_(count), data_(static_cast<T*>(::operator new(bytes(), std::align_val_t{64}))) {
    for (Size k = 0; k < count; ++k) data_[k] = T(0);
  }
  ~Buffer() { ::operator delete(data_, std::align_val_t{64}); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* data() const { return data_; }
  Size size() const { return count_; }
  T& operator[](Size k) const { return data_[k]; }

 private:
  std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(T); }
  Size count_;
  T* data_;
};

struct Numbers {
  std::uint32_t word = 12345;
  // Multiples of 1/8 in [-2, 2): sums and products of few of them are exact in any order.
  template <class T>
  T next() {
    word = word * 1664525u + 1013904223u;
    return static_cast<T>(static_cast<int>(word >> 27) - 16) / 8;
  }
};

template <class T>
void fill(Buffer<T>& matrix, Size rows, Size columns, Size stride, Numbers& numbers) {
  for (Size r = 0; r < rows; ++r) {
    for (Size c = 0; c < columns; ++c) matrix[r * stride + c] = numbers.next<T>();
  }
}

// A team of one.
struct Alone : Team {
  Alone() { cancelled = &nobody; }
  const std::atomic<bool> nobody{false};
};

constexpr Size kSizes[] = {1, 2, 3, 5, 8, 9, 13, 16, 17, 31, 33, 64, 65, 97, 130};

}  // namespace
}  // namespace levelset::LEVELSET_PATH
