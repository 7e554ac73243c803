// The memory of one worker, handed out in pieces.
#pragma once

#include <cstdint>

#include "gemm.hpp"

namespace levelset::LEVELSET_PATH {

// Hands out aligned pieces of one block, zeroed. With no block it only counts, so that the size of a network
// is computed by the code that lays it out.
class Arena {
 public:
  explicit Arena(void* block) : block_(static_cast<char*>(block)) {}

  template <class U>
  U* take(Size count) {
    const Size bytes = (count * static_cast<Size>(sizeof(U)) + 63) / 64 * 64;
    char* piece = block_ ? block_ + used_ : nullptr;
    if (piece) __builtin_memset(piece, 0, static_cast<std::size_t>(bytes));
    used_ += bytes;
    return reinterpret_cast<U*>(piece);
  }

  Size used() const { return used_; }

 private:
  char* block_;
  Size used_ = 0;
};

}  // namespace levelset::LEVELSET_PATH
