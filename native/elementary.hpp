// Elementary functions of vectors: exp, expm1, log, log1p, erfc, the normal distribution, sine and cosine of
// whole turns.
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
  static constexpr int exp_terms = 7, log_terms = 5, turn_terms = 5, log1p_terms = 8, erfc_terms = 12;
};

template <>
struct Format<double> {
  static constexpr int mantissa_bits = 52, bias = 1023;
  static constexpr double round_to_integer = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double ln2_high = 0.693147180369123816490;     // 32 bits
  static constexpr double ln2_low = 1.90821492927058770002e-10;
  static constexpr double exp_lowest = -708.0, exp_highest = 709.4;
  static constexpr int exp_terms = 13, log_terms = 11, turn_terms = 9, log1p_terms = 17,
                       erfc_terms = 26;
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

// ln(1 + u) for u in [0, 1], without cancellation near 0: 2 artanh(u / (2 + u)), |u / (2 + u)| <= 1/3.
// Error below 3 ulp.
template <class T>
[[gnu::always_inline]] inline Vec<T> logarithm_of_one_plus(Vec<T> u) {
  using F = Format<T>;
  const Vec<T> s = u / (u + 2);
  const Vec<T> square = s * s;
  Vec<T> series = broadcast<T>(static_cast<T>(1.0 / (2 * F::log1p_terms - 1)));
#pragma GCC unroll 20
  for (int k = F::log1p_terms - 1; k >= 1; --k) {
    series = series * square + static_cast<T>(1.0 / (2 * k - 1));
  }
  return 2 * s * series;
}

// Coefficients of the Chebyshev series of exp(x^2) erfc(x) in t = (x - 3.75) / (x + 3.75), x >= 0
// (J. L. Schonfelder, "Chebyshev expansions for the error and related functions", Math. Comp. 32, 1978),
// computed to 40 digits from the definition.
inline constexpr double kErfcSeries[26] = {
    0.30507154096160020896,     -0.43484127271257747183,    0.17635119364360550113,
    -0.06071079560924941486,    0.017712068995694114486,    -0.0043211193855672938186,
    0.00085421667688709867882,  -0.00012715509060916274263, 0.000011248167243671189469,
    3.1306388542182097264e-7,   -2.709880685377620218e-7,   3.0737622701407688799e-8,
    2.5156203848176233423e-9,   -1.0289299213203187854e-9,  2.9944052119950126246e-11,
    2.6051789687266917827e-11,  -2.634839924172187342e-12,  -6.4340450989099393038e-13,
    1.1245740180126400876e-13,  1.7281533389653256104e-14,  -4.2641016951186472503e-15,
    -5.4537197785286504261e-16, 1.5869760798408098594e-16,  2.0899838200342045552e-17,
    -5.9005264772870236026e-18, -9.4189306610346597287e-19};

// erfc(x) for x >= 0, by Clenshaw's recurrence. Error below 8 ulp times max(1, x^2): the argument of
// exp(-x^2) is rounded.
template <class T>
[[gnu::always_inline]] inline Vec<T> complementary_error_function(Vec<T> x) {
  x = smaller(x, broadcast<T>(T(40)));  // erfc(40) is 0 in both types; infinity has no t
  const Vec<T> t = (x - T(3.75)) / (x + T(3.75));
  const Vec<T> twice = 2 * t;
  Vec<T> b1{}, b2{};
#pragma GCC unroll 26
  for (int k = Format<T>::erfc_terms - 1; k >= 1; --k) {
    const Vec<T> b0 = twice * b1 - b2 + static_cast<T>(kErfcSeries[k]);
    b2 = b1;
    b1 = b0;
  }
  return exponential<T>(-x * x) * (t * b1 - b2 + static_cast<T>(kErfcSeries[0]));
}

// The normal distribution function: erfc(-z / sqrt 2) / 2 on the left, where it is small, and 1 minus its
// mirror image on the right. Error below 8 ulp times max(1, z^2 / 2).
template <class T>
[[gnu::always_inline]] inline Vec<T> normal_distribution(Vec<T> z) {
  const Vec<T> tail =
      T(0.5) * complementary_error_function<T>(larger(z, -z) * static_cast<T>(0.70710678118654752));
  return z > Vec<T>{} ? 1 - tail : tail;
}

template <class T>
[[gnu::always_inline]] inline Vec<T> normal_density(Vec<T> z) {
  return static_cast<T>(0.39894228040143268) * exponential<T>(T(-0.5) * z * z);
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
