// What is asked of a network outside training: initial weights, losses, probabilities, one gradient.
#pragma once

#include "initializers.hpp"
#include "layers.hpp"

namespace levelset::LEVELSET_PATH {

// The loss of the gathered batch, and the gradient of its mean with respect to the logits. The mean is over
// the weights of the rows, `total_weight` in all.
template <class T>
LossSums loss_and_delta(Net<T>& net, Size rows, double total_weight, double smoothing) {
  Layer<T>& last = net.layer[net.depth - 1];
  __builtin_memcpy(last.delta, last.outputs_of_batch,
                   static_cast<std::size_t>(rows * last.stride()) * sizeof(T));
  const Targets<T> targets{net.labels, net.row_weights, static_cast<T>(smoothing)};
  return softmax_cross_entropy<T>(rows, last.outputs, last.delta, last.stride(), targets,
                                  static_cast<T>(1 / total_weight), net.loss_scratch);
}

// Mean loss and accuracy of a table, every row counted once, without dropout.
template <class T>
LossSums evaluate(Net<T>& net, const Table<T>& table) {
  LossSums sums;
  Layer<T>& last = net.layer[net.depth - 1];
  for (Size first = 0; first < table.rows; first += net.rows_at_once) {
    const Size here = table.rows - first < net.rows_at_once ? table.rows - first : net.rows_at_once;
    gather<T>(net, table, nullptr, first, here);
    forward<T>(net, here, nullptr);
    const LossSums part =
        softmax_cross_entropy<T>(here, last.outputs, last.outputs_of_batch, last.stride(),
                                 {net.labels, nullptr, 0}, T(1), net.loss_scratch);
    sums.loss += part.loss;
    sums.correct += part.correct;
  }
  sums.loss /= static_cast<double>(table.rows);
  sums.correct /= static_cast<double>(table.rows);
  return sums;
}

template <class T>
void initialize(const Plan& plan, std::uint64_t seed, T* parameters) {
  for (Size l = 0; l < plan.depth; ++l) {
    const LayerPlan& layer = plan.layers[l];
    draw_weights(layer, {seed, Purpose::initial_weights, static_cast<std::uint32_t>(l), 0, 0},
                 parameters);
    parameters += layer.inputs * layer.outputs;
    for (Size o = 0; o < layer.outputs; ++o) *parameters++ = 0;
  }
}

template <class T>
void load_parameters(const T* parameters, Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    parameters = read_flat(parameters, net.layer[l], net.layer[l].weights, net.layer[l].bias);
    refresh_copy(net.layer[l]);
  }
}

template <class T>
void predict(const Plan& plan, const T* parameters, const T* features, std::int64_t rows,
             T* probabilities, void* workspace) {
  const FlushDenormals flush;
  Arena arena(workspace);
  Net<T> net = lay_out<T>(plan, kEvaluationRows, Use::prediction, arena);
  load_parameters(parameters, net);
  const Layer<T>& last = net.layer[net.depth - 1];
  const Table<T> table{features, nullptr, rows, net.layer[0].inputs, last.outputs};
  for (Size first = 0; first < rows; first += kEvaluationRows) {
    const Size here = rows - first < kEvaluationRows ? rows - first : kEvaluationRows;
    gather<T>(net, table, nullptr, first, here);
    forward<T>(net, here, nullptr);
    softmax_cross_entropy<T>(here, last.outputs, last.outputs_of_batch, last.stride(),
                             {nullptr, nullptr, 0}, T(1), net.loss_scratch);
    for (Size b = 0; b < here; ++b) {
      for (Size c = 0; c < last.outputs; ++c) {
        *probabilities++ = last.outputs_of_batch[b * last.stride() + c];
      }
    }
  }
}

template <class T>
double gradient(const Plan& plan, const T* parameters, const Table<T>& table, T* flat,
                void* workspace) {
  const FlushDenormals flush;
  Arena arena(workspace);
  Net<T> net = lay_out<T>(plan, table.rows, Use::training, arena);
  net.row_weights = nullptr;
  for (Size l = 0; l < net.depth; ++l) net.layer[l].mask = nullptr;
  load_parameters(parameters, net);
  gather<T>(net, table, nullptr, 0, table.rows);
  forward<T>(net, table.rows, nullptr);
  const auto rows = static_cast<double>(table.rows);
  double objective = loss_and_delta<T>(net, table.rows, rows, plan.label_smoothing).loss / rows;
  backward<T>(net, table.rows);
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    for (Size k = 0; k < layer.rows * layer.row_stride; ++k) {
      const T weight = layer.weights[k];
      layer.gradient[k] += 2 * static_cast<T>(plan.l2) * weight;
      objective += plan.l2 * static_cast<double>(weight) * static_cast<double>(weight);
    }
    flat = write_flat(flat, layer, layer.gradient, layer.bias_gradient);
  }
  return objective;
}

}  // namespace levelset::LEVELSET_PATH
