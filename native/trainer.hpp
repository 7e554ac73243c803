// One member, trained from its state to its state. The loop reads in the order in which things happen and
// touches no file, clock or screen.
#pragma once

#include "initializers.hpp"
#include "layers.hpp"

namespace levelset::LEVELSET_PATH {

// ---- a member's state, in and out of the worker's memory ----

template <class T>
void restore(const Plan& plan, const State<T>& state, Net<T>& net) {
  const T *parameters = state.parameters, *first = state.first_moment, *second = state.second_moment;
  for (Size l = 0; l < plan.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    parameters = read_flat(parameters, layer, layer.weights, layer.bias);
    first = read_flat(first, layer, layer.moment1, layer.bias_moment1);
    second = read_flat(second, layer, layer.moment2, layer.bias_moment2);
    refresh_copy(layer);
  }
}

template <class T>
void write_parameters(const Net<T>& net, T* flat) {
  for (Size l = 0; l < net.depth; ++l) {
    flat = write_flat(flat, net.layer[l], net.layer[l].weights, net.layer[l].bias);
  }
}

template <class T>
void save(const Net<T>& net, State<T>& state) {
  write_parameters(net, state.parameters);
  T *first = state.first_moment, *second = state.second_moment;
  for (Size l = 0; l < net.depth; ++l) {
    const Layer<T>& layer = net.layer[l];
    first = write_flat(first, layer, layer.moment1, layer.bias_moment1);
    second = write_flat(second, layer, layer.moment2, layer.bias_moment2);
  }
}

// ---- what an epoch adds up ----

struct LayerSums {
  double gradient_norm = 0, update_ratio = 0, weight_square = 0;
};

template <class T>
void begin_observation(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    layer.saturated = 0;
    for (Size o = 0; o < padded<T>(layer.outputs); ++o) layer.largest[o] = 0;
  }
}

// Shares of dead and saturated units of a layer over the epoch's rows; NaN where the activation has none.
template <class T>
void record_units(const Layer<T>& layer, Size rows, float& dead_share, float& saturated_share) {
  dead_share = saturated_share = __builtin_nanf("");
  with_activation<T>(layer.activation, [&](auto f) {
    if constexpr (f.dies) {
      Size dead = 0;
      for (Size o = 0; o < layer.outputs; ++o) dead += !(layer.largest[o] > 0);
      dead_share = static_cast<float>(static_cast<double>(dead) / static_cast<double>(layer.outputs));
    }
    if constexpr (f.saturates) {
      saturated_share = static_cast<float>(
          layer.saturated / (static_cast<double>(rows) * static_cast<double>(layer.outputs)));
    }
  });
}

// ---- the steps of an epoch ----

// Applies the gradients; adds each layer's norms to the epoch's sums.
template <class T>
void apply_gradients(const Plan& plan, Net<T>& net, std::int64_t step, LayerSums* sums) {
  const StepSize<T> size = step_size<T>(plan, step);
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const StepSums weights =
        update<T>(plan.optimizer, size, static_cast<T>(plan.l2), layer.rows * layer.row_stride,
                  layer.weights, layer.moment1, layer.moment2, layer.gradient);
    update<T>(plan.optimizer, size, T(0), padded<T>(layer.outputs), layer.bias, layer.bias_moment1,
              layer.bias_moment2, layer.bias_gradient);
    refresh_copy(layer);
    sums[l].gradient_norm += __builtin_sqrt(weights.gradient_square);
    if (weights.weight_square > 0) {
      sums[l].update_ratio += __builtin_sqrt(weights.update_square / weights.weight_square);
    }
    sums[l].weight_square = weights.weight_square;
  }
}

template <class T>
LossSums loss_and_delta(Net<T>& net, Size rows, T scale) {
  Layer<T>& last = net.layer[net.depth - 1];
  __builtin_memcpy(last.delta, last.outputs_of_batch,
                   static_cast<std::size_t>(rows * last.stride()) * sizeof(T));
  return softmax_cross_entropy<T>(rows, last.outputs, last.delta, last.stride(), net.labels, scale,
                                  net.loss_scratch);
}

// Mean loss and accuracy of a table, without dropout.
template <class T>
LossSums evaluate(Net<T>& net, const Table<T>& table) {
  LossSums sums;
  Layer<T>& last = net.layer[net.depth - 1];
  for (Size first = 0; first < table.rows; first += net.rows_at_once) {
    const Size here = table.rows - first < net.rows_at_once ? table.rows - first : net.rows_at_once;
    gather<T>(net, table, nullptr, first, here);
    forward<T>(net, here, nullptr);
    const LossSums part = softmax_cross_entropy<T>(here, last.outputs, last.outputs_of_batch,
                                                   last.stride(), net.labels, T(1), net.loss_scratch);
    sums.loss += part.loss;
    sums.correct += part.correct;
  }
  sums.loss /= static_cast<double>(table.rows);
  sums.correct /= static_cast<double>(table.rows);
  return sums;
}

// Keep-best and patience (Prechelt, "Early stopping - but when?", 1998): the best is any lower loss, a
// gain is a loss lower by more than min_delta, and training stops after `patience` epochs without one.
template <class T>
void judge(const Plan& plan, const Net<T>& net, double validation_loss, State<T>& state) {
  if (state.best_epoch < 0 || validation_loss < state.best_loss) {
    state.best_loss = validation_loss;
    state.best_epoch = state.epochs_done - 1;
    write_parameters(net, state.best);
  }
  if (state.epochs_done == 1 || validation_loss < state.reference_loss - plan.min_delta) {
    state.reference_loss = validation_loss;
    state.epochs_without_gain = 0;
  } else {
    ++state.epochs_without_gain;
  }
  if (plan.patience > 0 && state.epochs_without_gain >= plan.patience) state.stop = Stop::patience;
}

template <class T>
struct Workspace {
  Net<T> net;
  LayerSums* sums;
  std::int32_t *order, *rows;
  std::uint32_t* words;
};

template <class T>
Workspace<T> lay_out_training(const Plan& plan, Size row_count, Arena& arena) {
  const Size batch = plan.batch_size < row_count ? plan.batch_size : row_count;
  const Size at_once = batch > kEvaluationRows ? batch : kEvaluationRows;
  Workspace<T> space{};
  space.net = lay_out<T>(plan, at_once, Use::training, arena);
  space.sums = arena.take<LayerSums>(plan.depth);
  space.order = arena.take<std::int32_t>(row_count);
  space.rows = arena.take<std::int32_t>(batch);
  space.words = arena.take<std::uint32_t>(rounded_to_groups(row_count));
  return space;
}

template <class T>
std::int64_t workspace_bytes(const Plan& plan, std::int64_t row_count) {
  Arena counting(nullptr);
  lay_out_training<T>(plan, row_count, counting);
  return counting.used();
}

enum class Outcome { whole, diverged, cancelled };

// One pass over the member's rows, in the epoch's own order.
template <class T>
Outcome train_epoch(const Plan& plan, const Sight& sight, const Table<T>& table, State<T>& state,
                    Workspace<T>& space, LossSums& epoch, const Control& control) {
  Net<T>& net = space.net;
  const auto number = static_cast<std::uint32_t>(state.epochs_done);
  shuffle({sight.seed, Purpose::batch_order, 0, number, 0}, static_cast<std::int32_t>(sight.row_count),
          space.order, space.words);
  std::uint32_t step = 0;
  for (Size first = 0; first < sight.row_count; first += plan.batch_size, ++step) {
    if (control.cancelled.load(std::memory_order_relaxed)) return Outcome::cancelled;
    const Size left = sight.row_count - first;
    const Size here = left < plan.batch_size ? left : plan.batch_size;
    for (Size b = 0; b < here; ++b) {
      const std::int32_t row = space.order[first + b];
      space.rows[b] = sight.rows ? sight.rows[row] : row;
    }
    gather<T>(net, table, space.rows, 0, here);
    const Moment moment{sight.seed, number, step};
    forward<T>(net, here, &moment);
    const LossSums batch = loss_and_delta<T>(net, here, T(1) / static_cast<T>(here));
    epoch.loss += batch.loss;
    epoch.correct += batch.correct;
    if (!__builtin_isfinite(batch.loss)) return Outcome::diverged;
    backward<T>(net, here);
    apply_gradients<T>(plan, net, ++state.steps_done, space.sums);
  }
  epoch.loss /= static_cast<double>(sight.row_count);
  epoch.correct /= static_cast<double>(sight.row_count);
  // A finite loss can be followed by a step out of the finite numbers.
  for (Size l = 0; l < plan.depth; ++l) {
    if (!__builtin_isfinite(space.sums[l].weight_square)) return Outcome::diverged;
  }
  return Outcome::whole;
}

template <class T>
void record_layers(const Workspace<T>& space, Size row_count, Size steps, std::int64_t epoch,
                   const MemberRecord& record) {
  for (Size l = 0; l < space.net.depth; ++l) {
    const std::int64_t at = epoch * record.layer_stride + l;
    const LayerSums& sums = space.sums[l];
    record.gradient_norm[at] = static_cast<float>(sums.gradient_norm / static_cast<double>(steps));
    record.update_ratio[at] = static_cast<float>(sums.update_ratio / static_cast<double>(steps));
    record.weight_norm[at] = static_cast<float>(__builtin_sqrt(sums.weight_square));
    record_units(space.net.layer[l], row_count, record.dead_share[at], record.saturated_share[at]);
  }
}

template <class T>
void train(const Plan& plan, const Sight& sight, const Table<T>& training, const Table<T>& validation,
           State<T>& state, const MemberRecord& record, std::int64_t epochs, void* workspace,
           Control& control) {
  const FlushDenormals flush;
  Arena arena(workspace);
  Workspace<T> space = lay_out_training<T>(plan, sight.row_count, arena);
  restore(plan, state, space.net);
  const Size steps = (sight.row_count + plan.batch_size - 1) / plan.batch_size;

  for (std::int64_t done = 0; done < epochs && state.stop == Stop::running; ++done) {
    const std::int64_t epoch = state.epochs_done, steps_before = state.steps_done;
    LossSums sums;
    for (Size l = 0; l < plan.depth; ++l) space.sums[l] = {};
    begin_observation(space.net);

    const Outcome outcome = train_epoch<T>(plan, sight, training, state, space, sums, control);
    if (outcome == Outcome::cancelled) {
      state.steps_done = steps_before;  // the state is that of the last whole epoch
      return;
    }
    ++state.epochs_done;
    record.training_loss[epoch] = static_cast<float>(sums.loss);
    if (outcome == Outcome::diverged) {
      state.stop = Stop::diverged;
      break;
    }
    record.training_accuracy[epoch] = static_cast<float>(sums.correct);
    record_layers(space, sight.row_count, steps, epoch, record);

    if (validation.rows > 0) {
      const LossSums held_out = evaluate<T>(space.net, validation);
      record.validation_loss[epoch] = static_cast<float>(held_out.loss);
      record.validation_accuracy[epoch] = static_cast<float>(held_out.correct);
      if (!__builtin_isfinite(held_out.loss)) {
        state.stop = Stop::diverged;
        break;
      }
      judge(plan, space.net, held_out.loss, state);
    }
    if (state.stop == Stop::running && state.epochs_done == plan.epochs) state.stop = Stop::finished;
    save(space.net, state);
    control.epochs_done.fetch_add(1, std::memory_order_relaxed);
  }
}

// ---- the rest of the backend ----

// The vector functions, for the tests that measure their error.
template <class T>
void elementary(Elementary function, std::int64_t count, const T* x, T* y) {
  for (Size k = 0; k < count; k += lanes<T>) {
    T buffer[lanes<T>] = {};
    const Size here = count - k < lanes<T> ? count - k : lanes<T>;
    __builtin_memcpy(buffer, x + k, static_cast<std::size_t>(here) * sizeof(T));
    Vec<T> v = load(buffer), other;
    switch (function) {
      case Elementary::exponential:
        v = exponential<T>(v);
        break;
      case Elementary::exponential_minus_one:
        v = exponential_minus_one<T>(v);
        break;
      case Elementary::logarithm:
        v = logarithm<T>(v);
        break;
      case Elementary::cosine_of_turn:
        cosine_sine_of_turn<T>(v, v, other);
        break;
      case Elementary::sine_of_turn:
        cosine_sine_of_turn<T>(v, other, v);
        break;
      case Elementary::sigmoid:
        v = Sigmoid<T>::value(v);
        break;
      case Elementary::tanh:
        v = Tanh<T>::value(v);
        break;
      case Elementary::root:
        v = root_for_step<T>(v);
        break;
    }
    store(buffer, v);
    __builtin_memcpy(y + k, buffer, static_cast<std::size_t>(here) * sizeof(T));
  }
}

inline void random_words(std::uint64_t seed, std::uint32_t purpose, std::uint32_t layer,
                         std::uint32_t epoch, std::uint32_t step, std::int64_t count,
                         std::uint32_t* words) {
  fill_words({seed, static_cast<Purpose>(purpose), layer, epoch, step}, count, words);
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
    softmax_cross_entropy<T>(here, last.outputs, last.outputs_of_batch, last.stride(), nullptr, T(1),
                             net.loss_scratch);
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
  for (Size l = 0; l < net.depth; ++l) net.layer[l].mask = nullptr;
  load_parameters(parameters, net);
  gather<T>(net, table, nullptr, 0, table.rows);
  forward<T>(net, table.rows, nullptr);
  double objective = loss_and_delta<T>(net, table.rows, T(1) / static_cast<T>(table.rows)).loss /
                     static_cast<double>(table.rows);
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
