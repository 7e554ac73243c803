// Counter-based random numbers: Philox4x32-10.
//
// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 3.3.
// A number is a pure function of (key, counter), so a stream is an address and never a state: the key is
// the member's seed, the counter says what the number is for. Nothing has to be saved to resume.
#pragma once

#include "simd.hpp"

namespace levelset::LEVELSET_PATH {

enum class Purpose : std::uint32_t {
  initial_weights = 1,
  batch_order = 2,
  dropout = 3,
  input_dropout = 4,
  input_noise = 5,
  weight_noise = 6,
  mixing = 7
};

// Where a stream stands: counter words 1 to 3. Word 0 counts the blocks of four numbers.
struct Stream {
  std::uint64_t seed;
  Purpose purpose;
  std::uint32_t layer, epoch, step;
};

using Words = IntVec<float>;  // signed in the type, used as unsigned 32-bit words
typedef std::uint32_t UWords __attribute__((vector_size(LEVELSET_VECTOR_BYTES)));

// The 64-bit products of each lane of `a` with the constant `b`.
[[gnu::always_inline]] inline void multiply_wide(UWords a, std::uint32_t b, UWords& high, UWords& low) {
#if defined(__AVX512F__)
  const __m512i x = (__m512i)a, y = _mm512_set1_epi32(static_cast<int>(b));
  const __m512i even = _mm512_mul_epu32(x, y);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), y);
  low = a * b;
  high = (UWords)_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
#elif defined(__AVX2__)
  const __m256i x = (__m256i)a, y = _mm256_set1_epi32(static_cast<int>(b));
  const __m256i even = _mm256_mul_epu32(x, y);
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), y);
  low = a * b;
  high = (UWords)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
#else
  for (int lane = 0; lane < lanes<float>; ++lane) {
    const std::uint64_t product = static_cast<std::uint64_t>(a[lane]) * b;
    high[lane] = static_cast<std::uint32_t>(product >> 32);
    low[lane] = static_cast<std::uint32_t>(product);
  }
#endif
}

struct Block {
  UWords word[4];
};

// Ten rounds on one block per lane.
[[gnu::always_inline]] inline Block philox(UWords c0, UWords c1, UWords c2, UWords c3,
                                           std::uint32_t key0, std::uint32_t key1) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    UWords high0, low0, high1, low1;
    multiply_wide(c0, 0xD2511F53u, high0, low0);
    multiply_wide(c2, 0xCD9E8D57u, high1, low1);
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// Blocks are written in groups of 16: word w of block 16 g + j stands at 64 g + 16 w + j, on every
// instruction set.
inline constexpr std::int64_t kGroup = 64;

inline std::int64_t rounded_to_groups(std::int64_t count) {
  return (count + kGroup - 1) / kGroup * kGroup;
}

// Fills `out` (rounded_to_groups(count) words) from the stream, starting at group `first_group`.
// About 3 instructions a word at 16 lanes.
inline void fill_words(const Stream& stream, std::int64_t count, std::uint32_t* out,
                       std::int64_t first_group = 0) {
  const auto key0 = static_cast<std::uint32_t>(stream.seed);
  const auto key1 = static_cast<std::uint32_t>(stream.seed >> 32);
  const UWords zero{};
  const UWords c1 = zero + stream.step, c2 = zero + stream.epoch;
  const UWords c3 = zero + (static_cast<std::uint32_t>(stream.purpose) << 24 | stream.layer);
  const UWords lane = (UWords)lane_numbers<float>();
  for (std::int64_t group = 0; group * kGroup < count; ++group) {
    for (int j = 0; j < 16; j += lanes<float>) {
      const auto first = static_cast<std::uint32_t>((first_group + group) * 16 + j);
      const Block block = philox(lane + first, c1, c2, c3, key0, key1);
      for (int w = 0; w < 4; ++w) {
        __builtin_memcpy(out + group * kGroup + 16 * w + j, &block.word[w], sizeof(UWords));
      }
    }
  }
}

// A permutation of 0 .. n-1 (Fisher and Yates; Knuth, TAOCP vol. 2, algorithm 3.4.2P), from the stream.
// An index below k is the high half of word * k: its bias is under k / 2^32.
inline void shuffle(const Stream& stream, std::int32_t n, std::int32_t* order, std::uint32_t* scratch) {
  fill_words(stream, n, scratch);
  for (std::int32_t i = 0; i < n; ++i) order[i] = i;
  for (std::int32_t i = n - 1; i > 0; --i) {
    const auto j = static_cast<std::int32_t>(
        static_cast<std::uint64_t>(scratch[i]) * static_cast<std::uint64_t>(i + 1) >> 32);
    const std::int32_t kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

}  // namespace levelset::LEVELSET_PATH
