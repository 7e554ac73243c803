// Elementary functions of vectors: exp, expm1, log, sine and cosine of whole turns.
//
// Each is a range reduction and a Taylor polynomial long enough for the type; the stated bounds are
// measured against the C library by tests/engine/test_elementary.py. Range reduction: J.-M. Muller,
// "Elementary Functions" (3rd ed., 2016), section 11.1 (additive reduction by Cody and Waite).
#pragma once

#include "simd.hpp"

namespace levelset::LEVELSET_PATH {

template <class T>
struct Format;

template <>
struct Format<float> {
  static constexpr int mantissa_bits = 23, bias = 127;
  static constexpr float round_to_integer = 12582912.0f;  // 1.5 * 2^23
  static constexpr float ln2_high = 0.693359375f;         // 9 bits: n * ln2_high is exact
  static constexpr float ln2_low = -2.12194440054690583e-4f;
  static constexpr float exp_lowest = -87.0f, exp_highest = 88.3f;  // results stay normal and finite
  static constexpr int exp_terms = 7, log_terms = 5, turn_terms = 5;
};

template <>
struct Format<double> {
  static constexpr int mantissa_bits = 52, bias = 1023;
  static constexpr double round_to_integer = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double ln2_high = 0.693147180369123816490;     // 32 bits
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double exp_lowest = -708.0, exp_highest = 709.4;
  static constexpr int exp_terms = 13, log_terms = 11, turn_terms = 9;
};

template <class T>
constexpr T reciprocal_factorial(int n) {
  double product = 1;
  for (int k = 2; k <= n; ++k) product *= k;
  return static_cast<T>(1 / product);
}

// exp(x) = 2^n (1 + p), with x = n ln 2 + r, |r| <= ln 2 / 2 and p = e^r - 1.
template <class T>
struct ReducedExponential {
  Vec<T> scale;  // 2^n
  Vec<T> p;      // e^r - 1
};

template <class T>
[[gnu::always_inline]] inline ReducedExponential<T> reduce_exponential(Vec<T> x) {
  using F = Format<T>;
  const Vec<T> shifted = x * static_cast<T>(1.4426950408889634) + F::round_to_integer;
  const Vec<T> n = shifted - F::round_to_integer;
  const Vec<T> r = (x - n * F::ln2_high) - n * F::ln2_low;
  Vec<T> p = broadcast<T>(reciprocal_factorial<T>(F::exp_terms));
#pragma GCC unroll 16
  for (int k = F::exp_terms - 1; k >= 1; --k) p = p * r + reciprocal_factorial<T>(k);
  p *= r;
  // The low bits of `shifted` hold n; moved to the exponent field they make 2^n.
  const IntVec<T> exponent = ((IntVec<T>)shifted + F::bias) << F::mantissa_bits;
  return {(Vec<T>)exponent, p};
}

// Error below 2 ulp; arguments below exp_lowest give about 1e-38 (float), above exp_highest about 2e38; NaN
// stays NaN.
template <class T>
[[gnu::always_inline]] inline Vec<T> exponential(Vec<T> x) {
  x = larger(x, broadcast<T>(Format<T>::exp_lowest));
  x = smaller(x, broadcast<T>(Format<T>::exp_highest));
  const auto [scale, p] = reduce_exponential<T>(x);
  return scale * p + scale;
}

// e^x - 1 without cancellation near 0; error below 3 ulp.
template <class T>
[[gnu::always_inline]] inline Vec<T> exponential_minus_one(Vec<T> x) {
  x = larger(x, broadcast<T>(Format<T>::exp_lowest));
  x = smaller(x, broadcast<T>(Format<T>::exp_highest));
  const auto [scale, p] = reduce_exponential<T>(x);
  return scale * p + (scale - 1);
}

// ln(x) for normal x > 0: x = 2^n m with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m-1)/(m+1)).
// Error below 3 ulp.
template <class T>
[[gnu::always_inline]] inline Vec<T> logarithm(Vec<T> x) {
  using F = Format<T>;
  const Vec<T> root_half = broadcast<T>(static_cast<T>(0.70710678118654752));
  const IntVec<T> offset = (IntVec<T>)x - (IntVec<T>)root_half;
  const IntVec<T> n = offset >> F::mantissa_bits;
  const Vec<T> m = (Vec<T>)((IntVec<T>)x - (n << F::mantissa_bits));
  const Vec<T> s = (m - 1) / (m + 1);
  const Vec<T> square = s * s;
  Vec<T> series = broadcast<T>(static_cast<T>(1.0 / (2 * F::log_terms - 1)));
#pragma GCC unroll 16
  for (int k = F::log_terms - 1; k >= 1; --k) {
    series = series * square + static_cast<T>(1.0 / (2 * k - 1));
  }
  // n as a real: its bits added to 1.5 * 2^mantissa_bits.
  const Vec<T> magic = broadcast<T>(F::round_to_integer);
  const Vec<T> real_n = (Vec<T>)((IntVec<T>)magic + n) - magic;
  return real_n * F::ln2_high + (real_n * F::ln2_low + 2 * s * series);
}

// cos(2 pi u) and sin(2 pi u) for u in [0, 1): reduced to an eighth of a turn around the nearest quarter.
// Error below 3 ulp.
template <class T>
[[gnu::always_inline]] inline void cosine_sine_of_turn(Vec<T> u, Vec<T>& cosine, Vec<T>& sine) {
  using F = Format<T>;
  const Vec<T> shifted = u * 4 + F::round_to_integer;
  const IntVec<T> quarter = (IntVec<T>)shifted & 3;
  const Vec<T> angle = (u * 4 - (shifted - F::round_to_integer)) * static_cast<T>(1.5707963267948966);
  const Vec<T> square = angle * angle;
  Vec<T> even = broadcast<T>(T(0)), odd = broadcast<T>(T(0));
#pragma GCC unroll 16
  for (int k = F::turn_terms; k >= 0; --k) {
    const T sign = k % 2 ? -1 : 1;
    even = even * square + sign * reciprocal_factorial<T>(2 * k);
    odd = odd * square + sign * reciprocal_factorial<T>(2 * k + 1);
  }
  odd *= angle;
  const IntVec<T> swapped = (quarter & 1) != 0;
  const Vec<T> c = swapped ? odd : even, s = swapped ? even : odd;
  cosine = (quarter == 1) | (quarter == 2) ? -c : c;
  sine = (quarter >= 2) ? -s : s;
}

}  // namespace levelset::LEVELSET_PATH
