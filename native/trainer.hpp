// One member, trained from its state to its state. The loop reads in the order in which things happen and
// touches no file, clock or screen.
#pragma once

#include "averaging.hpp"
#include "inference.hpp"
#include "schedules.hpp"

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
  const T* average = state.average;
  for (Size l = 0; average && l < plan.depth; ++l) {
    average = read_flat(average, net.layer[l], net.layer[l].average, net.layer[l].bias_average);
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
  T* average = state.average;
  for (Size l = 0; average && l < net.depth; ++l) {
    average = write_flat(average, net.layer[l], net.layer[l].average, net.layer[l].bias_average);
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
    for (Size o = 0; o < padded<T>(layer.outputs); ++o) {
      layer.largest[o] = 0;
      layer.alive[o] = false;
    }
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

// Gradients scaled to a global norm of at most `gradient_clip` (Pascanu, Mikolov and Bengio, ICML 2013,
// algorithm 1), the penalty's part included and frozen layers left out. Returns the factor.
template <class T>
double clip_gradients(const Plan& plan, Net<T>& net) {
  double square = 0;
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const double own = add_penalty<T>(static_cast<T>(plan.l2), layer.rows * layer.row_stride,
                                      layer.weights, layer.gradient) +
                       add_penalty<T>(0, layer.stride(), layer.bias, layer.bias_gradient);
    if (layer.rate_factor > 0) square += own;  // a frozen layer takes no step
  }
  const double norm = __builtin_sqrt(square);
  if (!(norm > plan.gradient_clip)) return 1;
  const double factor = plan.gradient_clip / norm;
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    scale_by<T>(static_cast<T>(factor), layer.rows * layer.row_stride, layer.gradient);
    scale_by<T>(static_cast<T>(factor), layer.stride(), layer.bias_gradient);
  }
  return factor;
}

// The step of one layer, `size` being that of a layer whose rate factor is 1. Returns the sums over its weights.
template <class T>
StepSums step_layer(const Plan& plan, Layer<T>& layer, StepSize<T> size) {
  const Size count = layer.rows * layer.row_stride;
  size.rate *= static_cast<T>(layer.rate_factor);
  StepSize<T> size_of_bias = size;
  size_of_bias.decay = 0;
  const T l2 = plan.gradient_clip > 0 ? T(0) : static_cast<T>(plan.l2);  // else it is in the gradient
  update<T>(plan.optimizer, size_of_bias, T(0), layer.stride(), layer.bias, layer.bias_moment1,
            layer.bias_moment2, layer.bias_gradient);
  return update<T>(plan.optimizer, size, l2, count, layer.weights, layer.moment1, layer.moment2,
                   layer.gradient);
}

// Applies the gradients; adds each layer's norms to the epoch's sums. The norm of a gradient is that before
// clipping.
template <class T>
void apply_gradients(const Plan& plan, Net<T>& net, std::int64_t step, std::int64_t steps_per_epoch,
                     LayerSums* sums) {
  const double learning_rate = plan.learning_rate * rate_factor(plan, step - 1, steps_per_epoch);
  const StepSize<T> size = step_size<T>(plan, learning_rate, step);
  const double clipped = plan.gradient_clip > 0 ? clip_gradients(plan, net) : 1;
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const StepSums weights = step_layer(plan, layer, size);
    refresh_copy(layer);
    sums[l].gradient_norm += __builtin_sqrt(weights.gradient_square) / clipped;
    if (weights.weight_square > 0) {
      sums[l].update_ratio += __builtin_sqrt(weights.update_square / weights.weight_square);
    }
    sums[l].weight_square = weights.weight_square;
  }
}

// Keep-best and patience (Prechelt, "Early stopping - but when?", 1998) on the validation loss, or on the
// error rate: the best is any lower one, a gain is one lower by more than min_delta, and training stops after
// `patience` epochs without a gain.
template <class T>
void judge(const Plan& plan, const Net<T>& net, const LossSums& held_out, State<T>& state) {
  const double loss = plan.monitor == Monitor::loss ? held_out.loss : 1 - held_out.correct;
  if (state.best_epoch < 0 || loss < state.best_loss) {
    state.best_loss = loss;
    state.best_epoch = state.epochs_done - 1;
    write_parameters(net, state.best);
  }
  if (state.epochs_done == 1 || loss < state.reference_loss - plan.min_delta) {
    state.reference_loss = loss;
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
  const Size steps = (sight.row_count + plan.batch_size - 1) / plan.batch_size;
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
    const double weight = gather_weights<T>(net, table, sight.class_weights, space.rows, here);
    const Moment moment{sight.seed, number, step};
    disturb_inputs<T>(plan, net, here, moment);
    if (plan.weight_noise > 0) disturb_weights<T>(plan, net, moment);
    forward<T>(net, here, &moment);
    const LossSums batch = loss_and_delta<T>(net, here, weight, plan.label_smoothing);
    epoch.loss += batch.loss;
    epoch.weight += batch.weight;
    epoch.correct += batch.correct;
    if (!__builtin_isfinite(batch.loss)) return Outcome::diverged;
    backward<T>(net, here);
    if (plan.weight_noise > 0) restore_weights<T>(net);
    apply_gradients<T>(plan, net, ++state.steps_done, steps, space.sums);
    average_after_step<T>(plan, net, state.steps_done);
  }
  epoch.loss /= epoch.weight > 0 ? epoch.weight : 1;
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
  if (!training.weights && !sight.class_weights) space.net.row_weights = nullptr;
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
    average_after_epoch<T>(plan, space.net, state.epochs_done);

    swap_average(space.net);
    if (validation.rows > 0) {
      const LossSums held_out = evaluate<T>(space.net, validation);
      record.validation_loss[epoch] = static_cast<float>(held_out.loss);
      record.validation_accuracy[epoch] = static_cast<float>(held_out.correct);
      if (!__builtin_isfinite(held_out.loss)) {
        state.stop = Stop::diverged;
        break;
      }
      judge(plan, space.net, held_out, state);
    }
    swap_average(space.net);
    if (state.stop == Stop::running && state.epochs_done == plan.epochs) state.stop = Stop::finished;
    save(space.net, state);
    control.epochs_done.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace levelset::LEVELSET_PATH
