// Work on one member shared among threads, without a change in any sum: a region is cut where no sum crosses,
// so a cut decides who computes a number and never how.
#pragma once

#include <sched.h>

#include "gemm.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

// Operations after which a chunk ends, so that a cancelled run is seen within milliseconds; and below which
// a region is not worth the two visits to another core's cache.
inline constexpr Size kMostWork = 50'000'000, kLeastWork = 200'000;
// Operations that are done in the time in which one number is copied from memory to memory.
inline constexpr Size kCopyWork = 64;
// Rows, or numbers, that stay together: whole tiles of most heights, and whole blocks of sums.
inline constexpr Size kRowsTogether = 12, kNumbersTogether = 4096;
// Chunks for each thread of the team, so that a thread that was held up is not waited for.
inline constexpr Size kChunksEach = 4;

inline bool is_cancelled(const Team& team) {
  return team.cancelled->load(std::memory_order_relaxed);
}

// Waits a moment for another thread; after some thousand moments in a row it offers its core to others.
inline void wait_a_moment(int& moments) {
  constexpr int patience = 4000;
  if (++moments > patience) {
    sched_yield();
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Takes one of the chunks that are left, if any: the member's own thread from the front and helpers from the back, so
// that from region to region each finds its rows and weights in its own cache. Returns -1 if there was none.
inline std::int64_t take_chunk(Team& team, bool helps) {
  std::uint64_t left = team.chunks_left.load(std::memory_order_acquire), rest;
  do {
    const std::uint64_t first = left & 0xFFFFFFFF, end = left >> 32;
    if (first == end) return -1;
    rest = helps ? (end - 1) << 32 | first : end << 32 | (first + 1);
  } while (!team.chunks_left.compare_exchange_weak(left, rest, std::memory_order_acq_rel,
                                                   std::memory_order_acquire));
  return static_cast<std::int64_t>(helps ? (left >> 32) - 1 : left & 0xFFFFFFFF);
}

// Does one chunk of the open region, if any is left; false if none was.
inline bool do_one_chunk(Team& team, bool helps) {
  const std::int64_t number = take_chunk(team, helps);
  if (number < 0) return false;
  // What a chunk was taken from cannot end before it is done, so the region's fields stand still.
  const Size count = team.count.load(std::memory_order_relaxed);
  const Size chunks = team.chunks.load(std::memory_order_relaxed);
  const Size together = team.together.load(std::memory_order_relaxed);
  const auto edge = [=](Size k) {
    return k == chunks ? count : k * count / chunks / together * together;
  };
  const Size first = edge(number), last = edge(number + 1);
  if (first < last && !is_cancelled(team)) {
    team.work.load(std::memory_order_relaxed)(team.context.load(std::memory_order_relaxed), first,
                                              last);
  }
  team.chunks_done.fetch_add(1, std::memory_order_release);
  return true;
}

template <class Body>
void share_chunks(Team& team, Size count, Size chunks, Size together, Body& body) {
  team.count.store(count, std::memory_order_relaxed);
  team.chunks.store(chunks, std::memory_order_relaxed);
  team.together.store(together, std::memory_order_relaxed);
  team.context.store(&body, std::memory_order_relaxed);
  team.work.store(
      [](void* context, std::int64_t first, std::int64_t last) {
        const FlushDenormals flush;  // a helper's thread has its own
        (*static_cast<Body*>(context))(first, last);
      },
      std::memory_order_relaxed);
  team.chunks_done.store(0, std::memory_order_relaxed);
  team.chunks_left.store(static_cast<std::uint64_t>(chunks) << 32, std::memory_order_release);
  while (do_one_chunk(team, false)) {
  }
  for (int idle = 0; team.chunks_done.load(std::memory_order_acquire) != chunks;) wait_a_moment(idle);
}

// body(first, last) over 0 .. count - 1 in chunks of about equal size, by the whole team; `together` items are not
// parted, and `cost` is the operations of one. What an item computes may depend on nothing that another of them
// writes. Once the run is cancelled items are left undone: the caller must look before it keeps a result.
template <class Body>
void share(Team& team, Size count, Size together, Size cost, Body body) {
  const Size work = count * cost;
  const int helpers = team.helpers.load(std::memory_order_relaxed);
  if (work <= kMostWork && (helpers == 0 || work < kLeastWork)) return body(Size(0), count);
  const Size most = (count + together - 1) / together, wanted = kChunksEach * (helpers + 1);
  Size chunks = (work + kMostWork - 1) / kMostWork;
  if (helpers > 0 && chunks < wanted) chunks = wanted;
  share_chunks(team, count, chunks < most ? chunks : most, together, body);
}

// What a thread without a member of its own does: the chunks of a team, until it closes.
inline void assist(Team& team) {
  team.helpers.fetch_add(1, std::memory_order_relaxed);
  for (int idle = 0; team.open.load(std::memory_order_acquire);) {
    if (do_one_chunk(team, true)) {
      idle = 0;
    } else {
      wait_a_moment(idle);
    }
  }
  team.helpers.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace levelset::LEVELSET_PATH
