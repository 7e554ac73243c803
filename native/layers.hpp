// A dense network in a worker's memory: padded, aligned, and laid out for its three products.
#pragma once

#include "activations.hpp"
#include "gemm.hpp"
#include "losses.hpp"
#include "narrow.hpp"
#include "optimizers.hpp"
#include "perturbations.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

// Hands out aligned pieces of one block. With no block it only counts, so that the size of a network is
// computed by the code that lays it out.
class Arena {
 public:
  explicit Arena(void* block) : block_(static_cast<char*>(block)) {}

  template <class U>
  U* take(Size count) {
    const Size bytes = (count * static_cast<Size>(sizeof(U)) + 63) / 64 * 64;
    char* piece = block_ ? block_ + used_ : nullptr;
    if (piece) __builtin_memset(piece, 0, static_cast<std::size_t>(bytes));
    used_ += bytes;
    return reinterpret_cast<U*>(piece);
  }

  Size used() const { return used_; }

 private:
  char* block_;
  Size used_ = 0;
};

// A weight matrix is stored the way that wastes less of a vector on padding: (i, o) or, for a narrow layer
// such as 64 -> 3, (o, i). Forward needs (i, o), the input gradient (o, i): the other form is a copy,
// transposed again after every step.
template <class T>
struct Layer {
  Size inputs, outputs;
  Activation activation;
  double dropout, rate_factor;
  bool stored_by_output;
  Size rows, row_stride;                      // of the stored form
  T *weights, *moment1, *moment2, *gradient;  // (rows, row_stride)
  T* copy;                                    // the other form; null where nothing reads it
  Size copy_stride;
  T *bias, *bias_moment1, *bias_moment2, *bias_gradient;  // (o)
  T *average, *bias_average;    // of the weights and biases over steps; null without averaging
  T* clean;                     // (rows, row_stride): the weights without noise; null without noise
  T *outputs_of_batch, *delta;  // (b, o): a, and the gradient with respect to z
  T* preactivation;             // (b, o): z, where the derivative needs it, else null
  T* mask;                      // (b, o): 0 or 1 / (1 - p); null without dropout
  T* largest;                   // (o): each unit's largest output in this epoch
  bool* alive;                  // for each vector of units: whether each had an output above 0
  double saturated;             // number of saturated outputs in this epoch

  Size stride() const { return padded<T>(outputs); }
  // Its forward product reads a packed copy.
  bool is_narrow() const {
    return stored_by_output && activation == Activation::identity && steps_at_once<T>(outputs) > 1;
  }
  RightOperand<T> by_input() const {
    return stored_by_output ? RightOperand<T>{copy, copy_stride} : RightOperand<T>{weights, row_stride};
  }
  RightOperand<T> by_output() const {
    return stored_by_output ? RightOperand<T>{weights, row_stride} : RightOperand<T>{copy, copy_stride};
  }
};

template <class T>
struct Net {
  Layer<T>* layer;
  Size depth, rows_at_once;
  T* batch;              // (b, d)
  std::int32_t* labels;  // (b)
  T* row_weights;        // (b); null where every row counts the same
  T* input_mask;         // (b, d); null without dropout of inputs
  T* loss_scratch;
  std::uint32_t* words;  // random words: dropout of one layer, or noise on one matrix
};

constexpr Size larger_size(Size a, Size b) {
  return a < b ? b : a;
}

enum class Use { training, prediction };

template <class T>
Net<T> lay_out(const Plan& plan, Size rows_at_once, Use use, Arena& arena) {
  Net<T> net{};
  net.depth = plan.depth;
  net.rows_at_once = rows_at_once;
  net.layer = arena.take<Layer<T>>(plan.depth);
  Size most_words = 0;
  for (Size l = 0; l < plan.depth; ++l) {
    const LayerPlan& from = plan.layers[l];
    Layer<T> layer{};
    layer.inputs = from.inputs;
    layer.outputs = from.outputs;
    layer.activation = from.activation;
    layer.dropout = from.dropout;
    layer.rate_factor = from.rate_factor;
    const auto vectors = [](Size n) { return (n + lanes<T> - 1) / lanes<T>; };
    layer.stored_by_output =
        l > 0 && from.outputs * vectors(from.inputs) < from.inputs * vectors(from.outputs);
    layer.rows = layer.stored_by_output ? from.outputs : from.inputs;
    const Size columns = layer.stored_by_output ? from.inputs : from.outputs;
    layer.row_stride = padded<T>(columns);
    const Size count = layer.rows * layer.row_stride, width = padded<T>(from.outputs);
    layer.weights = arena.take<T>(count);
    layer.bias = arena.take<T>(width);
    if (l > 0) {
      layer.copy_stride = padded<T>(layer.rows);
      layer.copy = arena.take<T>(layer.is_narrow() ? packed_size<T>(from.inputs, from.outputs)
                                                   : columns * layer.copy_stride);
    }
    layer.outputs_of_batch = arena.take<T>(rows_at_once * width);
    if (keeps_input(from.activation)) layer.preactivation = arena.take<T>(rows_at_once * width);
    if (use == Use::training) {
      layer.moment1 = arena.take<T>(count);
      layer.moment2 = arena.take<T>(count);
      layer.gradient = arena.take<T>(count);
      layer.bias_moment1 = arena.take<T>(width);
      layer.bias_moment2 = arena.take<T>(width);
      layer.bias_gradient = arena.take<T>(width);
      layer.delta = arena.take<T>(rows_at_once * width);
      layer.largest = arena.take<T>(width);
      layer.alive = arena.take<bool>(width);
      if (from.dropout > 0) {
        layer.mask = arena.take<T>(rows_at_once * width);
        most_words = larger_size(most_words, words_to_drop(rows_at_once * width));
      }
      if (plan.weight_noise > 0) {
        layer.clean = arena.take<T>(count);
        most_words = larger_size(most_words, words_of_noise(count));
      }
      if (plan.averaging != Averaging::none) {
        layer.average = arena.take<T>(count);
        layer.bias_average = arena.take<T>(width);
      }
    }
    if (net.layer) net.layer[l] = layer;
  }
  const Size batch = rows_at_once * padded<T>(plan.layers[0].inputs);
  net.batch = arena.take<T>(batch);
  net.labels = arena.take<std::int32_t>(rows_at_once);
  if (use == Use::training) {
    net.row_weights = arena.take<T>(rows_at_once);
    if (plan.input_dropout > 0) {
      net.input_mask = arena.take<T>(batch);
      most_words = larger_size(most_words, words_to_drop(batch));
    }
    if (plan.input_noise > 0) most_words = larger_size(most_words, words_of_noise(batch));
  }
  net.loss_scratch = arena.take<T>(padded<T>(plan.layers[plan.depth - 1].outputs) * lanes<T>);
  net.words = arena.take<std::uint32_t>(most_words);
  return net;
}

template <class T>
void refresh_copy(const Layer<T>& layer) {
  if (!layer.copy) return;
  if (layer.is_narrow()) {
    return pack<T>(layer.inputs, layer.outputs, layer.weights, layer.row_stride, layer.copy);
  }
  const Size columns = layer.stored_by_output ? layer.inputs : layer.outputs;
  transpose<T>(layer.rows, columns, layer.weights, layer.row_stride, layer.copy, layer.copy_stride);
}

// Noise may have been drawn for the padding too.
template <class T>
void clear_padding(const Layer<T>& layer) {
  const Size columns = layer.stored_by_output ? layer.inputs : layer.outputs;
  for (Size row = 0; row < layer.rows; ++row) {
    for (Size c = columns; c < layer.row_stride; ++c) layer.weights[row * layer.row_stride + c] = 0;
  }
}

// Between the flat layout, W (i, o) then b (o), and one padded array of weights and one of biases.
template <class T>
const T* read_flat(const T* flat, const Layer<T>& layer, T* weights, T* bias) {
  for (Size i = 0; i < layer.inputs; ++i) {
    for (Size o = 0; o < layer.outputs; ++o) {
      weights[layer.stored_by_output ? o * layer.row_stride + i : i * layer.row_stride + o] = *flat++;
    }
  }
  for (Size o = 0; o < layer.outputs; ++o) bias[o] = *flat++;
  return flat;
}

template <class T>
T* write_flat(T* flat, const Layer<T>& layer, const T* weights, const T* bias) {
  for (Size i = 0; i < layer.inputs; ++i) {
    for (Size o = 0; o < layer.outputs; ++o) {
      *flat++ = weights[layer.stored_by_output ? o * layer.row_stride + i : i * layer.row_stride + o];
    }
  }
  for (Size o = 0; o < layer.outputs; ++o) *flat++ = bias[o];
  return flat;
}

// Copies n numbers; may write whole vectors past `to + n`, and reads none past `from + n`.
template <class T>
inline void copy_row(const T* from, Size n, T* to) {
  Size k = 0;
  for (; k + lanes<T> <= n; k += lanes<T>) store(to + k, load(from + k));
  if (k == n) return;
  if (n >= lanes<T>) {
    store(to + n - lanes<T>, load(from + n - lanes<T>));
  } else {
    for (; k < n; ++k) to[k] = from[k];
  }
}

// Copies rows of the table into the batch: the given ones, or `count` from `first`.
template <class T>
void gather(const Net<T>& net, const Table<T>& table, const std::int32_t* rows, Size first,
            Size count) {
  const Size stride = padded<T>(table.columns);
  for (Size b = 0; b < count; ++b) {
    const Size row = rows ? rows[b] : first + b;
    copy_row(table.features + row * table.columns, table.columns, net.batch + b * stride);
    if (table.labels) net.labels[b] = table.labels[row];
  }
}

// The weights of the gathered rows: that of the row times that of its class. Returns their sum, or 1 where
// every weight is 0, so that such a batch has loss and gradient 0.
template <class T>
double gather_weights(const Net<T>& net, const Table<T>& table, const double* class_weights,
                      const std::int32_t* rows, Size count) {
  if (!net.row_weights) return static_cast<double>(count);
  double total = 0;
  for (Size b = 0; b < count; ++b) {
    double weight = table.weights ? static_cast<double>(table.weights[rows[b]]) : 1;
    if (class_weights) weight *= class_weights[net.labels[b]];
    net.row_weights[b] = static_cast<T>(weight);
    total += weight;
  }
  return total > 0 ? total : 1;
}

// Where the random numbers of a training step stand.
struct Moment {
  std::uint64_t seed;
  std::uint32_t epoch, step;
};

// Dropout and Gaussian noise on the gathered batch.
template <class T>
void disturb_inputs(const Plan& plan, Net<T>& net, Size rows, const Moment& moment) {
  const Size count = rows * padded<T>(net.layer[0].inputs);
  if (plan.input_noise > 0) {
    add_noise<T>({moment.seed, Purpose::input_noise, 0, moment.epoch, moment.step},
                 static_cast<T>(plan.input_noise), count, net.batch, net.words);
  }
  if (net.input_mask) {
    drop<T>({moment.seed, Purpose::input_dropout, 0, moment.epoch, moment.step}, plan.input_dropout,
            count, net.batch, net.input_mask, net.words);
  }
}

// Gaussian noise on the weights: drawn for each step, and taken away before the update.
template <class T>
void disturb_weights(const Plan& plan, Net<T>& net, const Moment& moment) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const Size count = layer.rows * layer.row_stride;
    __builtin_memcpy(layer.clean, layer.weights, static_cast<std::size_t>(count) * sizeof(T));
    add_noise<T>(
        {moment.seed, Purpose::weight_noise, static_cast<std::uint32_t>(l), moment.epoch, moment.step},
        static_cast<T>(plan.weight_noise), count, layer.weights, net.words);
    clear_padding(layer);
    refresh_copy(layer);
  }
}

template <class T>
void restore_weights(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    __builtin_memcpy(layer.weights, layer.clean,
                     static_cast<std::size_t>(layer.rows * layer.row_stride) * sizeof(T));
  }
}

// a_0 = batch; z_l = a_{l-1} W_l + b_l; a_l = activation(z_l), observed, then dropped. `moment` is null
// outside training: nothing is dropped or observed.
template <class T>
void forward(Net<T>& net, Size rows, const Moment* moment) {
  LeftOperand<T> input{net.batch, padded<T>(net.layer[0].inputs), 1};
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    if (layer.is_narrow()) {
      multiply_narrow<T>(rows, layer.outputs, layer.inputs, input.data, input.row_stride, layer.copy,
                         layer.bias, layer.outputs_of_batch, layer.stride());
    } else if (layer.activation == Activation::relu) {
      multiply<T>(rows, layer.outputs, layer.inputs, input, layer.by_input(), layer.bias,
                  layer.outputs_of_batch, layer.stride(), ThenRelu<T>{});
    } else {
      T* const z = layer.preactivation ? layer.preactivation : layer.outputs_of_batch;
      multiply<T>(rows, layer.outputs, layer.inputs, input, layer.by_input(), layer.bias, z,
                  layer.stride());
      activate<T>(layer.activation, rows, layer.outputs, z, layer.outputs_of_batch, layer.stride());
    }
    if (moment) {
      observe<T>(layer.activation, rows, layer.outputs, layer.outputs_of_batch, layer.stride(),
                 layer.largest, layer.alive, layer.saturated);
      if (layer.mask) {
        const auto number = static_cast<std::uint32_t>(l);
        drop({moment->seed, Purpose::dropout, number, moment->epoch, moment->step}, layer.dropout,
             rows * layer.stride(), layer.outputs_of_batch, layer.mask, net.words);
      }
    }
    input = {layer.outputs_of_batch, layer.stride(), 1};
  }
}

// sums (o) = the sum over rows of d (b, o); `stride` numbers a row, in whole cache lines, summed a line or
// four at a time so that the additions of one line do not wait for each other.
template <class T, int Vectors>
void sum_rows_of(Size rows, Size stride, const T* d, T* sums) {
  Vec<T> sum[Vectors] = {};
  for (Size b = 0; b < rows; ++b) {
    for (int j = 0; j < Vectors; ++j) sum[j] += load(d + b * stride + j * lanes<T>);
  }
  for (int j = 0; j < Vectors; ++j) store(sums + j * lanes<T>, sum[j]);
}

template <class T>
void sum_rows(Size rows, Size stride, const T* d, T* sums) {
  constexpr int line = 64 / LEVELSET_VECTOR_BYTES;
  constexpr Size numbers = 64 / static_cast<Size>(sizeof(T));
  Size column = 0;
  for (; column + 4 * numbers <= stride; column += 4 * numbers) {
    sum_rows_of<T, 4 * line>(rows, stride, d + column, sums + column);
  }
  for (; column < stride; column += numbers) {
    sum_rows_of<T, line>(rows, stride, d + column, sums + column);
  }
}

// From the last layer's delta to every gradient of the data's part of the objective:
//   G_l = a_{l-1}' d_l;  g_l = sum_b d_l;  d_{l-1} = (d_l W_l') * mask * activation'(a_{l-1})
// (Goodfellow, Bengio and Courville, 2016, algorithm 6.4).
template <class T>
void backward(Net<T>& net, Size rows) {
  for (Size l = net.depth - 1; l >= 0; --l) {
    Layer<T>& layer = net.layer[l];
    const T* input = l > 0 ? net.layer[l - 1].outputs_of_batch : net.batch;
    const Size input_stride = padded<T>(layer.inputs);
    if (layer.stored_by_output) {
      multiply<T>(layer.outputs, layer.inputs, rows, {layer.delta, 1, layer.stride()},
                  {input, input_stride}, nullptr, layer.gradient, layer.row_stride);
    } else {
      multiply<T>(layer.inputs, layer.outputs, rows, {input, 1, input_stride},
                  {layer.delta, layer.stride()}, nullptr, layer.gradient, layer.row_stride);
    }
    sum_rows<T>(rows, layer.stride(), layer.delta, layer.bias_gradient);
    if (l == 0) return;
    Layer<T>& below = net.layer[l - 1];
    const LeftOperand<T> delta{layer.delta, layer.stride(), 1};
    if (below.activation == Activation::relu && !below.mask) {
      multiply<T>(rows, layer.inputs, layer.outputs, delta, layer.by_output(), nullptr, below.delta,
                  below.stride(), ThenReluDerivative<T>{below.outputs_of_batch});
    } else {
      multiply<T>(rows, layer.inputs, layer.outputs, delta, layer.by_output(), nullptr, below.delta,
                  below.stride());
      multiply_by_derivative<T>(below.activation, rows, below.outputs, below.outputs_of_batch,
                                below.preactivation, below.mask, below.delta, below.stride());
    }
  }
}

}  // namespace levelset::LEVELSET_PATH
