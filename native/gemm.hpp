// Small matrix products, tiled into registers.
//
// One kernel serves every product of a dense layer, because the left operand is read one number at a
// time and may have any strides:
//   forward            Z (b, o) = A (b, i)  W (i, o)       left rows are rows of A
//   weight gradient    G (i, o) = A (b, i)' D (b, o)       left rows are columns of A
//   input gradient     E (b, i) = D (b, o)  W' (o, i)      from the transposed copy of W
// Rows of the right operand and of the result are aligned to 64 bytes and padded with zeros to whole
// vectors (`padded`), so that no product needs a mask.
#pragma once

#include "simd.hpp"

namespace levelset::LEVELSET_PATH {

using Size = std::int64_t;

// Numbers in a row of n: whole cache lines, and an odd number of them beyond four, so that the rows of
// a tall matrix do not all fall into the same few sets of the cache.
template <class T>
constexpr Size padded(Size n) {
  constexpr Size line = 64 / static_cast<Size>(sizeof(T));
  const Size count = (n + line - 1) / line;
  return (count > 4 && count % 2 == 0 ? count + 1 : count) * line;
}

// A matrix read by element (row, step): row * row_stride + step * step_stride.
template <class T>
struct LeftOperand {
  const T* data;
  Size row_stride, step_stride;
};

template <class T>
struct RightOperand {
  const T* data;
  Size row_stride;
  const T* next =
      nullptr;  // as many rows that are read after these, to be fetched meanwhile; null: none
};

// What becomes of a vector of the result before it is stored; `at` is its place in the result.
template <class T>
struct AsItIs {
  Vec<T> operator()(Vec<T> value, Size) const { return value; }
};

// R rows by N vectors of the result, held in registers over the whole depth.
// Operations: 2 R N lanes a step. Bytes: R broadcasts and N vectors read a step.
template <class T, int R, int N, class Finish>
[[gnu::always_inline]] inline void multiply_tile(Size depth, LeftOperand<T> left, RightOperand<T> right,
                                                 const T* start, T* result, Size stride, Size at,
                                                 const Finish& finish) {
  Vec<T> sum[R][N];
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
    const Vec<T> first = start ? load(start + j * lanes<T>) : Vec<T>{};
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) sum[r][j] = first;
  }
  const T* a = left.data;
  const T* b = right.data;
  for (Size step = 0; step < depth; ++step) {
    Vec<T> column[N];
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) column[j] = load(b + j * lanes<T>);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const Vec<T> factor = broadcast<T>(a[r * left.row_stride]);
#pragma GCC unroll 16
      for (int j = 0; j < N; ++j) sum[r][j] += factor * column[j];
    }
    a += left.step_stride;
    b += right.row_stride;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) {
      const Size place = at + r * stride + j * lanes<T>;
      store(result + place, finish(sum[r][j], place));
    }
  }
}

// `count` tiles of R rows, one below the other; `at` is the place of the first in the result.
template <class T, int R, int N, class Finish>
void multiply_tiles(Size count, Size depth, const LeftOperand<T>& left, const RightOperand<T>& right,
                    const T* start, T* result, Size stride, Size at, const Finish& finish) {
  LeftOperand<T> part = left;
  const T* next = right.next;
  Size to_fetch = next ? depth : 0;
  const Size each = (to_fetch + count - 1) / count;
  for (; count > 0; --count) {
    for (Size k = 0; k < each && to_fetch > 0; ++k, --to_fetch, next += right.row_stride) {
#pragma GCC unroll 16
      for (int j = 0; j < N * lanes<T>; j += 64 / static_cast<int>(sizeof(T))) {
        __builtin_prefetch(next + j, 0, 2);
      }
    }
    multiply_tile<T, R, N>(depth, part, right, start, result, stride, at, finish);
    part.data += R * part.row_stride;
    at += R * stride;
  }
}

// The largest tiles that leave registers for the operands (32 registers with AVX-512 and NEON, else 16).
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int kMostVectors = 4;
inline constexpr int kMostRows[kMostVectors + 1] = {0, 12, 10, 8, 6};
#else
inline constexpr int kMostVectors = 2;
inline constexpr int kMostRows[kMostVectors + 1] = {0, 8, 6};
#endif

template <class T, class Finish>
using Tiles = void (*)(Size, Size, const LeftOperand<T>&, const RightOperand<T>&, const T*, T*, Size,
                       Size, const Finish&);

template <class T, class Finish, int N, int R>
constexpr Tiles<T, Finish> tiles_of_height() {
  if constexpr (R <= kMostRows[N]) {
    return multiply_tiles<T, R, N, Finish>;
  } else {
    return nullptr;
  }
}

template <class T, class Finish, int N>
inline constexpr Tiles<T, Finish> kTiles[13] = {
    nullptr,
    tiles_of_height<T, Finish, N, 1>(),
    tiles_of_height<T, Finish, N, 2>(),
    tiles_of_height<T, Finish, N, 3>(),
    tiles_of_height<T, Finish, N, 4>(),
    tiles_of_height<T, Finish, N, 5>(),
    tiles_of_height<T, Finish, N, 6>(),
    tiles_of_height<T, Finish, N, 7>(),
    tiles_of_height<T, Finish, N, 8>(),
    tiles_of_height<T, Finish, N, 9>(),
    tiles_of_height<T, Finish, N, 10>(),
    tiles_of_height<T, Finish, N, 11>(),
    tiles_of_height<T, Finish, N, 12>(),
};

// A panel of N vectors whose first number is at `at`: its rows in tiles of nearly equal height, the taller ones first.
template <class T, int N, class Finish>
void multiply_panel(Size rows, Size depth, const LeftOperand<T>& left, const RightOperand<T>& right,
                    const T* start, T* result, Size stride, Size at, const Finish& finish) {
  const Size count = (rows + kMostRows[N] - 1) / kMostRows[N];
  const Size height = rows / count, taller = rows % count;
  const Size above = taller * (height + 1);
  if (taller > 0) {
    kTiles<T, Finish, N>[height + 1](taller, depth, left, right, start, result, stride, at, finish);
  }
  const LeftOperand<T> below{left.data + above * left.row_stride, left.row_stride, left.step_stride};
  kTiles<T, Finish, N>[height](count - taller, depth, below, right, start, result, stride,
                               at + above* stride, finish);
}

// result (rows, columns) = finish(start (columns; zero if null) + left (rows, depth) right (depth, columns)).
template <class T>
struct Product {
  Size rows, columns, depth;
  LeftOperand<T> left;
  RightOperand<T> right;
  const T* start;
  T* result;
  Size stride;

  // Of the result: stretches of columns of nearly equal width.
  Size panels() const {
    return ((columns + lanes<T> - 1) / lanes<T> + kMostVectors - 1) / kMostVectors;
  }
};

// Rows and panels of a product, from the first up to the last. Fetching ahead is for a right operand that another
// core wrote: from its cache a line comes so late that the tiles would wait.
struct Part {
  Size first_row, last_row, first_panel, last_panel;
  bool fetches_ahead = false;
};

// Operations: 2 rows columns depth. The order of the sum over depth is fixed: it depends on no tile, and on
// no cut into parts.
template <class T, class Finish = AsItIs<T>>
void multiply(const Product<T>& product, const Part& part, const Finish& finish = {}) {
  const Size rows = part.last_row - part.first_row, depth = product.depth, stride = product.stride;
  if (rows == 0) return;
  LeftOperand<T> left = product.left;
  left.data += part.first_row * left.row_stride;
  const Size vectors = (product.columns + lanes<T> - 1) / lanes<T>, panels = product.panels();
  const Size width = vectors / panels, wider = vectors % panels;
  T* const result = product.result;
  for (Size panel = part.first_panel; panel < part.last_panel; ++panel) {
    const Size here = width + (panel < wider);
    const Size column = (panel * width + (panel < wider ? panel : wider)) * lanes<T>;
    const Size at = part.first_row * stride + column;
    const T* const data = product.right.data + column;
    const bool fetches = part.fetches_ahead && panel + 1 < panels;
    const RightOperand<T> right{data, product.right.row_stride,
                                fetches ? data + here * lanes<T> : nullptr};
    const T* from = product.start ? product.start + column : nullptr;
    if (here == 1) multiply_panel<T, 1>(rows, depth, left, right, from, result, stride, at, finish);
    if (here == 2) multiply_panel<T, 2>(rows, depth, left, right, from, result, stride, at, finish);
    if constexpr (kMostVectors > 2) {
      if (here == 3) multiply_panel<T, 3>(rows, depth, left, right, from, result, stride, at, finish);
      if (here == 4) multiply_panel<T, 4>(rows, depth, left, right, from, result, stride, at, finish);
    }
  }
}

template <class T, class Finish = AsItIs<T>>
void multiply(const Product<T>& product, const Finish& finish = {}) {
  multiply(product, {0, product.rows, 0, product.panels()}, finish);
}

// The first (Half = 0) or last (Half = 1) halves of a and b, lane by lane in turn.
template <class T, int Half>
[[gnu::always_inline]] inline Vec<T> interleave(Vec<T> a, Vec<T> b) {
  constexpr int first = Half * lanes<T> / 2;
  if constexpr (lanes<T> == 2) {
    return __builtin_shufflevector(a, b, first, first + 2);
  } else if constexpr (lanes<T> == 4) {
    return __builtin_shufflevector(a, b, first, first + 4, first + 1, first + 5);
  } else if constexpr (lanes<T> == 8) {
    return __builtin_shufflevector(a, b, first, first + 8, first + 1, first + 9, first + 2, first + 10,
                                   first + 3, first + 11);
  } else {
    static_assert(lanes<T> == 16);
    return __builtin_shufflevector(a, b, first, first + 16, first + 1, first + 17, first + 2,
                                   first + 18, first + 3, first + 19, first + 4, first + 20, first + 5,
                                   first + 21, first + 6, first + 22, first + 7, first + 23);
  }
}

// A square block, transposed in registers by log2(lanes) perfect shuffles of its rows.
template <class T>
[[gnu::always_inline]] inline void transpose_block(Vec<T> (&block)[lanes<T>]) {
#pragma GCC unroll 4
  for (int round = 1; round < lanes<T>; round *= 2) {
    Vec<T> next[lanes<T>];
#pragma GCC unroll 16
    for (int r = 0; r < lanes<T> / 2; ++r) {
      next[2 * r] = interleave<T, 0>(block[r], block[r + lanes<T> / 2]);
      next[2 * r + 1] = interleave<T, 1>(block[r], block[r + lanes<T> / 2]);
    }
#pragma GCC unroll 16
    for (int r = 0; r < lanes<T>; ++r) block[r] = next[r];
  }
}

// to (columns, rows) = from (rows, columns)'. Both are padded; rows of `from` beyond `rows` count as zero.
template <class T>
void transpose(Size rows, Size columns, const T* from, Size from_stride, T* to, Size to_stride) {
  for (Size row = 0; row < rows; row += lanes<T>) {
    for (Size column = 0; column < columns; column += lanes<T>) {
      Vec<T> block[lanes<T>];
      for (int r = 0; r < lanes<T>; ++r) {
        block[r] = row + r < rows ? load(from + (row + r) * from_stride + column) : Vec<T>{};
      }
      transpose_block<T>(block);
      for (int c = 0; c < lanes<T> && column + c < columns; ++c) {
        store(to + (column + c) * to_stride + row, block[c]);
      }
    }
  }
}

}  // namespace levelset::LEVELSET_PATH
