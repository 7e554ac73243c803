// One member, trained from its state to its state. The loop reads in the order in which things happen and
// touches no file, clock or screen.
#pragma once

#include "averaging.hpp"
#include "inference.hpp"
#include "schedules.hpp"

namespace levelset::LEVELSET_PATH {

// ---- a member's state, in and out of the worker's memory ----

template <class T>
void restore(const State<T>& state, Net<T>& net) {
  using Array = ParameterArray<T>;
  load_parameters<T>(state.held.parameters, net);
  const T *first = state.held.first_moment, *second = state.held.second_moment,
          *average = state.held.average;
  for (Size l = 0; l < net.depth; ++l) {
    first = read_flat(*net.team, first, net.layer[l], &Array::moment1);
    second = read_flat(*net.team, second, net.layer[l], &Array::moment2);
    if (average) average = read_flat(*net.team, average, net.layer[l], &Array::average);
  }
}

template <class T>
void exchange(T*& one, T*& other) {
  T* const kept = one;
  one = other;
  other = kept;
}

// Writes the spare arrays and makes them those that are held, the best parameters apart.
template <class T>
void save(const Net<T>& net, State<T>& state) {
  using Array = ParameterArray<T>;
  write_parameters(net, state.spare.parameters);
  T *first = state.spare.first_moment, *second = state.spare.second_moment,
    *average = state.spare.average;
  for (Size l = 0; l < net.depth; ++l) {
    first = write_flat(*net.team, first, net.layer[l], &Array::moment1);
    second = write_flat(*net.team, second, net.layer[l], &Array::moment2);
    if (average) average = write_flat(*net.team, average, net.layer[l], &Array::average);
  }
  exchange(state.held.parameters, state.spare.parameters);
  exchange(state.held.first_moment, state.spare.first_moment);
  exchange(state.held.second_moment, state.spare.second_moment);
  exchange(state.held.average, state.spare.average);
}

template <class T>
void save_best(const Net<T>& net, State<T>& state) {
  write_parameters(net, state.spare.best);
  exchange(state.held.best, state.spare.best);
}

// ---- what an epoch observes ----

template <class T>
void begin_observation(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    layer.saturated = 0;
    for (Size o = 0; o < layer.stride(); ++o) {
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

// Keep-best and patience (Prechelt, "Early stopping - but when?", 1998) on the validation loss, or on the
// error rate: the best is any lower one, a gain is one lower by more than min_delta, and training stops after
// `patience` epochs without a gain.
template <class T>
void judge(const Plan& plan, const Net<T>& net, const Verdict& held_out, State<T>& state) {
  const double loss = plan.monitor == Monitor::loss ? held_out.loss : 1 - held_out.accuracy;
  if (state.best_epoch < 0 || loss < state.best_loss) {
    state.best_loss = loss;
    state.best_epoch = state.epochs_done - 1;
    save_best(net, state);
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
  LossSums *training, *validation;  // (h)
  std::int32_t *order, *rows;
  std::uint32_t* words;
};

template <class T>
Workspace<T> lay_out_training(const Plan& plan, Size row_count, Team* team, Arena& arena) {
  const Size batch = plan.batch_size < row_count ? plan.batch_size : row_count;
  Workspace<T> space{};
  space.net = lay_out<T>(plan, larger_of(batch, kEvaluationRows), Use::training, team, arena);
  space.sums = arena.take<LayerSums>(plan.depth);
  space.training = arena.take<LossSums>(plan.head_count);
  space.validation = arena.take<LossSums>(plan.head_count);
  space.order = arena.take<std::int32_t>(row_count);
  space.rows = arena.take<std::int32_t>(batch);
  space.words = arena.take<std::uint32_t>(rounded_to_groups(row_count));
  return space;
}

template <class T>
std::int64_t workspace_bytes(const Plan& plan, std::int64_t row_count) {
  Arena counting;
  lay_out_training<T>(plan, row_count, nullptr, counting);
  return counting.used();
}

enum class Outcome { whole, diverged, cancelled };

// The gradient of a prepared batch, at the weights with their noise and, for sharpness-aware steps, at the worst point
// near them; losses and observations are of the first pass. False if the loss is not finite.
template <class T>
bool find_gradient(const Plan& plan, Net<T>& net, Size rows, const Moment& moment, LossSums* sums,
                   LossSums* unheard) {
  if (plan.weight_noise > 0) disturb_weights<T>(plan, net, moment);
  forward<T>(net, rows, {&moment, Statistics::of_batch_remembered, true});
  if (!loss_and_delta<T>(net, rows, plan.label_smoothing, sums)) return false;
  backward<T>(net, rows);
  if (plan.sam_radius > 0) {
    ascend(plan, net);
    forward<T>(net, rows, {&moment, Statistics::of_batch, false});
    loss_and_delta<T>(net, rows, plan.label_smoothing, unheard);
    backward<T>(net, rows);
  }
  if (plan.weight_noise > 0 || plan.sam_radius > 0) restore_parameters<T>(net);
  return true;
}

// One pass over the member's rows, in the epoch's own order.
template <class T>
Outcome train_epoch(const Plan& plan, const Sight& sight, const Table<T>& table, State<T>& state,
                    Workspace<T>& space) {
  Net<T>& net = space.net;
  const Size steps = (sight.row_count + plan.batch_size - 1) / plan.batch_size;
  const auto number = static_cast<std::uint32_t>(state.epochs_done);
  shuffle({sight.seed, Purpose::batch_order, 0, number, 0}, static_cast<std::int32_t>(sight.row_count),
          space.order, space.words);
  std::uint32_t step = 0;
  for (Size first = 0; first < sight.row_count; first += plan.batch_size, ++step) {
    const Size left = sight.row_count - first;
    const Size here = left < plan.batch_size ? left : plan.batch_size;
    for (Size b = 0; b < here; ++b) {
      const std::int32_t row = space.order[first + b];
      space.rows[b] = sight.rows ? sight.rows[row] : row;
    }
    const Moment moment{sight.seed, number, step};
    prepare_batch<T>(plan, net, table, sight, space.rows, here, moment);
    const bool finite = find_gradient<T>(plan, net, here, moment, space.training, space.validation);
    if (is_cancelled(*net.team)) return Outcome::cancelled;
    if (!finite) return Outcome::diverged;
    const double rate = plan.learning_rate * rate_factor(plan, state.steps_done, steps);
    apply_gradients<T>(plan, net, rate, ++state.steps_done, space.sums);
    average_after_step<T>(plan, net, state.steps_done);
  }
  average_after_epoch<T>(plan, net, state.epochs_done + 1);
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

inline void record_heads(const Plan& plan, const LossSums* sums, std::int64_t epoch,
                         std::int64_t stride, float* loss, float* accuracies) {
  for (Size h = 0; h < plan.head_count && h < stride; ++h) {
    loss[epoch * stride + h] = static_cast<float>(mean_loss(sums[h]));
    accuracies[epoch * stride + h] = static_cast<float>(accuracy(sums[h]));
  }
}

// Judges the epoch by the validation rows, if there are any, with averaged weights where there are any.
template <class T>
Outcome validate(const Plan& plan, const Table<T>& validation, State<T>& state, Workspace<T>& space) {
  for (Size h = 0; h < plan.head_count; ++h) space.validation[h] = {};
  evaluate<T>(space.net, validation, space.validation);
  if (is_cancelled(*space.net.team)) return Outcome::cancelled;
  if (validation.rows == 0) return Outcome::whole;
  const Verdict held_out = verdict(plan, space.validation);
  if (!__builtin_isfinite(held_out.loss)) return Outcome::diverged;
  judge(plan, space.net, held_out, state);
  return Outcome::whole;
}

// Of an epoch whose training diverged only the loss.
template <class T>
void record_training(const Plan& plan, Size row_count, const Workspace<T>& space, std::int64_t epoch,
                     bool diverged, const MemberRecord& record) {
  const Verdict seen = verdict(plan, space.training);
  record.training_loss[epoch] = static_cast<float>(seen.loss);
  if (diverged) return;
  record.training_accuracy[epoch] = static_cast<float>(seen.accuracy);
  const Size steps = (row_count + plan.batch_size - 1) / plan.batch_size;
  record_layers(space, row_count, steps, epoch, record);
  record_heads(plan, space.training, epoch, record.head_stride, record.training_head_loss,
               record.training_head_accuracy);
}

template <class T>
void record_validation(const Plan& plan, const Workspace<T>& space, std::int64_t epoch,
                       const MemberRecord& record) {
  const Verdict held_out = verdict(plan, space.validation);
  record.validation_loss[epoch] = static_cast<float>(held_out.loss);
  record.validation_accuracy[epoch] = static_cast<float>(held_out.accuracy);
  record_heads(plan, space.validation, epoch, record.head_stride, record.validation_head_loss,
               record.validation_head_accuracy);
}

// One epoch, from the network to the state. Of a cancelled one nothing is recorded, and the state is to be dropped.
template <class T>
Outcome train_and_validate(const Plan& plan, const Sight& sight, const Table<T>& training,
                           const Table<T>& validation, State<T>& state, Workspace<T>& space,
                           const MemberRecord& record) {
  Net<T>& net = space.net;
  for (Size l = 0; l < plan.depth; ++l) space.sums[l] = {};
  for (Size h = 0; h < plan.head_count; ++h) space.training[h] = {};
  begin_observation(net);
  const Outcome trained = train_epoch<T>(plan, sight, training, state, space);
  const std::int64_t epoch = state.epochs_done++;
  Outcome outcome = trained;
  if (trained == Outcome::whole) {
    swap_average(net);
    measure_statistics(plan, net, training, sight, state.epochs_done);
    outcome = validate(plan, validation, state, space);
    swap_average(net);
  }
  if (outcome == Outcome::whole) save(net, state);
  if (is_cancelled(*net.team)) return Outcome::cancelled;
  record_training(plan, sight.row_count, space, epoch, trained == Outcome::diverged, record);
  if (trained == Outcome::whole && validation.rows > 0) {
    record_validation(plan, space, epoch, record);
  }
  return outcome;
}

template <class T>
void train(const Plan& plan, const Sight& sight, const Table<T>& training, const Table<T>& validation,
           State<T>& state, const MemberRecord& record, std::int64_t epochs, void* workspace,
           Control& control, Team& team) {
  const FlushDenormals flush;
  Arena arena(workspace, &team);
  Workspace<T> space = lay_out_training<T>(plan, sight.row_count, &team, arena);
  if (!training.weights && !sight.class_weights) space.net.row_weights = nullptr;
  restore(state, space.net);
  if (is_cancelled(team)) return;
  for (std::int64_t done = 0; done < epochs && state.stop == Stop::running; ++done) {
    const State<T> before = state;
    const Outcome outcome =
        train_and_validate<T>(plan, sight, training, validation, state, space, record);
    if (outcome == Outcome::cancelled) {
      state = before;  // that of the last whole epoch
      return;
    }
    if (outcome == Outcome::diverged) {
      state.stop = Stop::diverged;
      return;
    }
    if (state.stop == Stop::running && state.epochs_done == plan.epochs) state.stop = Stop::finished;
    control.epochs_done.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace levelset::LEVELSET_PATH
