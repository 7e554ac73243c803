// What the last layer's columns answer: each head's loss, its gradient, its answers. The twin is
// levelset.theory.heads.
#pragma once

#include "batch.hpp"
#include "losses.hpp"

namespace levelset::LEVELSET_PATH {

// use(z, stride) with the head's columns of the last layer's numbers, which it may change: where they are if they
// are all of them, else in the head's own room and back.
template <class T, class Use>
auto with_columns(const Head<T>& head, Size rows, T* z, Size stride, Use use) {
  if (!head.own) return use(z, stride);
  const Size columns = head.plan.columns, own_stride = head.stride();
  const auto bytes = static_cast<std::size_t>(columns) * sizeof(T);
  T* const place = z + head.first;
  for (Size b = 0; b < rows; ++b) {
    __builtin_memset(head.own + b * own_stride, 0, static_cast<std::size_t>(own_stride) * sizeof(T));
    __builtin_memcpy(head.own + b * own_stride, place + b * stride, bytes);
  }
  const auto result = use(head.own, own_stride);
  for (Size b = 0; b < rows; ++b) {
    __builtin_memcpy(place + b * stride, head.own + b * own_stride, bytes);
  }
  return result;
}

template <class T, class Use>
auto with_loss_of_numbers(Loss loss, Use use) {
  return loss == Loss::sigmoid ? use(SigmoidCrossEntropy<T>{}) : use(SquaredError<T>{});
}

// How the rows of a head are judged: in training with weights, smoothed and mixed; else each row once.
template <class T>
struct Judging {
  const T* weights = nullptr;  // (b); null: all 1
  double smoothing = 0;
  double mixing = 1;
  bool mixed = false;
};

// The sums of a head's loss over the rows; z becomes scale times its gradient.
template <class T>
LossSums head_loss(const Net<T>& net, const Head<T>& head, Size rows, T* z, const Judging<T>& how,
                   double scale) {
  const Size stride = net.layer[net.depth - 1].stride(), columns = head.plan.columns;
  return with_columns(head, rows, z, stride, [&](T* own, Size own_stride) {
    if (head.plan.loss == Loss::softmax) {
      const Targets<T> targets{head.labels, how.weights, static_cast<T>(how.smoothing),
                               how.mixed ? head.mixed_with : nullptr, static_cast<T>(how.mixing)};
      return softmax_cross_entropy<T>(rows, columns, own, own_stride, targets, static_cast<T>(scale),
                                      net.loss_scratch);
    }
    return with_loss_of_numbers<T>(head.plan.loss, [&](auto kind) {
      return numbers_loss<T>(kind, rows, columns, own, own_stride, head.values, how.weights,
                             static_cast<T>(scale));
    });
  });
}

// Sum of the weights of the rows that have a target for the head, or 1 where it is 0, so that such a batch has loss
// and gradient 0.
template <class T>
double weight_of_targets(const Head<T>& head, const T* weights, Size rows) {
  if (head.labels && !weights) {
    std::int32_t count = 0;
    for (Size b = 0; b < rows; ++b) count += head.labels[b] >= 0;
    return count > 0 ? count : 1;
  }
  double total = 0;
  for (Size b = 0; b < rows; ++b) {
    const T first = head.labels ? T(0) : head.values[b * head.stride()];
    const bool is_there = head.labels ? head.labels[b] >= 0 : first == first;
    if (is_there) total += weights ? static_cast<double>(weights[b]) : 1;
  }
  return total > 0 ? total : 1;
}

// Adds the losses of the gathered batch to each head's sums; the last layer's delta becomes the gradient of
// J's part of the data, sum_h alpha_h (sum_i w_i k_ih l_ih) / (sum_i w_i k_ih). False if the loss is not finite.
template <class T>
bool loss_and_delta(Net<T>& net, Size rows, double smoothing, LossSums* sums) {
  Layer<T>& last = net.layer[net.depth - 1];
  __builtin_memcpy(last.delta, last.outputs_of_batch,
                   static_cast<std::size_t>(rows * last.stride()) * sizeof(T));
  bool finite = true;
  for (Size h = 0; h < net.heads; ++h) {
    const Head<T>& head = net.head[h];
    const Judging<T> how{net.row_weights, smoothing, net.mixing, net.unmixed != nullptr};
    const double scale = head.plan.weight / weight_of_targets(head, net.row_weights, rows);
    const LossSums part = head_loss(net, head, rows, last.delta, how, scale);
    sums[h] += part;
    finite = finite && __builtin_isfinite(part.loss);
  }
  return finite;
}

// Adds the losses of a batch outside training, whose outputs are used up.
template <class T>
void add_losses(Net<T>& net, Size rows, LossSums* sums) {
  for (Size h = 0; h < net.heads; ++h) {
    sums[h] +=
        head_loss(net, net.head[h], rows, net.layer[net.depth - 1].outputs_of_batch, Judging<T>{}, 1);
  }
}

// What the heads answer, in place of the outputs.
template <class T>
void answer_all(Net<T>& net, Size rows) {
  Layer<T>& last = net.layer[net.depth - 1];
  for (Size h = 0; h < net.heads; ++h) {
    const Head<T>& head = net.head[h];
    with_columns(head, rows, last.outputs_of_batch, last.stride(), [&](T* z, Size stride) {
      if (head.plan.loss == Loss::softmax) {
        softmax_cross_entropy<T>(rows, head.plan.columns, z, stride, Targets<T>{nullptr, nullptr}, T(1),
                                 net.loss_scratch);
      } else {
        with_loss_of_numbers<T>(head.plan.loss, [&](auto kind) {
          answer<T>(kind, rows, head.plan.columns, z, stride);
          return 0;
        });
      }
      return 0;
    });
  }
}

// What an epoch or a table came to, from the sums of its heads.
struct Verdict {
  double loss = 0, accuracy = 0;  // accuracy is NaN where no head classifies
};

inline double mean_loss(const LossSums& sums) {
  return sums.weight > 0 ? sums.loss / sums.weight : 0;
}

inline double accuracy(const LossSums& sums) {
  return sums.counted > 0 ? sums.correct / sums.counted : __builtin_nan("");
}

inline Verdict verdict(const Plan& plan, const LossSums* sums) {
  Verdict verdict;
  LossSums all;
  for (Size h = 0; h < plan.head_count; ++h) {
    verdict.loss += plan.heads[h].weight * mean_loss(sums[h]);
    all += sums[h];
  }
  verdict.accuracy = accuracy(all);
  return verdict;
}

}  // namespace levelset::LEVELSET_PATH
