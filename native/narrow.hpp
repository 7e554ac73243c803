// The product of a narrow layer: result (b, c) for c so small that several classes fill half a vector or less.
//
// In the plain product such a layer would waste most of every vector on padding. Here each vector holds P
// steps of the sum at once: lane c P + q is the weight of class c at step k + q, the left operand's numbers
// k .. k + P - 1 are repeated across the vector, and the P parts of each class are added at the end.
#pragma once

#include <utility>

#include "gemm.hpp"

namespace levelset::LEVELSET_PATH {

// Steps a vector holds: 4, 2, or 1 where the plain product is as good.
template <class T>
constexpr Size steps_at_once(Size columns) {
  return columns * 4 <= lanes<T> ? 4 : columns * 2 <= lanes<T> ? 2 : 1;
}

// Numbers that a packed right operand takes.
template <class T>
constexpr Size packed_size(Size depth, Size columns) {
  const Size steps = steps_at_once<T>(columns);
  return (depth + steps - 1) / steps * lanes<T>;
}

// packed = the right operand whose columns are the rows of `from` (columns, depth), padded with zeros.
template <class T>
void pack(Size depth, Size columns, const T* from, Size stride, T* packed) {
  const Size steps = steps_at_once<T>(columns);
  for (Size k = 0; k < depth; k += steps, packed += lanes<T>) {
    for (Size c = 0; c < columns; ++c) {
      __builtin_memcpy(packed + c * steps, from + c * stride + k,
                       static_cast<std::size_t>(steps) * sizeof(T));
    }
  }
}

// from[0] .. from[P-1], again and again: one broadcasting load.
template <class T, int P>
[[gnu::always_inline]] inline Vec<T> load_repeated(const T* from) {
  constexpr int bytes = P * static_cast<int>(sizeof(T));
  static_assert(bytes <= LEVELSET_VECTOR_BYTES);
  if constexpr (bytes == LEVELSET_VECTOR_BYTES) {
    return load(from);
  } else if constexpr (bytes == 8) {
    typedef std::uint64_t Pairs __attribute__((vector_size(LEVELSET_VECTOR_BYTES)));
    std::uint64_t pair;
    __builtin_memcpy(&pair, from, sizeof pair);
    return (Vec<T>)(pair - Pairs{});
#if defined(__AVX512F__)
  } else if constexpr (bytes == 16) {
    return (Vec<T>)_mm512_broadcast_f32x4(_mm_loadu_ps(reinterpret_cast<const float*>(from)));
  } else {
    return (Vec<T>)_mm512_broadcast_f64x4(_mm256_loadu_pd(reinterpret_cast<const double*>(from)));
#elif defined(__AVX2__)
  } else {
    return (Vec<T>)_mm256_broadcast_ps(reinterpret_cast<const __m128*>(from));
#endif
  }
}

// Lane c = the sum of lanes c P .. c P + P - 1; the lanes behind the last such c are zero.
template <class T, int P>
[[gnu::always_inline]] inline Vec<T> add_parts(Vec<T> value) {
  if constexpr (P == 1) {
    return value;
  } else {
    const Vec<T> half = [&]<int... Lane>(std::integer_sequence<int, Lane...>) {
      constexpr int used = lanes<T> / 2;
      const Vec<T> zero{};
      return __builtin_shufflevector(value, zero, (Lane < used ? 2 * Lane : lanes<T>)...) +
             __builtin_shufflevector(value, zero, (Lane < used ? 2 * Lane + 1 : lanes<T>)...);
    }(std::make_integer_sequence<int, lanes<T>>{});
    return add_parts<T, P / 2>(half);
  }
}

// R rows of result = start + left packed.
template <class T, int R, int P>
[[gnu::always_inline]] inline void multiply_narrow_tile(Size groups, const T* left, Size left_stride,
                                                        const T* packed, const T* start, T* result,
                                                        Size stride) {
  Vec<T> sum[R] = {};
  for (Size group = 0; group < groups; ++group) {
    const Vec<T> right = load(packed + group * lanes<T>);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
      sum[r] += load_repeated<T, P>(left + r * left_stride + group * P) * right;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) store(result + r * stride, load(start) + add_parts<T, P>(sum[r]));
}

template <class T, int P>
void multiply_narrow_by(Size rows, Size depth, const T* left, Size left_stride, const T* packed,
                        const T* start, T* result, Size stride) {
  const Size groups = (depth + P - 1) / P;
  Size row = 0;
  for (; row + 8 <= rows; row += 8) {
    multiply_narrow_tile<T, 8, P>(groups, left + row * left_stride, left_stride, packed, start,
                                  result + row * stride, stride);
  }
  for (; row < rows; ++row) {
    multiply_narrow_tile<T, 1, P>(groups, left + row * left_stride, left_stride, packed, start,
                                  result + row * stride, stride);
  }
}

// result (rows, columns) = start (columns) + left (rows, depth) packed, where columns fill half a vector or
// less. The padding of `left` and of `start` is zero. Operations: 2 rows lanes depth / P.
template <class T>
void multiply_narrow(Size rows, Size columns, Size depth, const T* left, Size left_stride,
                     const T* packed, const T* start, T* result, Size stride) {
  if constexpr (lanes<T> >= 4) {
    if (steps_at_once<T>(columns) == 4) {
      return multiply_narrow_by<T, 4>(rows, depth, left, left_stride, packed, start, result, stride);
    }
  }
  multiply_narrow_by<T, 2>(rows, depth, left, left_stride, packed, start, result, stride);
}

}  // namespace levelset::LEVELSET_PATH
