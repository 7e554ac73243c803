// What is asked of a network outside training: initial weights, losses, answers, one gradient.
#pragma once

#include "heads.hpp"
#include "initializers.hpp"
#include "propagation.hpp"

namespace levelset::LEVELSET_PATH {

// Adds the losses of a table, every row counted once, without dropout, to each head's sums.
template <class T>
void evaluate(Net<T>& net, const Table<T>& table, LossSums* sums) {
  for (Size first = 0; first < table.rows && !is_cancelled(*net.team); first += net.rows_at_once) {
    const Size here = table.rows - first < net.rows_at_once ? table.rows - first : net.rows_at_once;
    gather<T>(net, table, nullptr, first, here);
    forward<T>(net, here, {});
    add_losses(net, here, sums);
  }
}

// W from the member's stream; b, shifts and running means 0; scales and running variances 1.
template <class T>
void initialize(const Plan& plan, std::uint64_t seed, T* parameters, const Team& team) {
  for (Size l = 0; l < plan.depth; ++l) {
    const LayerPlan& layer = plan.layers[l];
    const auto fill = [&](T value) {
      for (Size o = 0; o < layer.outputs; ++o) *parameters++ = value;
    };
    draw_weights(layer, {seed, Purpose::initial_weights, static_cast<std::uint32_t>(l), 0, 0},
                 parameters, team);
    parameters += layer.inputs * layer.outputs;
    fill(0);
    if (layer.normalization == Normalization::none) continue;
    fill(1);
    fill(0);
    if (layer.normalization != Normalization::batch) continue;
    fill(0);
    fill(1);
  }
}

template <class T>
void predict(const Plan& plan, const T* parameters, const T* features, std::int64_t rows, T* outputs,
             void* workspace, Team& team) {
  const FlushDenormals flush;
  Arena arena(workspace, &team);
  Net<T> net = lay_out<T>(plan, kEvaluationRows, Use::prediction, &team, arena);
  load_parameters(parameters, net);
  if (is_cancelled(team)) return;
  const Layer<T>& last = net.layer[net.depth - 1];
  const Table<T> table{features, nullptr, rows, net.layer[0].inputs};
  for (Size first = 0; first < rows && !is_cancelled(team); first += kEvaluationRows) {
    const Size here = rows - first < kEvaluationRows ? rows - first : kEvaluationRows;
    gather<T>(net, table, nullptr, first, here);
    forward<T>(net, here, {});
    answer_all(net, here);
    for (Size b = 0; b < here; ++b, outputs += last.outputs) {
      __builtin_memcpy(outputs, last.outputs_of_batch + b * last.stride(),
                       static_cast<std::size_t>(last.outputs) * sizeof(T));
    }
  }
}

// J and its gradient on the whole table as one batch; batch normalization with that batch's statistics.
template <class T>
double gradient(const Plan& plan, const T* parameters, const Table<T>& table, T* flat,
                void* workspace) {
  const FlushDenormals flush;
  const std::atomic<bool> nobody{false};
  Team team;
  team.cancelled = &nobody;
  Arena arena(workspace, &team);
  Net<T> net = lay_out<T>(plan, table.rows, Use::training, &team, arena);
  net.row_weights = net.unmixed = nullptr;
  for (Size l = 0; l < net.depth; ++l) net.layer[l].mask = nullptr;
  auto* const sums = arena.take<LossSums>(plan.head_count);
  load_parameters(parameters, net);
  gather<T>(net, table, nullptr, 0, table.rows);
  forward<T>(net, table.rows, {nullptr, Statistics::of_batch, false});
  loss_and_delta<T>(net, table.rows, plan.label_smoothing, sums);
  double objective = verdict(plan, sums).loss;
  backward<T>(net, table.rows);
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    for (Size k = 0; k < layer.weights.count; ++k) {
      const T weight = layer.weights.value[k];
      layer.weights.gradient[k] += 2 * static_cast<T>(plan.l2) * weight;
      objective += plan.l2 * static_cast<double>(weight) * static_cast<double>(weight);
    }
    flat = write_flat(team, flat, layer, &ParameterArray<T>::gradient);
  }
  return objective;
}

}  // namespace levelset::LEVELSET_PATH
