// What training does to numbers on purpose: dropout, Gaussian noise, and how much of two rows is mixed.
#pragma once

#include "elementary.hpp"
#include "gemm.hpp"
#include "random.hpp"
#include "team.hpp"

namespace levelset::LEVELSET_PATH {

// Random words that `drop` and `add_noise` need for `count` numbers.
inline Size words_to_drop(Size count) {
  return rounded_to_groups((count + 1) / 2);
}
inline Size words_of_noise(Size count) {
  return rounded_to_groups(count);
}

// The numbers from `first`, the start of a group, up to `last`. Every group of 64 words decides 128 numbers:
// first by the low halves, then by the high ones.
template <class T>
void drop_by(Size first, Size last, std::uint32_t threshold, T kept, const std::uint32_t* words, T* a,
             T* mask) {
  for (Size k = first; k < last; k += kGroup) {
    const std::uint32_t* __restrict from = words + k / (2 * kGroup) * kGroup;
    const int shift = k / kGroup % 2 ? 16 : 0;
    const Size here = last - k < kGroup ? last - k : kGroup;
    T* __restrict masked = mask + k;
    T* __restrict number = a + k;
    for (Size j = 0; j < here; ++j) {
      masked[j] = (from[j] >> shift & 0xFFFF) >= threshold ? kept : T(0);
      number[j] *= masked[j];
    }
  }
}

// A dropout rate as a number of 1 / 65536 below 65536, and the share that is kept.
inline std::uint32_t dropout_threshold(double p) {
  const double rounded = p * 65536 + 0.5;
  return static_cast<std::uint32_t>(rounded < 65535 ? rounded : 65535);
}
template <class T>
inline T kept_share(double p) {
  return static_cast<T>((65536.0 - dropout_threshold(p)) / 65536.0);
}

// Inverted dropout (Srivastava et al., JMLR 15, 2014, section 4): each number of a (count) is kept with
// probability 1 - p and then divided by it; mask (count) is 0 or 1 / (1 - p). Half a random word decides one
// number.
template <class T>
void drop(Team& team, const Stream& stream, double p, Size count, T* a, T* mask, std::uint32_t* words) {
  const std::uint32_t threshold = dropout_threshold(p);
  const T kept = static_cast<T>(65536.0 / (65536.0 - threshold));
  const Size groups = (count + 2 * kGroup - 1) / (2 * kGroup);
  share(team, groups, 1, 10 * kGroup, [=, &stream](Size first, Size last) {
    fill_words(stream, (last - first) * kGroup, words + first * kGroup, first);
    const Size end = last * 2 * kGroup < count ? last * 2 * kGroup : count;
    drop_by<T>(first * 2 * kGroup, end, threshold, kept, words, a, mask);
  });
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

// The numbers from `first`, the start of a group, up to `last`.
template <class T>
void add_noise_of(Size first, Size last, T s, const std::uint32_t* words, T* a) {
  for (Size group = first; group < last; group += kGroup) {
    T u[kGroup / 2], v[kGroup / 2], noise[kGroup];
    for (int k = 0; k < kGroup / 2; ++k) {
      u[k] = (static_cast<T>(words[group + k]) + 1) * static_cast<T>(1.0 / 4294967296.0);
      v[k] = static_cast<T>(words[group + kGroup / 2 + k] >> 8) * static_cast<T>(1.0 / 16777216.0);
    }
    for (int k = 0; k < kGroup / 2; k += lanes<T>) {
      Vec<T> one, other;
      normal_pair<T>(load(u + k), load(v + k), one, other);
      store(noise + k, one);
      store(noise + k + kGroup / 2, other);
    }
    const Size here = last - group < kGroup ? last - group : kGroup;
    for (Size k = 0; k < here; ++k) a[group + k] += s * noise[k];
  }
}

// a (count, whole vectors) += s e, e ~ N(0, 1) independently. Words w_k and w_{k+32} of a group of 64 give the
// noise of numbers k and k + 32: u = (w_k + 1) / 2^32, and v the first 24 bits of w_{k+32}.
// Operations: about 45 a pair of numbers.
template <class T>
void add_noise(Team& team, const Stream& stream, T s, Size count, T* a, std::uint32_t* words) {
  share(team, (count + kGroup - 1) / kGroup, 1, 30 * kGroup, [=, &stream](Size first, Size last) {
    fill_words(stream, (last - first) * kGroup, words + first * kGroup, first);
    add_noise_of<T>(first * kGroup, last * kGroup < count ? last * kGroup : count, s, words, a);
  });
}

// The words of a stream, one after another.
class WordReader {
 public:
  explicit WordReader(const Stream& stream) : stream_(stream) {}
  std::uint32_t next() {
    if (read_ % kGroup == 0) fill_words(stream_, kGroup, words_, read_ / kGroup);
    return words_[read_++ % kGroup];
  }
  double next_uniform() { return (next() + 1.0) / 4294967296.0; }  // in (0, 1]

 private:
  Stream stream_;
  std::uint32_t words_[kGroup];
  std::int64_t read_ = 0;
};

// The logarithm of a gamma variate of shape alpha > 0 (Marsaglia and Tsang, ACM TOMS 26, 2000; alpha < 1 by their
// section 6). The logarithm, because at a small alpha the number itself is often too small to hold.
inline double log_gamma_variate(double alpha, WordReader& words) {
  const double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3, c = 1 / __builtin_sqrt(9 * d);
  for (;;) {
    constexpr double two_pi = 6.283185307179586476925;
    const double radius = __builtin_sqrt(-2 * __builtin_log(words.next_uniform()));
    const double x = radius * __builtin_cos(two_pi * (words.next() / 4294967296.0));
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, log_v = __builtin_log(v);
    if (__builtin_log(words.next_uniform()) >= x * x / 2 + d - d * v + d * log_v) continue;
    const double boost = alpha < 1 ? __builtin_log(words.next_uniform()) / alpha : 0;
    return __builtin_log(d) + log_v + boost;
  }
}

// A variate of Beta(alpha, alpha) in [0, 1]: g1 / (g1 + g2) of two gamma variates.
inline double mixing_share(double alpha, const Stream& stream) {
  WordReader words(stream);
  const double first = log_gamma_variate(alpha, words);
  const double second = log_gamma_variate(alpha, words);
  return 1 / (1 + __builtin_exp(second - first));
}

}  // namespace levelset::LEVELSET_PATH
