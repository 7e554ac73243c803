// What training does to numbers on purpose: dropout and Gaussian noise.
#pragma once

#include "elementary.hpp"
#include "gemm.hpp"
#include "random.hpp"

namespace levelset::LEVELSET_PATH {

// Random words that `drop` and `add_noise` need for `count` numbers.
inline Size words_to_drop(Size count) {
  return rounded_to_groups((count + 1) / 2);
}
inline Size words_of_noise(Size count) {
  return rounded_to_groups(count);
}

// Inverted dropout (Srivastava et al., JMLR 15, 2014, section 4): each number of a (count) is kept with
// probability 1 - p and then divided by it; mask (count) is 0 or 1 / (1 - p). Half a random word decides one
// number, so p is rounded to a whole number of 1 / 65536, and to less than 1.
template <class T>
void drop(const Stream& stream, double p, Size count, T* a, T* mask, std::uint32_t* words) {
  const double rounded = p * 65536 + 0.5;
  const auto threshold = static_cast<std::uint32_t>(rounded < 65535 ? rounded : 65535);
  const T kept = static_cast<T>(65536.0 / (65536.0 - threshold));
  fill_words(stream, (count + 1) / 2, words);
  // Every group of 64 words decides 128 numbers: first by the low halves, then by the high ones.
  for (Size k = 0; k < count; k += kGroup) {
    const std::uint32_t* __restrict from = words + k / (2 * kGroup) * kGroup;
    const int shift = k / kGroup % 2 ? 16 : 0;
    const Size here = count - k < kGroup ? count - k : kGroup;
    T* __restrict masked = mask + k;
    T* __restrict number = a + k;
    for (Size j = 0; j < here; ++j) {
      masked[j] = (from[j] >> shift & 0xFFFF) >= threshold ? kept : T(0);
      number[j] *= masked[j];
    }
  }
}

// Two independent standard normal numbers from two uniform ones, u in (0, 1] and v in [0, 1):
// sqrt(-2 ln u) times cos and sin of 2 pi v (Box and Muller, Ann. Math. Stat. 29, 1958).
template <class T>
[[gnu::always_inline]] inline void normal_pair(Vec<T> u, Vec<T> v, Vec<T>& first, Vec<T>& second) {
  const Vec<T> radius = square_root<T>(-2 * logarithm<T>(u));
  cosine_sine_of_turn<T>(v, first, second);
  first *= radius;
  second *= radius;
}

// a (count, whole vectors) += s e, e ~ N(0, 1) independently. Words w_k and w_{k+32} of a group of 64 give the
// noise of numbers k and k + 32: u = (w_k + 1) / 2^32, and v the first 24 bits of w_{k+32}.
// Operations: about 45 a pair of numbers.
template <class T>
void add_noise(const Stream& stream, T s, Size count, T* a, std::uint32_t* words) {
  fill_words(stream, count, words);
  for (Size group = 0; group < count; group += kGroup) {
    T u[kGroup / 2], v[kGroup / 2], noise[kGroup];
    for (int k = 0; k < kGroup / 2; ++k) {
      u[k] = (static_cast<T>(words[group + k]) + 1) * static_cast<T>(1.0 / 4294967296.0);
      v[k] = static_cast<T>(words[group + kGroup / 2 + k] >> 8) * static_cast<T>(1.0 / 16777216.0);
    }
    for (int k = 0; k < kGroup / 2; k += lanes<T>) {
      Vec<T> first, second;
      normal_pair<T>(load(u + k), load(v + k), first, second);
      store(noise + k, first);
      store(noise + k + kGroup / 2, second);
    }
    const Size here = count - group < kGroup ? count - group : kGroup;
    for (Size k = 0; k < here; ++k) a[group + k] += s * noise[k];
  }
}

}  // namespace levelset::LEVELSET_PATH
