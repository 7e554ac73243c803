// Averages of the weights over training, which validation and prediction then use.
#pragma once

#include "propagation.hpp"
#include "steps.hpp"

namespace levelset::LEVELSET_PATH {

// average += share (w - average).
template <class T>
void average_weights(Net<T>& net, double share_of_now) {
  const auto move = [&](ParameterArray<T>& array) {
    share_numbers(net, array, 4, [&](Size first, Size last) {
      move_towards<T>(static_cast<T>(share_of_now), last - first, array.value + first,
                      array.average + first);
    });
  };
  for (Size l = 0; l < net.depth; ++l) {
    move(net.layer[l].weights);
    for_each_vector(net.layer[l], move);
  }
}

// average = w, to the last digit.
template <class T>
void copy_to_average(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    for_each_array(net.layer[l],
                   [&](auto& array) { copy_numbers(net, array, array.value, array.average); });
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

// Epochs in swa's mean once `epochs_done` are done; 0 or less before its start.
inline std::int64_t epochs_averaged(const Plan& plan, std::int64_t epochs_done) {
  return epochs_done - static_cast<std::int64_t>(plan.average_start * static_cast<double>(plan.epochs));
}

// Stochastic weight averaging (Izmailov et al., UAI 2018, algorithm 1): the mean of the weights at the ends of
// the epochs from `average_start` on; before, the weights themselves.
template <class T>
void average_after_epoch(const Plan& plan, Net<T>& net, std::int64_t epochs_done) {
  if (plan.averaging != Averaging::swa) return;
  const std::int64_t averaged = epochs_averaged(plan, epochs_done);
  if (averaged > 1) {
    average_weights(net, 1 / static_cast<double>(averaged));
  } else {
    copy_to_average(net);
  }
}

template <class T>
void swap_average(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    if (!layer.weights.average) return;
    for_each_array(layer, [](auto& array) {
      T* const value = array.value;
      array.value = array.average;
      array.average = value;
    });
    refresh_copy(layer, *net.team);
  }
}

// Adds the rows of one batch to the mean and the sum of squares about it of each column (Chan, Golub and
// LeVeque, 1983, equation 2.1), which were those of `before` rows.
template <class T>
void merge_moments(Size before, Size rows, Size columns, const T* mean, const T* variance,
                   double* all_mean, double* all_square) {
  const auto n = static_cast<double>(before), m = static_cast<double>(rows);
  for (Size k = 0; k < columns; ++k) {
    const double away = static_cast<double>(mean[k]) - all_mean[k];
    all_mean[k] += away * m / (n + m);
    all_square[k] += m * static_cast<double>(variance[k]) + away * away * n * m / (n + m);
  }
}

// The mean and biased variance of one batch-normalized layer over all of the member's rows, those of the layers below
// being so already.
template <class T>
void measure_layer(Net<T>& net, Size l, const Table<T>& table, const Sight& sight, double* moments) {
  Layer<T>& layer = net.layer[l];
  const Size rows = sight.row_count, width = layer.stride();
  double *mean = moments, *square = moments + width;
  for (Size k = 0; k < 2 * width; ++k) moments[k] = 0;
  for (Size first = 0; first < rows && !is_cancelled(*net.team); first += net.rows_at_once) {
    const Size here = rows - first < net.rows_at_once ? rows - first : net.rows_at_once;
    gather<T>(net, table, sight.rows ? sight.rows + first : nullptr, first, here);
    for (Size below = 0; below < l; ++below) forward_layer(net, below, here, input_of(net, below), {});
    multiply_by_weights(*net.team, layer, here, input_of(net, l), layer.standardized);
    column_moments(*net.team, here, width, layer.standardized, layer.centre, layer.inverse);
    merge_moments(first, here, width, layer.centre, layer.inverse, mean, square);
  }
  for (Size k = 0; k < width; ++k) {
    layer.mean.value[k] = static_cast<T>(mean[k]);
    layer.variance.value[k] = static_cast<T>(square[k] / static_cast<double>(rows));
  }
}

// The running statistics belong to the weights that made them: averaged weights (swapped in) need their own, over all
// of the member's rows, clean and as one batch (Izmailov et al., 2018, section 3.2, to the end of its limit).
template <class T>
void measure_statistics(const Plan& plan, Net<T>& net, const Table<T>& table, const Sight& sight,
                        std::int64_t epochs_done) {
  if (plan.averaging == Averaging::none) return;
  if (plan.averaging == Averaging::swa && epochs_averaged(plan, epochs_done) < 1) return;
  if (sight.row_count < 2) return;  // one row has no variance
  Table<T> questions = table;
  questions.targets = nullptr;
  const T unbiased = static_cast<T>(sight.row_count) / static_cast<T>(sight.row_count - 1);
  const auto for_each_measured = [&](auto use) {
    for (Size l = 0; l < net.depth; ++l) {
      if (net.layer[l].normalization == Normalization::batch) use(l);
    }
  };
  for_each_measured([&](Size l) { measure_layer(net, l, questions, sight, net.moments); });
  for_each_measured([&](Size l) {
    const ParameterArray<T>& variance = net.layer[l].variance;
    scale_by<T>(unbiased, variance.count, variance.value);
  });
}

}  // namespace levelset::LEVELSET_PATH
