// Averages of the weights over training, which validation and prediction then use.
#pragma once

#include "layers.hpp"

namespace levelset::LEVELSET_PATH {

// average += share (w - average).
template <class T>
void average_weights(Net<T>& net, double share) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    move_towards<T>(static_cast<T>(share), layer.rows * layer.row_stride, layer.weights, layer.average);
    move_towards<T>(static_cast<T>(share), layer.stride(), layer.bias, layer.bias_average);
  }
}

// average = w, to the last digit.
template <class T>
void copy_to_average(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const auto count = static_cast<std::size_t>(layer.rows * layer.row_stride);
    __builtin_memcpy(layer.average, layer.weights, count * sizeof(T));
    __builtin_memcpy(layer.bias_average, layer.bias,
                     static_cast<std::size_t>(layer.stride()) * sizeof(T));
  }
}

// Exponential moving average after step n, with its bias corrected as in Adam (Kingma and Ba, ICLR 2015,
// section 3), so that the initial weights leave no trace: the share of w is (1 - d) / (1 - d^n).
template <class T>
void average_after_step(const Plan& plan, Net<T>& net, std::int64_t step) {
  if (plan.averaging != Averaging::ema) return;
  const double d = plan.average_decay;
  average_weights(net, (1 - d) / (1 - __builtin_pow(d, static_cast<double>(step))));
}

// Stochastic weight averaging (Izmailov et al., UAI 2018, algorithm 1): the mean of the weights at the ends of
// the epochs from `average_start` on; before, the weights themselves.
template <class T>
void average_after_epoch(const Plan& plan, Net<T>& net, std::int64_t epochs_done) {
  if (plan.averaging != Averaging::swa) return;
  const auto start = static_cast<std::int64_t>(plan.average_start * static_cast<double>(plan.epochs));
  const std::int64_t averaged = epochs_done - 1 - start;  // epochs in the mean before this one
  if (averaged > 0) {
    average_weights(net, 1 / static_cast<double>(averaged + 1));
  } else {
    copy_to_average(net);
  }
}

template <class T>
void swap_average(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    if (!layer.average) return;
    T* const weights = layer.weights;
    layer.weights = layer.average;
    layer.average = weights;
    T* const bias = layer.bias;
    layer.bias = layer.bias_average;
    layer.bias_average = bias;
    refresh_copy(layer);
  }
}

}  // namespace levelset::LEVELSET_PATH
