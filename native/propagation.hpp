// A batch through the network and its gradient back. The twin is levelset.theory.propagation.
#pragma once

#include <type_traits>

#include "batch.hpp"
#include "normalization.hpp"

namespace levelset::LEVELSET_PATH {

// How a batch goes forward. `moment` is null outside training: nothing is dropped.
struct Passing {
  const Moment* moment = nullptr;
  Statistics statistics = Statistics::running;
  bool observed = false;  // units are counted
};

// A product by the whole team, cut into bands of rows, and each band into panels, so that from region to region a
// thread finds most of what it reads in its own cache; a band's left operand stays there from panel to panel. Helpers
// take chunks from the back: the later bands are numbered backwards, so that they too go from panel to panel upwards.
template <class T, class Finish = AsItIs<T>>
void multiply_together(Team& team, const Product<T>& product, const Finish& finish = {}) {
  constexpr Size bytes_of_band = 1 << 20;
  const Size rows = product.rows, threads = team.helpers.load(std::memory_order_relaxed) + 1;
  const Size work = 2 * rows * product.columns * product.depth;
  if (threads == 1 && work <= kMostWork) return multiply(product, finish);
  const Size panels = product.panels(), most = (rows + kRowsTogether - 1) / kRowsTogether;
  Size bands = rows * product.depth * static_cast<Size>(sizeof(T)) / bytes_of_band;
  const Size wanted = threads == 1 ? 1 : (kChunksEach * threads + panels - 1) / panels;
  bands = larger_of(bands, larger_of(threads, wanted));
  if (bands > most) bands = most;
  const auto edge = [=](Size band) { return band * rows / bands; };
  share(team, bands * panels, 1, work / (bands * panels), [&](Size first, Size last) {
    while (first < last) {
      const Size band = first / panels, panel = first % panels, rest = panel + last - first;
      const Size end = rest < panels ? rest : panels;
      const bool turned = 2 * band >= bands;
      multiply(product,
               {edge(band), edge(band + 1), turned ? panels - end : panel,
                turned ? panels - panel : end, threads > 1},
               finish);
      first += end - panel;
    }
  });
}

// z = a W + b, into `z`, finished in registers.
template <class T, class Finish = AsItIs<T>>
void multiply_by_weights(Team& team, const Layer<T>& layer, Size rows, const T* a, T* z,
                         const Finish& finish = {}) {
  const Size stride = padded<T>(layer.inputs);
  if (!layer.is_narrow()) {
    const Product<T> product{
        rows, layer.outputs, layer.inputs, {a, stride, 1}, layer.by_input(), layer.bias.value,
        z,    layer.stride()};
    return multiply_together(team, product, finish);
  }
  share(team, rows, kRowsTogether, 2 * layer.inputs * layer.outputs, [&](Size first, Size last) {
    multiply_narrow<T>(last - first, layer.outputs, layer.inputs, a + first * stride, stride,
                       layer.copy, layer.bias.value, z + first * layer.stride(), layer.stride());
  });
}

// to (count) += from. Whole vectors.
template <class T>
void add_to(Team& team, Size count, const T* from, T* to) {
  share(team, count / lanes<T>, kNumbersTogether, lanes<T>, [=](Size first, Size last) {
    for (Size k = first * lanes<T>; k < last * lanes<T>; k += lanes<T>) {
      store(to + k, load(to + k) + load(from + k));
    }
  });
}

// a_l = activation(norm(a_{l-1} W_l + b_l)) * mask, and + a_{l-1} where the layer is joined.
template <class T>
void forward_layer(Net<T>& net, Size l, Size rows, const T* input, const Passing& how) {
  Layer<T>& layer = net.layer[l];
  Team& team = *net.team;
  if (layer.normalization != Normalization::none) {
    multiply_by_weights(team, layer, rows, input, layer.standardized);
    normalize_and_activate(team, rows, layer, how.statistics);
  } else if (layer.activation == Activation::relu) {
    multiply_by_weights(team, layer, rows, input, layer.activated, ThenRelu<T>{});
  } else {
    T* const z = layer.preactivation ? layer.preactivation : layer.activated;
    multiply_by_weights(team, layer, rows, input, z);
    activate<T>(team, layer.activation, rows, layer.outputs, z, layer.activated, layer.stride());
  }
  if (how.observed && LEVELSET_TELEMETRY) {
    observe<T>(team, layer.activation, rows, layer.outputs, layer.activated, layer.stride(),
               layer.largest, layer.alive, layer.saturated);
  }
  if (how.moment && layer.mask) {
    drop(team, how.moment->stream(Purpose::dropout, l), layer.dropout, rows * layer.stride(),
         layer.activated, layer.mask, net.words);
  }
  if (layer.joined) {
    const Size count = rows * layer.stride();
    __builtin_memcpy(layer.outputs_of_batch, input, static_cast<std::size_t>(count) * sizeof(T));
    add_to(team, count, layer.activated, layer.outputs_of_batch);
  }
}

template <class T>
const T* input_of(const Net<T>& net, Size l) {
  return l > 0 ? net.layer[l - 1].outputs_of_batch : net.batch;
}

template <class T>
void forward(Net<T>& net, Size rows, const Passing& how) {
  for (Size l = 0; l < net.depth; ++l) forward_layer(net, l, rows, input_of(net, l), how);
}

// sums (o) = the sum over rows of d (b, o). Bytes: sizeof(T) a number.
template <class T>
void sum_rows(Team& team, Size rows, Size stride, const T* d, T* sums) {
  share(team, lines_of<T>(stride), 4, rows * 16, [=](Size first, Size last) {
    for_each_lines<T>(first, last, [=](auto vectors, Size column) {
      Vec<T> sum[vectors] = {};
      for (Size b = 0; b < rows; ++b) {
        for (int j = 0; j < vectors; ++j) sum[j] += load(d + b * stride + column + j * lanes<T>);
      }
      for (int j = 0; j < vectors; ++j) store(sums + column + j * lanes<T>, sum[j]);
    });
  });
}

// G = a' d, in the form in which the weights are stored; g = sum over rows of d, or 0 where normalization takes the
// mean away again: a rounded 0 would be a step for Adam.
template <class T>
void parameter_gradients(Team& team, Layer<T>& layer, Size rows, const T* input) {
  const Size input_stride = padded<T>(layer.inputs),
             columns = layer.stored_by_output ? layer.inputs : layer.outputs;
  const LeftOperand<T> inputs{input, 1, input_stride}, deltas{layer.delta, 1, layer.stride()};
  const bool turned = layer.stored_by_output;
  const RightOperand<T> right{turned ? input : layer.delta, turned ? input_stride : layer.stride()};
  multiply_together(team, Product<T>{layer.rows, columns, rows, turned ? deltas : inputs, right,
                                     nullptr, layer.weights.gradient, layer.row_stride});
  if (layer.normalization == Normalization::batch) {
    __builtin_memset(layer.bias.gradient, 0, static_cast<std::size_t>(layer.bias.count) * sizeof(T));
  } else {
    sum_rows<T>(team, rows, layer.stride(), layer.delta, layer.bias.gradient);
  }
}

// The gradient with respect to the outputs of the layer below, d W', finished in registers.
template <class T, class Finish = AsItIs<T>>
void pass_down(Team& team, const Layer<T>& layer, Size rows, T* below, const Finish& finish = {}) {
  const Product<T> product{rows,
                           layer.inputs,
                           layer.outputs,
                           {layer.delta, layer.stride(), 1},
                           layer.by_output(),
                           nullptr,
                           below,
                           padded<T>(layer.inputs)};
  multiply_together(team, product, finish);
}

// From the last layer's delta to every gradient of the data's part of the objective:
//   G_l = a_{l-1}' d_l;  g_l = sum_b d_l;  u_{l-1} = d_l W_l' + [joined] u_l;
//   d_{l-1} = norm's gradient of u_{l-1} * mask * activation'(z'_{l-1})
// (Goodfellow, Bengio and Courville, 2016, algorithm 6.4).
template <class T>
void backward(Net<T>& net, Size rows) {
  Team& team = *net.team;
  for (Size l = net.depth - 1; l >= 0; --l) {
    Layer<T>& layer = net.layer[l];
    parameter_gradients(team, layer, rows, input_of(net, l));
    if (l == 0) return;
    Layer<T>& below = net.layer[l - 1];
    const Size count = rows * below.stride();
    const T kept = below.mask ? kept_share<T>(below.dropout) : T(1);
    const bool at_once = below.activation == Activation::relu && !below.joined && !layer.joined;
    if (at_once && below.mask) {
      pass_down(team, layer, rows, below.delta,
                ThenDroppedReluDerivative<T>{below.activated, 1 / kept});
    } else if (at_once) {
      pass_down(team, layer, rows, below.delta, ThenReluDerivative<T>{below.activated});
    } else {
      pass_down(team, layer, rows, below.delta);
      if (layer.joined) add_to(team, count, layer.upstream, below.delta);
      if (below.joined) {
        __builtin_memcpy(below.upstream, below.delta, static_cast<std::size_t>(count) * sizeof(T));
      }
      multiply_by_derivative<T>(team, below.activation, rows, below.outputs, below.activated,
                                below.preactivation, below.mask, kept, below.delta, below.stride());
    }
    if (below.normalization != Normalization::none) normalization_delta(team, rows, below);
  }
}

}  // namespace levelset::LEVELSET_PATH
