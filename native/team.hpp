// Work on one member shared among threads, without a change in any sum: a region is cut where no sum crosses,
// so a cut decides who computes a number and never how.
#pragma once

#include <sched.h>

#include "gemm.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

// Operations after which a chunk ends, so that a cancelled run is seen within milliseconds; and below which
// a region is not worth the two visits to another core's cache.
inline constexpr Size kMostWork = 200'000'000, kLeastWork = 200'000;
// Rows of a product, or numbers, that a chunk is a multiple of where it has as many: a multiple of most tiles.
inline constexpr Size kRowsTogether = 24, kNumbersTogether = 4096;

inline bool is_cancelled(const Team& team) {
  return team.cancelled->load(std::memory_order_relaxed);
}

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Does one chunk of the open region, if any is left; false if none was.
inline bool do_one_chunk(Team& team) {
  std::int64_t left = team.chunks_left.load(std::memory_order_acquire);
  do {
    if (left == 0) return false;
  } while (!team.chunks_left.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel,
                                                   std::memory_order_acquire));
  // What the chunk was claimed from cannot end before it is done, so the region's fields stand still.
  const Size chunk = team.chunk.load(std::memory_order_relaxed), first = (left - 1) * chunk;
  const Size count = team.count.load(std::memory_order_relaxed);
  const Size last = first + chunk < count ? first + chunk : count;
  if (!is_cancelled(team)) {
    team.work.load(std::memory_order_relaxed)(team.context.load(std::memory_order_relaxed), first,
                                              last);
  }
  team.chunks_done.fetch_add(1, std::memory_order_release);
  return true;
}

template <class Body>
void share_chunks(Team& team, Size count, Size chunk, Body& body) {
  const Size chunks = (count + chunk - 1) / chunk;
  team.count.store(count, std::memory_order_relaxed);
  team.chunk.store(chunk, std::memory_order_relaxed);
  team.context.store(&body, std::memory_order_relaxed);
  team.work.store(
      [](void* context, std::int64_t first, std::int64_t last) {
        const FlushDenormals flush;  // a helper's thread has its own
        (*static_cast<Body*>(context))(first, last);
      },
      std::memory_order_relaxed);
  team.chunks_done.store(0, std::memory_order_relaxed);
  team.chunks_left.store(chunks, std::memory_order_release);
  while (do_one_chunk(team)) {
  }
  while (team.chunks_done.load(std::memory_order_acquire) != chunks) pause();
}

// body(first, last) over 0 .. count - 1 in chunks, by the whole team; `cost` is the operations of one item. What
// an item computes may depend on nothing that another of them writes. Once the run is cancelled items are
// left undone: the caller must look before it keeps a result.
template <class Body>
void share(Team& team, Size count, Size together, Size cost, Body body) {
  const Size work = count * cost;
  const int helpers = team.helpers.load(std::memory_order_relaxed);
  if (work <= kMostWork && (helpers == 0 || work < kLeastWork)) return body(Size(0), count);
  const Size most = kMostWork / cost, even = (count + 2 * helpers + 1) / (2 * (helpers + 1));
  Size chunk = most < even || helpers == 0 ? most : even;
  if (chunk > together) chunk -= chunk % together;
  share_chunks(team, count, chunk > 0 ? chunk : 1, body);
}

// What a thread without a member of its own does: the chunks of a team, until it closes.
inline void assist(Team& team) {
  constexpr int patience = 4000;  // looks, before the core is offered to others
  team.helpers.fetch_add(1, std::memory_order_relaxed);
  for (int idle = 0; team.open.load(std::memory_order_acquire);) {
    if (do_one_chunk(team)) {
      idle = 0;
    } else if (++idle < patience) {
      pause();
    } else {
      sched_yield();
    }
  }
  team.helpers.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace levelset::LEVELSET_PATH
