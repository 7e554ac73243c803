// Softmax cross-entropy, from logits: loss, hits and gradient in one pass.
#pragma once

#include "elementary.hpp"
#include "gemm.hpp"

namespace levelset::LEVELSET_PATH {

struct LossSums {
  double loss = 0;  // nats, each row times its weight
  double weight = 0;
  double correct = 0;  // rows whose first largest logit is their label
};

// What the rows of a batch should be. Label smoothing s moves the one-hot target to (1 - s) onehot + s / c
// (Szegedy et al., CVPR 2016, section 7).
template <class T>
struct Targets {
  const std::int32_t* labels;  // (b); null: no loss, z becomes the probabilities
  const T* weights;            // (b); null: all 1
  T smoothing;
};

// For each row: l = log sum_c exp(z_c) - sum_c y_c z_c, by log-sum-exp (Goodfellow, Bengio and Courville,
// "Deep Learning", 2016, section 4.1), q = softmax(z); z becomes scale w (q - y), or q without labels. A
// block of rows is transposed, so that each lane is a row and each sum over classes is vertical.
//
//   z (b, c) in place; scratch: padded(c) * lanes numbers, aligned
// Operations: about 30 a number. Bytes: 4 sizeof(T) a number.
template <class T>
LossSums softmax_cross_entropy(Size rows, Size classes, T* z, Size stride, const Targets<T>& targets,
                               T scale, T* scratch) {
  LossSums sums;
  Vec<T> loss_sum{}, weight_sum{}, correct_sum{};
  const Vec<T> one = broadcast<T>(1);
  const T spread = targets.smoothing / static_cast<T>(classes);
  for (Size row = 0; row < rows; row += lanes<T>) {
    const Size here = rows - row < lanes<T> ? rows - row : lanes<T>;
    T* const block = z + row * stride;
    transpose<T>(here, classes, block, stride, scratch, lanes<T>);  // (c, rows of the block)

    Vec<T> most = load(scratch), logit_sum = most;
    Vec<T> first_largest{};  // the class, as a real number
    for (Size c = 1; c < classes; ++c) {
      const Vec<T> logit = load(scratch + c * lanes<T>);
      first_largest = logit > most ? broadcast<T>(static_cast<T>(c)) : first_largest;
      most = larger(most, logit);
      logit_sum += logit;
    }
    // Lanes beyond the rows have label -1, which is no class, and weight 0.
    T label_of[lanes<T>], weight_of[lanes<T>];
    for (int r = 0; r < lanes<T>; ++r) {
      const bool is_row = targets.labels && r < here;
      label_of[r] = is_row ? static_cast<T>(targets.labels[row + r]) : T(-1);
      weight_of[r] = !is_row ? T(0) : targets.weights ? targets.weights[row + r] : T(1);
    }
    const Vec<T> label = load(label_of), weight = load(weight_of);
    Vec<T> total{}, own{};
    for (Size c = 0; c < classes; ++c) {
      const Vec<T> logit = load(scratch + c * lanes<T>);
      own = label == broadcast<T>(static_cast<T>(c)) ? logit : own;
      const Vec<T> power = exponential<T>(logit - most);
      total += power;
      store(scratch + c * lanes<T>, power);
    }
    const Vec<T> share = targets.labels ? scale * weight : broadcast<T>(scale);
    const Vec<T> factor = share / total, everywhere = share * spread;
    const Vec<T> at_label = share * (1 - targets.smoothing);
    for (Size c = 0; c < classes; ++c) {
      const Vec<T> here_too = label == broadcast<T>(static_cast<T>(c)) ? at_label : Vec<T>{};
      store(scratch + c * lanes<T>, load(scratch + c * lanes<T>) * factor - everywhere - here_too);
    }
    if (targets.labels) {
      const Vec<T> matched =
          targets.smoothing > 0 ? (1 - targets.smoothing) * own + spread * logit_sum : own;
      const Vec<T> loss = logarithm<T>(total) + (most - matched);
      const Vec<T> is_row = label < Vec<T>{} ? Vec<T>{} : one;
      loss_sum += label < Vec<T>{} ? Vec<T>{} : weight * loss;
      weight_sum += weight;
      correct_sum += first_largest == label ? is_row : Vec<T>{};
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
  sums.weight = sum_lanes<T>(weight_sum);
  sums.correct = sum_lanes<T>(correct_sum);
  return sums;
}

}  // namespace levelset::LEVELSET_PATH
