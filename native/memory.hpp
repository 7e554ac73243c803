// Memory of members and workers.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace levelset {

// Asks for large pages, which the system maps, finds and takes back several times as fast as small ones, so that a
// large member starts and stops in less time. No more than a wish, and only for memory of several of them.
inline void want_large_pages(void* memory, std::size_t bytes) {
#if defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = 4096, least = 8 << 20;
  if (bytes < least) return;
  const auto place = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (place + page - 1) / page * page, end = (place + bytes) / page * page;
  madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
#endif
}

// Memory aligned for every vector width.
class Block {
 public:
  explicit Block(std::int64_t bytes)
      : data_(::operator new(static_cast<std::size_t>(bytes), std::align_val_t{64})) {
    want_large_pages(data_, static_cast<std::size_t>(bytes));
  }
  ~Block() { ::operator delete(data_, std::align_val_t{64}); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  void* data() const { return data_; }

 private:
  void* data_;
};

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

template <class T>
using Numbers = std::unique_ptr<T[], Free>;

template <class T>
Numbers<T> own_numbers(void* memory, std::size_t count) {
  if (!memory) throw std::bad_alloc();
  want_large_pages(memory, count * sizeof(T));
  return Numbers<T>(static_cast<T*>(memory));
}

// Numbers that start as zeros, and take up memory only where they are written.
template <class T>
Numbers<T> make_zeros(std::size_t count) {
  return own_numbers<T>(std::calloc(count, sizeof(T)), count);
}

// Numbers that must be written before they are read.
template <class T>
Numbers<T> make_room(std::size_t count) {
  return own_numbers<T>(std::malloc(count * sizeof(T)), count);
}

}  // namespace levelset
