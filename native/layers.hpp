// A network in a worker's memory: padded, aligned, and laid out for the three products of its layers.
#pragma once

#include "activations.hpp"
#include "arena.hpp"
#include "narrow.hpp"
#include "optimizers.hpp"
#include "perturbations.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

// One array of a layer's parameters, and what stands beside it, number by number. The padding of all of them
// is zero and stays zero. Running statistics are such arrays too, but are not learned: they have no moments.
template <class T>
struct ParameterArray {
  Size count = 0;  // padding included; 0: the layer has no such parameters
  T *value = nullptr, *moment1 = nullptr, *moment2 = nullptr, *gradient = nullptr;
  T* average = nullptr;  // over steps or epochs; null without averaging
  T* clean = nullptr;    // the value while noise or a sharpness-aware step is on it; null without
};

// Which of the arrays that stand beside each other.
template <class T>
using Role = T* ParameterArray<T>::*;

// A weight matrix is stored the way that wastes fewer cache lines on padding: (i, o) or, for a narrow layer such
// as 64 -> 3, (o, i). Forward needs (i, o), the input gradient (o, i): the other form is a copy, transposed again
// after every step.
template <class T>
struct Layer {
  Size inputs, outputs;
  Activation activation;
  Normalization normalization;
  double dropout, rate_factor;
  bool joined, stored_by_output;
  Size rows, row_stride;                                 // of the stored weights
  ParameterArray<T> weights;                             // (rows, row_stride)
  ParameterArray<T> bias, scale, shift, mean, variance;  // (o); the last two are running statistics
  T* copy;  // the other form of the weights; null where nothing reads it
  Size copy_stride;
  T* outputs_of_batch;  // (b, o): a
  T* activated;         // (b, o): activation(z') * mask; a itself unless the layer is joined
  T* preactivation;     // (b, o): z', where the derivative needs it, else null
  T* standardized;      // (b, o): (z - mean) / deviation; null without normalization
  T *centre, *inverse;  // of each unit (or row, with layer normalization): mean, 1 / deviation
  T* delta;             // (b, o): the gradient with respect to z
  T* upstream;          // (b, o): the gradient with respect to a; null unless the layer is joined
  T* mask;              // (b, o): 0 or 1 / (1 - p); null without dropout
  T* largest;           // (o): each unit's largest output in this epoch
  bool* alive;          // for each vector of units: whether each had an output above 0
  double saturated;     // number of saturated outputs in this epoch

  Size stride() const { return padded<T>(outputs); }
  bool is_plain() const { return normalization == Normalization::none && !joined; }
  // Its forward product reads a packed copy.
  bool is_narrow() const {
    return stored_by_output && activation == Activation::identity && is_plain() &&
           steps_at_once<T>(outputs) > 1;
  }
  RightOperand<T> by_input() const {
    return stored_by_output ? RightOperand<T>{copy, copy_stride}
                            : RightOperand<T>{weights.value, row_stride};
  }
  RightOperand<T> by_output() const {
    return stored_by_output ? RightOperand<T>{weights.value, row_stride}
                            : RightOperand<T>{copy, copy_stride};
  }
};

// What is learned beside the weights, none of which is penalized; some may have no numbers.
template <class T, class Use>
void for_each_vector(Layer<T>& layer, Use use) {
  use(layer.bias);
  use(layer.scale);
  use(layer.shift);
}

template <class T, class Use>
void for_each_array(Layer<T>& layer, Use use) {
  use(layer.weights);
  for_each_vector(layer, use);
  use(layer.mean);
  use(layer.variance);
}

// The rows of the batch as one head sees them.
template <class T>
struct Head {
  HeadPlan plan;
  Size first;                         // of its columns in the last layer
  std::int32_t *labels, *mixed_with;  // (b): class numbers, -1 missing; those of the rows mixed in
  T *values, *unmixed;                // (b, columns): numbers, NaN missing
  T* own;                             // (b, columns): its columns of the last layer; null if it has all

  Size stride() const { return padded<T>(plan.columns); }
};

template <class T>
struct Net {
  Layer<T>* layer;
  Size depth, rows_at_once;
  Team* team;
  T *batch, *unmixed;      // (b, d); `unmixed` is null without mixup
  std::int32_t* partners;  // (b): the row that is mixed into each
  double mixing;           // the share of a row itself; 1 without mixup
  Head<T>* head;
  Size heads;
  T *row_weights, *unmixed_weights;  // (b); null where every row counts the same
  T* input_mask;                     // (b, d); null without dropout of inputs
  T* loss_scratch;
  StepSums* block_sums;  // of the blocks of one array
  double* moments;       // of the columns of one layer; null unless averaged weights need statistics
  std::uint32_t* words;  // random words: dropout of one layer, or noise on one matrix
};

template <class V>
constexpr V larger_of(V a, V b) {
  return a < b ? b : a;
}

enum class Use { training, prediction };

// ---- how much memory, and where ----

template <class T>
ParameterArray<T> lay_out_array(const Plan& plan, Size count, bool is_weights, Use use, Arena& arena) {
  ParameterArray<T> array{};
  array.count = count;
  array.value = arena.take<T>(count);
  if (use == Use::prediction) return array;
  array.moment1 = arena.take<T>(count);
  array.moment2 = arena.take<T>(count);
  array.gradient = arena.take<T>(count);
  if (plan.averaging != Averaging::none) array.average = arena.take<T>(count);
  if (plan.sam_radius > 0 || (is_weights && plan.weight_noise > 0)) array.clean = arena.take<T>(count);
  return array;
}

// Running statistics: a value, and that which belongs to averaged weights.
template <class T>
ParameterArray<T> lay_out_statistics(const Plan& plan, Size count, Use use, Arena& arena) {
  ParameterArray<T> array{};
  array.count = count;
  array.value = arena.take<T>(count);
  if (use == Use::training && plan.averaging != Averaging::none) array.average = arena.take<T>(count);
  return array;
}

template <class T>
Layer<T> lay_out_layer(const Plan& plan, Size number, Size rows_at_once, Use use, Arena& arena) {
  const LayerPlan& from = plan.layers[number];
  constexpr Size line = 64 / static_cast<Size>(sizeof(T));
  const auto lines = [](Size n) { return (n + line - 1) / line; };
  Layer<T> layer{};
  layer.inputs = from.inputs;
  layer.outputs = from.outputs;
  layer.activation = from.activation;
  layer.normalization = from.normalization;
  layer.dropout = from.dropout;
  layer.rate_factor = from.rate_factor;
  layer.joined = from.joined;
  layer.stored_by_output =
      number > 0 && from.outputs * lines(from.inputs) < from.inputs * lines(from.outputs);
  layer.rows = layer.stored_by_output ? from.outputs : from.inputs;
  const Size columns = layer.stored_by_output ? from.inputs : from.outputs;
  layer.row_stride = padded<T>(columns);
  const Size width = layer.stride(), batch = rows_at_once * width;
  const auto take = [&](Size count, bool is_weights = false) {
    return lay_out_array<T>(plan, count, is_weights, use, arena);
  };
  layer.weights = take(layer.rows * layer.row_stride, true);
  layer.bias = take(width);
  if (number > 0) {
    layer.copy_stride = padded<T>(layer.rows);
    layer.copy = arena.take<T>(layer.is_narrow() ? packed_size<T>(from.inputs, from.outputs)
                                                 : columns * layer.copy_stride);
  }
  layer.outputs_of_batch = layer.activated = arena.take<T>(batch);
  if (layer.joined) layer.activated = arena.take<T>(batch);
  if (keeps_input(from.activation)) layer.preactivation = arena.take<T>(batch);
  if (layer.normalization != Normalization::none) {
    layer.scale = take(width);
    layer.shift = take(width);
    layer.standardized = arena.take<T>(batch);
    layer.centre = arena.take<T>(width);
    layer.inverse = arena.take<T>(larger_of(width, rows_at_once));
  }
  if (layer.normalization == Normalization::batch) {
    layer.mean = lay_out_statistics<T>(plan, width, use, arena);
    layer.variance = lay_out_statistics<T>(plan, width, use, arena);
  }
  if (use == Use::prediction) return layer;
  layer.delta = arena.take<T>(batch);
  if (layer.joined) layer.upstream = arena.take<T>(batch);
  if (from.dropout > 0) layer.mask = arena.take<T>(batch);
  layer.largest = arena.take<T>(width);
  layer.alive = arena.take<bool>(width);
  return layer;
}

template <class T>
void lay_out_heads(const Plan& plan, Use use, Net<T>& net, Arena& arena) {
  net.heads = plan.head_count;
  net.head = arena.take<Head<T>>(plan.head_count);
  Size first = 0, widest = 0;
  for (Size h = 0; h < plan.head_count; ++h) {
    Head<T> head{};
    head.plan = plan.heads[h];
    head.first = first;
    first += head.plan.columns;
    widest = larger_of(widest, head.stride());
    const Size numbers = net.rows_at_once * head.stride();
    const bool mixes = use == Use::training && plan.mixup > 0;
    if (head.plan.loss == Loss::softmax) {
      head.labels = arena.take<std::int32_t>(net.rows_at_once);
      if (mixes) head.mixed_with = arena.take<std::int32_t>(net.rows_at_once);
    } else {
      head.values = arena.take<T>(numbers);
      if (mixes) head.unmixed = arena.take<T>(numbers);
    }
    if (plan.head_count > 1) head.own = arena.take<T>(numbers);
    if (net.head) net.head[h] = head;
  }
  net.loss_scratch = arena.take<T>(widest * lanes<T>);
}

constexpr Size blocks_of(Size count) {
  return (count + kNumbersTogether - 1) / kNumbersTogether;
}

template <class T>
Net<T> lay_out(const Plan& plan, Size rows_at_once, Use use, Team* team, Arena& arena) {
  Net<T> net{};
  net.depth = plan.depth;
  net.rows_at_once = rows_at_once;
  net.team = team;
  net.mixing = 1;
  net.layer = arena.take<Layer<T>>(plan.depth);
  Size words = 0, blocks = 0, widest_normalized = 0;
  for (Size l = 0; l < plan.depth; ++l) {
    const Layer<T> layer = lay_out_layer<T>(plan, l, rows_at_once, use, arena);
    if (layer.dropout > 0) words = larger_of(words, words_to_drop(rows_at_once * layer.stride()));
    if (plan.weight_noise > 0) words = larger_of(words, words_of_noise(layer.weights.count));
    blocks = larger_of(blocks, blocks_of(layer.weights.count));
    widest_normalized = larger_of(widest_normalized, layer.mean.count);
    if (net.layer) net.layer[l] = layer;
  }
  const Size batch = rows_at_once * padded<T>(plan.layers[0].inputs);
  net.batch = arena.take<T>(batch);
  lay_out_heads(plan, use, net, arena);
  if (use == Use::prediction) return net;
  net.row_weights = arena.take<T>(rows_at_once);
  net.block_sums = arena.take<StepSums>(blocks);
  if (plan.averaging != Averaging::none) net.moments = arena.take<double>(2 * widest_normalized);
  if (plan.input_dropout > 0) {
    net.input_mask = arena.take<T>(batch);
    words = larger_of(words, words_to_drop(batch));
  }
  if (plan.input_noise > 0) words = larger_of(words, words_of_noise(batch));
  if (plan.mixup > 0) {
    net.unmixed = arena.take<T>(batch);
    net.unmixed_weights = arena.take<T>(rows_at_once);
    net.partners = arena.take<std::int32_t>(rows_at_once);
    words = larger_of(words, rounded_to_groups(rows_at_once));
  }
  net.words = arena.take<std::uint32_t>(words);
  return net;
}

// ---- between the flat layout and the worker's; what is read or written of a cancelled run may be unfinished ----

template <class T>
void refresh_copy(const Layer<T>& layer, Team& team) {
  if (!layer.copy) return;
  if (layer.is_narrow()) {
    return pack<T>(layer.inputs, layer.outputs, layer.weights.value, layer.row_stride, layer.copy);
  }
  const Size columns = layer.stored_by_output ? layer.inputs : layer.outputs;
  constexpr Size block = lanes<T>;
  share(team, (layer.rows + block - 1) / block, 1, 4 * block * columns, [&](Size first, Size last) {
    const Size from = first * block, to = last * block < layer.rows ? last * block : layer.rows;
    transpose<T>(to - from, columns, layer.weights.value + from * layer.row_stride, layer.row_stride,
                 layer.copy + from, layer.copy_stride);
  });
}

// Noise may have been drawn for the padding of a matrix (rows, columns) too.
template <class T>
void clear_padding(Size rows, Size columns, Size stride, T* matrix) {
  for (Size row = 0; row < rows; ++row) {
    for (Size c = columns; c < stride; ++c) matrix[row * stride + c] = 0;
  }
}

// Calls use(flat, padded, count, step) for each stretch of the flat layout of one layer, `padded` being the place of
// its first number in the array of that role (null if the layer holds no such array) and `step` the distance of its
// numbers there. The team shares them. Returns the end of the layer in the flat layout.
template <class T, class Flat, class Stretch>
Flat* walk_flat(Team& team, Flat* flat, const Layer<T>& layer, Role<T> role, Stretch use) {
  T* const weights = layer.weights.*role;
  const Size row = layer.stored_by_output ? 1 : layer.row_stride;
  const Size step = layer.stored_by_output ? layer.row_stride : 1;
  share(team, layer.inputs, 1, kCopyWork * layer.outputs, [&](Size first, Size last) {
    for (Size i = first; i < last; ++i) {
      use(flat + i * layer.outputs, weights ? weights + i * row : nullptr, layer.outputs, step);
    }
  });
  flat += layer.inputs * layer.outputs;
  const ParameterArray<T>* const vectors[] = {&layer.bias, &layer.scale, &layer.shift, &layer.mean,
                                              &layer.variance};
  for (const ParameterArray<T>* vector : vectors) {
    if (vector->count == 0) continue;
    use(flat, vector->*role, layer.outputs, Size(1));
    flat += layer.outputs;
  }
  return flat;
}

template <class T>
const T* read_flat(Team& team, const T* flat, Layer<T>& layer, Role<T> role) {
  return walk_flat(team, flat, layer, role, [](const T* from, T* to, Size count, Size step) {
    if (!to) return;
    if (step == 1) __builtin_memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
    for (Size k = 0; step != 1 && k < count; ++k) to[k * step] = from[k];
  });
}

// What a layer does not hold is written as zeros.
template <class T>
T* write_flat(Team& team, T* flat, const Layer<T>& layer, Role<T> role) {
  return walk_flat(team, flat, layer, role, [](T* to, const T* from, Size count, Size step) {
    if (from && step == 1) {
      __builtin_memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
    } else {
      for (Size k = 0; k < count; ++k) to[k] = from ? from[k * step] : T(0);
    }
  });
}

template <class T>
void load_parameters(const T* parameters, Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    parameters = read_flat(*net.team, parameters, net.layer[l], &ParameterArray<T>::value);
    refresh_copy(net.layer[l], *net.team);
  }
}

template <class T>
void write_parameters(const Net<T>& net, T* flat) {
  for (Size l = 0; l < net.depth; ++l) {
    flat = write_flat(*net.team, flat, net.layer[l], &ParameterArray<T>::value);
  }
}

}  // namespace levelset::LEVELSET_PATH
