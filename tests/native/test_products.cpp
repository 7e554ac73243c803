// The matrix products of one instruction set and what stands beside them, against loops. Compiled once for each
// set with the kernels' own options, so it uses nothing of the standard library that another set's tests
// could share.
#include "buffers.hpp"
#include "propagation.hpp"
#include "tally.hpp"

namespace levelset::LEVELSET_PATH {
namespace {

template <class T>
void test_padded(Tally& tally) {
  constexpr Size line = 64 / static_cast<Size>(sizeof(T));
  bool whole = true, least = true, odd = true;
  for (Size n = 1; n < 2000; ++n) {
    const Size lines = padded<T>(n) / line;
    whole = whole && padded<T>(n) % line == 0 && padded<T>(n) >= n;
    least = least && (lines - 1 - (lines > 5)) * line < n;
    odd = odd && (lines <= 4 || lines % 2 == 1);
  }
  tally.check(whole, "a padded row is whole cache lines and holds its numbers");
  tally.check(least, "and no more lines than it must");
  tally.check(odd, "and an odd number of them beyond four");
}

// start + left right, where element (row, step) of `left` is at row * row_stride + step * step_stride.
template <class T>
bool product_is_right(Size rows, Size columns, Size depth, bool by_column, bool with_start) {
  Numbers numbers;
  const Size stride = padded<T>(columns);
  Buffer<T> left(rows * depth), right(depth * stride), start(stride), result(rows * stride);
  fill(left, 1, rows * depth, 0, numbers);
  fill(right, depth, columns, stride, numbers);
  fill(start, 1, columns, 0, numbers);
  const LeftOperand<T> operand =
      by_column ? LeftOperand<T>{left.data(), 1, rows} : LeftOperand<T>{left.data(), depth, 1};
  const Product<T> product{rows,
                           columns,
                           depth,
                           operand,
                           {right.data(), stride},
                           with_start ? start.data() : nullptr,
                           result.data(),
                           stride};
  multiply(product);
  for (Size r = 0; r < rows; ++r) {
    for (Size c = 0; c < stride; ++c) {
      T sum = with_start ? start[c] : T(0);
      for (Size k = 0; k < depth; ++k) {
        sum += left[r * operand.row_stride + k * operand.step_stride] * right[k * stride + c];
      }
      if (result[r * stride + c] != sum) return false;
    }
  }
  // One part after another, with helpers who may come, and by all at once.
  Buffer<T> again(rows * stride);
  Product<T> same = product;
  same.result = again.data();
  Alone team;
  for (const int helpers : {0, 2}) {
    team.helpers = helpers;
    for (Size k = 0; k < again.size(); ++k) again[k] = T(0);
    multiply_together(team, same);
    for (Size k = 0; k < again.size(); ++k) {
      if (again[k] != result[k]) return false;
    }
  }
  return true;
}

// A product that is cut into bands and panels is the same, byte for byte, though its sums are rounded.
template <class T>
bool parts_are_the_whole(Size rows, Size columns, Size depth) {
  const Size stride = padded<T>(columns);
  Buffer<T> left(rows * depth), right(depth * stride), whole(rows * stride), parts(rows * stride);
  for (Size k = 0; k < left.size(); ++k) left[k] = T(1) / static_cast<T>(k % 97 + 3);
  for (Size k = 0; k < right.size(); ++k) right[k] = T(1) / static_cast<T>(k % 89 + 7);
  Product<T> product{rows,    columns,      depth, {left.data(), depth, 1}, {right.data(), stride},
                     nullptr, whole.data(), stride};
  multiply(product);
  product.result = parts.data();
  const Size panels = product.panels();
  for (Size row = 0; row < rows; row += 7) {
    for (Size panel = 0; panel < panels; ++panel) {
      multiply(product, {row, row + 7 < rows ? row + 7 : rows, panel, panel + 1});
    }
  }
  return __builtin_memcmp(whole.data(), parts.data(),
                          static_cast<std::size_t>(whole.size()) * sizeof(T)) == 0;
}

template <class T>
void test_parts(Tally& tally) {
  bool same = true;
  for (const Size rows : kSizes) {
    for (const Size columns : kSizes) same = same && parts_are_the_whole<T>(rows, columns, 33);
  }
  tally.check(same, "a product in parts is the whole one, byte for byte");
}

template <class T>
void test_products(Tally& tally) {
  for (const Size rows : kSizes) {
    for (const Size columns : kSizes) {
      bool right = true;
      for (const Size depth : {1, 2, 7, 33}) {
        for (const bool by_column : {false, true}) {
          right = right && product_is_right<T>(rows, columns, depth, by_column, by_column);
          right = right && product_is_right<T>(rows, columns, depth, by_column, !by_column);
        }
      }
      tally.check(right, "a product equals its loops");
    }
  }
}

// The narrow product of `left` (rows, depth) with the transpose of `weights` (columns, depth).
template <class T>
bool narrow_product_is_right(Size rows, Size columns, Size depth) {
  Numbers numbers;
  const Size stride = padded<T>(columns), inner = padded<T>(depth);
  Buffer<T> left(rows * inner), weights(columns * inner), start(stride), result(rows * stride);
  Buffer<T> packed(packed_size<T>(depth, columns));
  fill(left, rows, depth, inner, numbers);
  fill(weights, columns, depth, inner, numbers);
  fill(start, 1, columns, 0, numbers);
  pack<T>(depth, columns, weights.data(), inner, packed.data());
  multiply_narrow<T>(rows, columns, depth, left.data(), inner, packed.data(), start.data(),
                     result.data(), stride);
  for (Size r = 0; r < rows; ++r) {
    for (Size c = 0; c < stride; ++c) {
      T sum = start[c];
      for (Size k = 0; c < columns && k < depth; ++k)
        sum += left[r * inner + k] * weights[c * inner + k];
      if (result[r * stride + c] != sum) return false;
    }
  }
  return true;
}

template <class T>
void test_narrow_products(Tally& tally) {
  for (Size columns = 1; steps_at_once<T>(columns) > 1; ++columns) {
    bool right = true;
    for (const Size rows : kSizes) {
      for (const Size depth : kSizes) right = right && narrow_product_is_right<T>(rows, columns, depth);
    }
    tally.check(right, "a narrow product equals its loops, and its padding is zero");
  }
}

// A product that finishes in registers is the plain one, then the finish.
template <class T>
void test_finishes(Tally& tally) {
  constexpr Size rows = 13, columns = 37, depth = 5, stride = padded<T>(columns);
  Numbers numbers;
  Buffer<T> left(rows * depth), right(depth * stride), outputs(rows * stride);
  Buffer<T> plain(rows * stride), relu(rows * stride), derivative(rows * stride);
  fill(left, rows, depth, depth, numbers);
  fill(right, depth, columns, stride, numbers);
  fill(outputs, rows, columns, stride, numbers);
  const LeftOperand<T> operand{left.data(), depth, 1};
  const RightOperand<T> other{right.data(), stride};
  const auto into = [&](Buffer<T>& result) {
    return Product<T>{rows, columns, depth, operand, other, nullptr, result.data(), stride};
  };
  multiply(into(plain));
  multiply(into(relu), ThenRelu<T>{});
  multiply(into(derivative), ThenReluDerivative<T>{outputs.data()});
  bool as_relu = true, as_derivative = true;
  for (Size k = 0; k < rows * stride; ++k) {
    as_relu = as_relu && relu[k] == (plain[k] > 0 ? plain[k] : T(0));
    as_derivative = as_derivative && derivative[k] == (outputs[k] > 0 ? plain[k] : T(0));
  }
  tally.check(as_relu, "a product then ReLU is ReLU of the product");
  tally.check(as_derivative, "a product then ReLU's derivative is zero where the output was");
}

template <class T>
void test_transpose(Tally& tally) {
  for (const Size rows : kSizes) {
    for (const Size columns : kSizes) {
      Numbers numbers;
      const Size from_stride = padded<T>(columns), to_stride = padded<T>(rows);
      Buffer<T> from(rows * from_stride), to(columns * to_stride);
      fill(from, rows, columns, from_stride, numbers);
      transpose<T>(rows, columns, from.data(), from_stride, to.data(), to_stride);
      bool right = true;
      for (Size c = 0; c < columns; ++c) {
        for (Size r = 0; r < to_stride; ++r) {
          const T expected = r < rows ? from[r * from_stride + c] : T(0);
          right = right && to[c * to_stride + r] == expected;
        }
      }
      tally.check(right, "a transposed matrix equals its loops, padded with zeros");
    }
  }
}

template <class T>
void test_sum_rows(Tally& tally) {
  for (const Size rows : kSizes) {
    for (const Size columns : kSizes) {
      Numbers numbers;
      const Size stride = padded<T>(columns);
      Buffer<T> d(rows * stride), sums(stride);
      fill(d, rows, columns, stride, numbers);
      Alone team;
      sum_rows<T>(team, rows, stride, d.data(), sums.data());
      bool right = true;
      for (Size c = 0; c < stride; ++c) {
        T sum = 0;
        for (Size r = 0; r < rows; ++r) sum += d[r * stride + c];
        right = right && sums[c] == sum;
      }
      tally.check(right, "a sum over rows equals its loop");
    }
  }
}

template <class T>
void test_copy_row(Tally& tally) {
  for (Size n = 1; n < 70; ++n) {
    Numbers numbers;
    Buffer<T> from(n), to(padded<T>(n));
    fill(from, 1, n, 0, numbers);
    copy_row(from.data(), n, to.data());
    bool right = true;
    for (Size k = 0; k < padded<T>(n); ++k) right = right && to[k] == (k < n ? from[k] : T(0));
    tally.check(right, "a row is copied whole, and nothing beside it");
  }
}

template <class T>
void test_numbers(Tally& tally) {
  test_padded<T>(tally);
  test_products<T>(tally);
  test_parts<T>(tally);
  test_narrow_products<T>(tally);
  test_finishes<T>(tally);
  test_transpose<T>(tally);
  test_sum_rows<T>(tally);
  test_copy_row<T>(tally);
}

}  // namespace

void test_products(Tally& tally) {
  test_numbers<float>(tally);
  test_numbers<double>(tally);
}

}  // namespace levelset::LEVELSET_PATH
