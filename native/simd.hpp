// Vectors of the widest registers of one instruction set, by the compiler's vector extensions.
//
// The whole core is compiled once per instruction set. LEVELSET_PATH names the set and is also the
// namespace, so that the builds never share a symbol; LEVELSET_VECTOR_BYTES is its register width.
// Everything below is IEEE arithmetic: no approximate instruction whose bits differ between vendors.
#pragma once

#include <cstdint>

#if defined(__AVX512F__) || defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

namespace levelset::LEVELSET_PATH {

template <class T>
struct Lanes;

template <>
struct Lanes<float> {
  typedef float real __attribute__((vector_size(LEVELSET_VECTOR_BYTES)));
  typedef std::int32_t integer __attribute__((vector_size(LEVELSET_VECTOR_BYTES)));
};

template <>
struct Lanes<double> {
  typedef double real __attribute__((vector_size(LEVELSET_VECTOR_BYTES)));
  typedef std::int64_t integer __attribute__((vector_size(LEVELSET_VECTOR_BYTES)));
};

template <class T>
using Vec = typename Lanes<T>::real;
template <class T>
using IntVec = typename Lanes<T>::integer;

template <class T>
inline constexpr int lanes = LEVELSET_VECTOR_BYTES / static_cast<int>(sizeof(T));

template <class T>
[[gnu::always_inline]] inline Vec<T> load(const T* from) {
  Vec<T> value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
[[gnu::always_inline]] inline void store(T* to, Vec<T> value) {
  __builtin_memcpy(to, &value, sizeof value);
}

// x - 0 is x for every x, -0 and NaN included, and compiles to one broadcast.
template <class T>
[[gnu::always_inline]] inline Vec<T> broadcast(T x) {
  return x - Vec<T>{};
}

template <class T>
[[gnu::always_inline]] inline IntVec<T> lane_numbers() {
  IntVec<T> numbers;
  for (int lane = 0; lane < lanes<T>; ++lane) numbers[lane] = lane;
  return numbers;
}

// The first `count` lanes, and zeros behind them.
template <class T>
[[gnu::always_inline]] inline Vec<T> first_lanes(Vec<T> value, std::int64_t count) {
  return lane_numbers<T>() < static_cast<std::int32_t>(count < lanes<T> ? count : lanes<T>) ? value
                                                                                            : Vec<T>{};
}

// NaN in `a` stays NaN.
template <class V>
[[gnu::always_inline]] inline V larger(V a, V b) {
  return a < b ? b : a;
}

template <class V>
[[gnu::always_inline]] inline V smaller(V a, V b) {
  return b < a ? b : a;
}

// Summed lane by lane, in order: the same sum on every compiler.
template <class T>
[[gnu::always_inline]] inline double sum_lanes(Vec<T> value) {
  double total = 0;
  for (int lane = 0; lane < lanes<T>; ++lane) total += static_cast<double>(value[lane]);
  return total;
}

template <class T>
[[gnu::always_inline]] inline Vec<T> square_root(Vec<T> value) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) {
    return (Vec<T>)_mm512_sqrt_ps((__m512)value);
  } else {
    return (Vec<T>)_mm512_sqrt_pd((__m512d)value);
  }
#elif defined(__AVX2__)
  if constexpr (sizeof(T) == 4) {
    return (Vec<T>)_mm256_sqrt_ps((__m256)value);
  } else {
    return (Vec<T>)_mm256_sqrt_pd((__m256d)value);
  }
#else
  for (int lane = 0; lane < lanes<T>; ++lane) {
    value[lane] = sizeof(T) == 4 ? __builtin_sqrtf(value[lane]) : __builtin_sqrt(value[lane]);
  }
  return value;
#endif
}

// Denormal numbers cost a hundred cycles each and mean nothing here: within this scope they are zero.
class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040u); }
  ~FlushDenormals() { _mm_setcsr(saved_); }

 private:
  unsigned saved_;
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" : : "r"(saved_ | (1ull << 24)));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }

 private:
  std::uint64_t saved_;
#endif
};

}  // namespace levelset::LEVELSET_PATH
