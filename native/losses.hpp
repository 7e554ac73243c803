// Softmax cross-entropy, from logits: loss, hits and gradient in one pass.
#pragma once

#include "elementary.hpp"
#include "gemm.hpp"

namespace levelset::LEVELSET_PATH {

struct LossSums {
  double loss = 0;     // nats
  double correct = 0;  // rows whose first largest logit is their label
};

// For each row: l = log sum_c exp(z_c) - z_y, by log-sum-exp (Goodfellow, Bengio and Courville, "Deep
// Learning", 2016, section 4.1), q = softmax(z); z becomes scale (q - onehot(y)), or q where `labels` is
// null. A block of rows is transposed, so that each lane is a row and each sum over classes is vertical.
//
//   z (b, c) in place; labels (b) or null; scratch: padded(c) * lanes numbers, aligned
// Operations: about 30 a number. Bytes: 4 sizeof(T) a number.
template <class T>
LossSums softmax_cross_entropy(Size rows, Size classes, T* z, Size stride, const std::int32_t* labels,
                               T scale, T* scratch) {
  LossSums sums;
  Vec<T> loss_sum{}, correct_sum{};
  const Vec<T> one = broadcast<T>(1);
  for (Size row = 0; row < rows; row += lanes<T>) {
    const Size here = rows - row < lanes<T> ? rows - row : lanes<T>;
    T* const block = z + row * stride;
    transpose<T>(here, classes, block, stride, scratch, lanes<T>);  // (c, rows of the block)

    Vec<T> most = load(scratch);
    Vec<T> first_largest{};  // the class, as a real number
    for (Size c = 1; c < classes; ++c) {
      const Vec<T> logit = load(scratch + c * lanes<T>);
      first_largest = logit > most ? broadcast<T>(static_cast<T>(c)) : first_largest;
      most = larger(most, logit);
    }
    Vec<T> own{}, label{};
    for (Size r = 0; labels && r < here; ++r) {
      own[r] = scratch[labels[row + r] * lanes<T> + r];
      label[r] = static_cast<T>(labels[row + r]);
    }
    Vec<T> total{};
    for (Size c = 0; c < classes; ++c) {
      const Vec<T> power = exponential<T>(load(scratch + c * lanes<T>) - most);
      total += power;
      store(scratch + c * lanes<T>, power);
    }
    const Vec<T> factor = scale / total;
    for (Size c = 0; c < classes; ++c) {
      store(scratch + c * lanes<T>, load(scratch + c * lanes<T>) * factor);
    }
    if (labels) {
      Vec<T> loss = logarithm<T>(total) + (most - own);
      Vec<T> correct = first_largest == label ? one : Vec<T>{};
      for (Size r = here; r < lanes<T>; ++r) loss[r] = correct[r] = 0;
      loss_sum += loss;
      correct_sum += correct;
      for (Size r = 0; r < here; ++r) scratch[labels[row + r] * lanes<T> + r] -= scale;
    }
    // Back, a block of classes at a time; the padding of z stays zero.
    for (Size c = 0; c < classes; c += lanes<T>) {
      Vec<T> part[lanes<T>];
      for (int k = 0; k < lanes<T>; ++k) {
        part[k] = c + k < classes ? load(scratch + (c + k) * lanes<T>) : Vec<T>{};
      }
      transpose_block<T>(part);
      for (Size r = 0; r < here; ++r) store(block + r * stride + c, part[r]);
    }
  }
  sums.loss = sum_lanes<T>(loss_sum);
  sums.correct = sum_lanes<T>(correct_sum);
  return sums;
}

}  // namespace levelset::LEVELSET_PATH
