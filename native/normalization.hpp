// Normalization of pre-activations: batch (Ioffe and Szegedy, ICML 2015, algorithms 1 and 2) and layer (Ba, Kiros and
// Hinton, 2016, equation 3). The twin is levelset.theory.normalization.
//
//   forward    n = (z - mean) / sqrt(variance + epsilon);  z' = scale n + shift
//   backward   g = scale d';  d = (g - mean(g) - n mean(g n)) / sqrt(variance + epsilon)
// Means and (biased) variances are over the rows of the batch for each unit, or over the units for each row.
#pragma once

#include "layers.hpp"

namespace levelset::LEVELSET_PATH {

template <class T>
inline constexpr T kNormalizationEpsilon = T(1e-5);

// Share of a new batch in the running statistics.
template <class T>
inline constexpr T kStatisticsMomentum = T(0.1);

// use(Lines, column) for the lines of 64 bytes of a row from number `first` up to `last`: four at a time, so that
// the sums of one line do not wait for each other, then one.
template <class T, class Use>
void for_each_lines(Size first, Size last, Use use) {
  constexpr int line = 64 / LEVELSET_VECTOR_BYTES;
  constexpr Size numbers = 64 / static_cast<Size>(sizeof(T));
  for (; first + 4 <= last; first += 4) use(std::integral_constant<int, 4 * line>{}, first * numbers);
  for (; first < last; ++first) use(std::integral_constant<int, line>{}, first * numbers);
}

template <class T>
constexpr Size lines_of(Size stride) {
  return stride / (64 / static_cast<Size>(sizeof(T)));
}

// Mean and biased variance of each column of z (b, o), in two passes. Bytes: 2 sizeof(T) a number.
template <class T>
void column_moments(Team& team, Size rows, Size stride, const T* z, T* mean, T* variance) {
  const T count = static_cast<T>(rows);
  share(team, lines_of<T>(stride), 4, rows * 64, [=](Size first, Size last) {
    for_each_lines<T>(first, last, [=](auto vectors, Size column) {
      Vec<T> sum[vectors] = {}, square[vectors] = {}, centre[vectors];
      for (Size row = 0; row < rows; ++row) {
        for (int j = 0; j < vectors; ++j) sum[j] += load(z + row * stride + column + j * lanes<T>);
      }
      for (int j = 0; j < vectors; ++j) centre[j] = sum[j] / count;
      for (Size row = 0; row < rows; ++row) {
        for (int j = 0; j < vectors; ++j) {
          const Vec<T> away = load(z + row * stride + column + j * lanes<T>) - centre[j];
          square[j] += away * away;
        }
      }
      for (int j = 0; j < vectors; ++j) {
        store(mean + column + j * lanes<T>, centre[j]);
        store(variance + column + j * lanes<T>, square[j] / count);
      }
    });
  });
}

// inverse = 1 / sqrt(variance + epsilon); the arrays may be one.
template <class T>
void invert_deviation(Size stride, const T* variance, T* inverse) {
  for (Size k = 0; k < stride; k += lanes<T>) {
    store(inverse + k, 1 / square_root<T>(load(variance + k) + kNormalizationEpsilon<T>));
  }
}

// running <- 0.9 running + 0.1 batch, the variance unbiased. One row has none: it changes nothing.
template <class T>
void update_running(Size rows, const Layer<T>& layer, const T* mean, const T* variance) {
  if (rows < 2) return;
  constexpr T momentum = kStatisticsMomentum<T>;
  const T unbiased = static_cast<T>(rows) / static_cast<T>(rows - 1);
  for (Size k = 0; k < layer.stride(); k += lanes<T>) {
    store(layer.mean.value + k,
          (1 - momentum) * load(layer.mean.value + k) + momentum * load(mean + k));
    store(layer.variance.value + k,
          (1 - momentum) * load(layer.variance.value + k) + momentum * (unbiased * load(variance + k)));
  }
}

// Mean and 1 / deviation of a row of z (columns).
template <class T>
void row_moments(Size columns, const T* z, T& mean, T& inverse) {
  Vec<T> sum{}, square{};
  for (Size k = 0; k < columns; k += lanes<T>) sum += load(z + k);  // the padding is zero
  const double centre = sum_lanes<T>(sum) / static_cast<double>(columns);
  for (Size k = 0; k < columns; k += lanes<T>) {
    const Vec<T> away = first_lanes<T>(load(z + k) - static_cast<T>(centre), columns - k);
    square += away * away;
  }
  const double variance = sum_lanes<T>(square) / static_cast<double>(columns);
  mean = static_cast<T>(centre);
  inverse =
      static_cast<T>(1 / __builtin_sqrt(variance + static_cast<double>(kNormalizationEpsilon<T>)));
}

// n, z' and activation(z') of z (b, o), which stands in `standardized` and makes room for n. The statistics are
// the layer's `centre` and `inverse`, or with layer normalization each row's own.
// Operations: about 4 a number and the activation. Bytes: 3 sizeof(T) a number.
template <class T>
void standardize_and_activate(Team& team, Size rows, Layer<T>& layer) {
  const bool by_row = layer.normalization == Normalization::layer;
  const Size columns = layer.outputs, stride = layer.stride();
  with_activation<T>(layer.activation, [&](auto f) {
    share(team, rows, kRowsTogether, 20 * stride, [=, &layer](Size first, Size last) {
      for (Size row = first; row < last; ++row) {
        T* const n = layer.standardized + row * stride;
        T* const a = layer.activated + row * stride;
        T* const kept = layer.preactivation ? layer.preactivation + row * stride : nullptr;
        T mean = 0;
        if (by_row) row_moments(columns, n, mean, layer.inverse[row]);
        for (Size k = 0; k < columns; k += lanes<T>) {
          const Vec<T> centre = by_row ? broadcast<T>(mean) : load(layer.centre + k);
          const Vec<T> inverse = by_row ? broadcast<T>(layer.inverse[row]) : load(layer.inverse + k);
          Vec<T> value = (load(n + k) - centre) * inverse;
          if (by_row) value = first_lanes<T>(value, columns - k);
          store(n + k, value);
          value = load(layer.scale.value + k) * value + load(layer.shift.value + k);
          if (kept) store(kept + k, value);
          store(a + k, f.value(value));
        }
        clear_padding_of_row(f, columns, a);
      }
    });
  });
}

// Gradients of scale and shift: the sums over the rows of d' n and of d'.
// Operations: 3 a number. Bytes: 2 sizeof(T) a number.
template <class T>
void scale_and_shift_gradients(Team& team, Size rows, const Layer<T>& layer) {
  const Size stride = layer.stride();
  const T *d = layer.delta, *n = layer.standardized;
  share(team, lines_of<T>(stride), 4, rows * 64, [=, &layer](Size first, Size last) {
    for_each_lines<T>(first, last, [=, &layer](auto vectors, Size column) {
      Vec<T> sum[vectors] = {}, along[vectors] = {};
      for (Size row = 0; row < rows; ++row) {
        for (int j = 0; j < vectors; ++j) {
          const Size at = row * stride + column + j * lanes<T>;
          const Vec<T> delta = load(d + at);
          sum[j] += delta;
          along[j] += delta * load(n + at);
        }
      }
      for (int j = 0; j < vectors; ++j) {
        store(layer.shift.gradient + column + j * lanes<T>, sum[j]);
        store(layer.scale.gradient + column + j * lanes<T>, along[j]);
      }
    });
  });
}

// d of a batch-normalized layer from d', in place; means over rows are the gradients of shift and scale.
template <class T>
void batch_delta(Team& team, Size rows, Layer<T>& layer) {
  const Size stride = layer.stride();
  const T share_of_row = 1 / static_cast<T>(rows);
  share(team, rows, kRowsTogether, 8 * stride, [=, &layer](Size first, Size last) {
    for (Size row = first; row < last; ++row) {
      for (Size k = 0; k < stride; k += lanes<T>) {
        T* const d = layer.delta + row * stride + k;
        const Vec<T> n = load(layer.standardized + row * stride + k);
        const Vec<T> mean = share_of_row * load(layer.shift.gradient + k);
        const Vec<T> along = share_of_row * load(layer.scale.gradient + k);
        const Vec<T> factor = load(layer.scale.value + k) * load(layer.inverse + k);
        store(d, factor * (load(d) - mean - n * along));
      }
    }
  });
}

// d of a layer-normalized layer from d', in place.
template <class T>
void layer_delta(Team& team, Size rows, Layer<T>& layer) {
  const Size stride = layer.stride(), columns = layer.outputs;
  share(team, rows, kRowsTogether, 12 * stride, [=, &layer](Size first, Size last) {
    for (Size row = first; row < last; ++row) {
      T* const d = layer.delta + row * stride;
      const T* const n = layer.standardized + row * stride;
      Vec<T> sum{}, along_sum{};
      for (Size k = 0; k < columns; k += lanes<T>) {
        const Vec<T> g = load(layer.scale.value + k) * load(d + k);
        sum += g;
        along_sum += g * load(n + k);
        store(d + k, g);
      }
      const T mean = static_cast<T>(sum_lanes<T>(sum) / static_cast<double>(columns));
      const T along = static_cast<T>(sum_lanes<T>(along_sum) / static_cast<double>(columns));
      for (Size k = 0; k < columns; k += lanes<T>) {
        const Vec<T> here = layer.inverse[row] * (load(d + k) - mean - load(n + k) * along);
        store(d + k, first_lanes<T>(here, columns - k));
      }
    }
  });
}

// Which statistics a batch-normalized layer standardizes with.
enum class Statistics { running, of_batch, of_batch_remembered };

template <class T>
void normalize_and_activate(Team& team, Size rows, Layer<T>& layer, Statistics statistics) {
  const Size stride = layer.stride();
  if (layer.normalization == Normalization::batch) {
    if (statistics == Statistics::running) {
      __builtin_memcpy(layer.centre, layer.mean.value, static_cast<std::size_t>(stride) * sizeof(T));
      invert_deviation(stride, layer.variance.value, layer.inverse);
    } else {
      column_moments(team, rows, stride, layer.standardized, layer.centre, layer.inverse);
      if (statistics == Statistics::of_batch_remembered) {
        update_running(rows, layer, layer.centre, layer.inverse);
      }
      invert_deviation(stride, layer.inverse, layer.inverse);
    }
  }
  standardize_and_activate(team, rows, layer);
}

// From the gradient with respect to z' to that with respect to z, scale and shift.
template <class T>
void normalization_delta(Team& team, Size rows, Layer<T>& layer) {
  scale_and_shift_gradients(team, rows, layer);
  if (layer.normalization == Normalization::batch) {
    batch_delta(team, rows, layer);
  } else {
    layer_delta(team, rows, layer);
  }
}

}  // namespace levelset::LEVELSET_PATH
