// The losses of a head, from its columns of the last layer: loss, hits and gradient in one pass.
#pragma once

#include "elementary.hpp"
#include "gemm.hpp"

namespace levelset::LEVELSET_PATH {

struct LossSums {
  double loss = 0;    // nats, or squared units of the target; each row times its weight
  double weight = 0;  // of the rows that have a target
  double correct = 0;
  double counted = 0;  // what `correct` is a part of

  LossSums& operator+=(const LossSums& part) {
    loss += part.loss;
    weight += part.weight;
    correct += part.correct;
    counted += part.counted;
    return *this;
  }
};

// What the rows of a batch should be. With mixup a row should be a share `mixing` of its own class and the rest of
// the class mixed into it (Zhang et al., ICLR 2018). Label smoothing s moves the one-hot target to
// (1 - s) onehot + s / c (Szegedy et al., CVPR 2016, section 7).
template <class T>
struct Targets {
  const std::int32_t* labels;  // (b); null: no loss, z becomes the probabilities; -1: missing
  const T* weights;            // (b); null: all 1
  T smoothing = 0;
  const std::int32_t* mixed_with = nullptr;  // (b); null: nothing is mixed
  T mixing = 1;
};

// For each row: l = log sum_c exp(z_c) - sum_c y_c z_c, by log-sum-exp (Goodfellow, Bengio and Courville,
// "Deep Learning", 2016, section 4.1), q = softmax(z); z becomes scale w (q - y), or q without labels. A
// block of rows is transposed, so that each lane is a row and each sum over classes is vertical.
//
//   z (b, c) in place; scratch: padded(c) * lanes numbers, aligned
// Operations: about 30 a number. Bytes: 4 sizeof(T) a number.
template <class T, bool Mixed>
LossSums softmax_cross_entropy_of(Size rows, Size classes, T* z, Size stride, const Targets<T>& targets,
                                  T scale, T* scratch) {
  LossSums sums;
  Vec<T> loss_sum{}, weight_sum{}, correct_sum{}, counted_sum{};
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
    // Lanes beyond the rows, and rows without a target, have label -1, which is no class, and weight 0.
    T label_of[lanes<T>], other_of[lanes<T>] = {}, weight_of[lanes<T>];
    for (int r = 0; r < lanes<T>; ++r) {
      const bool is_row = targets.labels && r < here;
      label_of[r] = is_row ? static_cast<T>(targets.labels[row + r]) : T(-1);
      if (Mixed && is_row) other_of[r] = static_cast<T>(targets.mixed_with[row + r]);
      weight_of[r] = label_of[r] < 0 ? T(0) : targets.weights ? targets.weights[row + r] : T(1);
    }
    const Vec<T> label = load(label_of), other = load(other_of), weight = load(weight_of);
    Vec<T> total{}, own{}, others{};
    for (Size c = 0; c < classes; ++c) {
      const Vec<T> logit = load(scratch + c * lanes<T>);
      const Vec<T> number = broadcast<T>(static_cast<T>(c));
      own = label == number ? logit : own;
      if constexpr (Mixed) others = other == number ? logit : others;
      const Vec<T> power = exponential<T>(logit - most);
      total += power;
      store(scratch + c * lanes<T>, power);
    }
    const Vec<T> share = targets.labels ? scale * weight : broadcast<T>(scale);
    const Vec<T> factor = share / total, everywhere = share * spread;
    const Vec<T> at_both = share * (1 - targets.smoothing);
    const Vec<T> at_label = Mixed ? at_both * targets.mixing : at_both;
    for (Size c = 0; c < classes; ++c) {
      const Vec<T> number = broadcast<T>(static_cast<T>(c));
      Vec<T> target = everywhere + (label == number ? at_label : Vec<T>{});
      if constexpr (Mixed) target += other == number ? at_both - at_label : Vec<T>{};
      store(scratch + c * lanes<T>, load(scratch + c * lanes<T>) * factor - target);
    }
    if (targets.labels) {
      if constexpr (Mixed) own = targets.mixing * own + (1 - targets.mixing) * others;
      const Vec<T> matched =
          targets.smoothing > 0 ? (1 - targets.smoothing) * own + spread * logit_sum : own;
      const Vec<T> loss = logarithm<T>(total) + (most - matched);
      const Vec<T> is_row = label < Vec<T>{} ? Vec<T>{} : one;
      loss_sum += label < Vec<T>{} ? Vec<T>{} : weight * loss;
      weight_sum += weight;
      counted_sum += is_row;
      if constexpr (Mixed) {
        correct_sum += first_largest == label ? targets.mixing * is_row : Vec<T>{};
        correct_sum += first_largest == other ? (1 - targets.mixing) * is_row : Vec<T>{};
      } else {
        correct_sum += first_largest == label ? is_row : Vec<T>{};
      }
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
  sums.counted = sum_lanes<T>(counted_sum);
  return sums;
}

template <class T>
LossSums softmax_cross_entropy(Size rows, Size classes, T* z, Size stride, const Targets<T>& targets,
                               T scale, T* scratch) {
  return targets.mixed_with
             ? softmax_cross_entropy_of<T, true>(rows, classes, z, stride, targets, scale, scratch)
             : softmax_cross_entropy_of<T, false>(rows, classes, z, stride, targets, scale, scratch);
}

// Each column is a yes-or-no question: l = max(z, 0) - y z + ln(1 + e^-|z|) = -y ln q - (1 - y) ln(1 - q),
// q = sigmoid(z), dl/dz = q - y (Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.91).
template <class T>
struct SigmoidCrossEntropy {
  static Vec<T> answer(Vec<T> z) { return 1 / (1 + exponential<T>(-z)); }
  static Vec<T> loss(Vec<T> z, Vec<T> y) {
    const Vec<T> distance = larger(z, -z);
    return larger(z, Vec<T>{}) - y * z + logarithm_of_one_plus<T>(exponential<T>(-distance));
  }
  static Vec<T> gradient(Vec<T> z, Vec<T> y) { return answer(z) - y; }
  static Vec<T> is_correct(Vec<T> z, Vec<T> y) {
    const Vec<T> one = broadcast<T>(1), half = broadcast<T>(T(0.5));
    return (z > Vec<T>{}) == (y > half) ? one : Vec<T>{};
  }
  static constexpr bool classifies = true;
};

// l = (z - y)^2, dl/dz = 2 (z - y), z itself being the answer.
template <class T>
struct SquaredError {
  static Vec<T> answer(Vec<T> z) { return z; }
  static Vec<T> loss(Vec<T> z, Vec<T> y) { return (z - y) * (z - y); }
  static Vec<T> gradient(Vec<T> z, Vec<T> y) { return 2 * (z - y); }
  static Vec<T> is_correct(Vec<T>, Vec<T>) { return Vec<T>{}; }
  static constexpr bool classifies = false;
};

// A loss of numbers, column by column: z (b, columns) becomes scale w dl/dz, 0 in rows whose target y is
// missing, which are those whose first number is NaN. Operations: about 40 a number (sigmoid).
template <class T, class Kind>
LossSums numbers_loss(Kind kind, Size rows, Size columns, T* z, Size stride, const T* y,
                      const T* weights, T scale) {
  LossSums sums;
  for (Size row = 0; row < rows; ++row, z += stride, y += stride) {
    const bool is_there = y[0] == y[0];
    const T weight = weights ? weights[row] : T(1);
    Vec<T> loss{}, correct{};
    for (Size k = 0; k < columns; k += lanes<T>) {
      const Vec<T> output = load(z + k), target = load(y + k);
      const Size count = columns - k;
      const Vec<T> slope = scale * weight * kind.gradient(output, target);
      store(z + k, is_there ? first_lanes<T>(slope, count) : Vec<T>{});
      loss += first_lanes<T>(kind.loss(output, target), count);
      correct += first_lanes<T>(kind.is_correct(output, target), count);
    }
    if (!is_there) continue;
    sums.loss += static_cast<double>(weight) * sum_lanes<T>(loss);
    sums.weight += static_cast<double>(weight);
    if (kind.classifies) {
      sums.correct += sum_lanes<T>(correct);
      sums.counted += static_cast<double>(columns);
    }
  }
  return sums;
}

// z (b, columns) becomes what the head answers.
template <class T, class Kind>
void answer(Kind kind, Size rows, Size columns, T* z, Size stride) {
  for (Size row = 0; row < rows; ++row, z += stride) {
    for (Size k = 0; k < columns; k += lanes<T>) {
      store(z + k, first_lanes<T>(kind.answer(load(z + k)), columns - k));
    }
  }
}

}  // namespace levelset::LEVELSET_PATH
