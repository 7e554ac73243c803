// The memory of one worker, handed out in pieces.
#pragma once

#include <cstdint>

#include "team.hpp"

namespace levelset::LEVELSET_PATH {

// Hands out aligned pieces of one block, zeroed by the team; not so once the run is cancelled. With no block and no
// team it only counts, so that the size of a network is computed by the code that lays it out.
class Arena {
 public:
  Arena() : Arena(nullptr, nullptr) {}
  Arena(void* block, Team* team) : block_(static_cast<char*>(block)), team_(team) {}

  template <class U>
  U* take(Size count) {
    const Size bytes = (count * static_cast<Size>(sizeof(U)) + 63) / 64 * 64;
    char* piece = block_ ? block_ + used_ : nullptr;
    if (piece) clear(piece, bytes / 64);
    used_ += bytes;
    return reinterpret_cast<U*>(piece);
  }

  Size used() const { return used_; }

 private:
  void clear(char* piece, Size lines) {
    constexpr Size together = 64, cost = 1000;  // of a line whose page is new
    share(*team_, lines, together, cost, [=](Size first, Size last) {
      __builtin_memset(piece + 64 * first, 0, static_cast<std::size_t>(64 * (last - first)));
    });
  }

  char* block_;
  Team* team_;
  Size used_ = 0;
};

}  // namespace levelset::LEVELSET_PATH
