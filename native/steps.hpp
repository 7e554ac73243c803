// What a step does to the parameters: noise and the sharpness-aware ascent before its gradient, clipping and the
// optimizer after it.
#pragma once

#include "batch.hpp"
#include "layers.hpp"

namespace levelset::LEVELSET_PATH {

// The sums of block(first, last) over the numbers of an array, cut into blocks that do not depend on the team.
template <class T, class Block>
StepSums sum_blocks(const Net<T>& net, Size count, Size cost, Block block) {
  const Size blocks = blocks_of(count);
  if (blocks == 1) return block(Size(0), count);
  share(*net.team, blocks, 1, cost * kNumbersTogether, [&](Size first, Size last) {
    for (Size k = first; k < last; ++k) {
      const Size end = (k + 1) * kNumbersTogether;
      net.block_sums[k] = block(k * kNumbersTogether, end < count ? end : count);
    }
  });
  StepSums total;
  for (Size k = 0; k < blocks; ++k) {
    total.gradient_square += net.block_sums[k].gradient_square;
    total.update_square += net.block_sums[k].update_square;
    total.weight_square += net.block_sums[k].weight_square;
  }
  return total;
}

// use(first, last) over the numbers of an array, by the whole team.
template <class T, class Use>
void share_numbers(const Net<T>& net, const ParameterArray<T>& array, Size cost, Use use) {
  if (array.count == 0) return;
  share(*net.team, blocks_of(array.count), 1, cost * kNumbersTogether, [&](Size first, Size last) {
    const Size end = last * kNumbersTogether;
    use(first * kNumbersTogether, end < array.count ? end : array.count);
  });
}

template <class T>
void copy_numbers(const Net<T>& net, const ParameterArray<T>& array, const T* from, T* to) {
  share_numbers(net, array, 4, [=](Size first, Size last) {
    __builtin_memcpy(to + first, from + first, static_cast<std::size_t>(last - first) * sizeof(T));
  });
}

// g += 2 l2 w; the sum of the squares of g.
template <class T>
double penalized_square(const Net<T>& net, double l2, const ParameterArray<T>& array) {
  if (array.count == 0) return 0;
  return sum_blocks(net, array.count, 4,
                    [&](Size first, Size last) {
                      StepSums sums;
                      sums.gradient_square =
                          add_penalty<T>(static_cast<T>(l2), last - first, array.value + first,
                                         array.gradient + first);
                      return sums;
                    })
      .gradient_square;
}

// ---- before the gradient ----

// Gaussian noise on the weights: drawn for each step, and taken away before the update.
template <class T>
void disturb_weights(const Plan& plan, Net<T>& net, const Moment& moment) {
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    copy_numbers(net, layer.weights, layer.weights.value, layer.weights.clean);
    add_noise<T>(*net.team, moment.stream(Purpose::weight_noise, l), static_cast<T>(plan.weight_noise),
                 layer.weights.count, layer.weights.value, net.words);
    clear_padding(layer.rows, layer.stored_by_output ? layer.inputs : layer.outputs, layer.row_stride,
                  layer.weights.value);
    refresh_copy(layer, *net.team);
  }
}

// theta += rho g / |g| (Foret, Kleiner, Mobahi and Neyshabur, ICLR 2021, equation 2), where g is the gradient of
// the data's part of the objective over all parameters of layers that are not frozen.
template <class T>
void ascend(const Plan& plan, Net<T>& net) {
  double square = 0;
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    if (layer.rate_factor == 0) continue;
    square += penalized_square(net, 0, layer.weights);
    for_each_vector(layer, [&](auto& array) { square += penalized_square(net, 0, array); });
  }
  const T factor = static_cast<T>(square > 0 ? plan.sam_radius / __builtin_sqrt(square) : 0);
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const auto climb = [&](ParameterArray<T>& array) {
      if (layer.rate_factor == 0) return;
      share_numbers(net, array, 4, [&](Size first, Size last) {
        for (Size k = first; k < last; k += lanes<T>) {
          store(array.value + k, load(array.value + k) + factor * load(array.gradient + k));
        }
      });
    };
    const auto keep = [&](ParameterArray<T>& array) {
      copy_numbers(net, array, array.value, array.clean);
    };
    if (plan.weight_noise == 0) keep(layer.weights);
    for_each_vector(layer, keep);
    climb(layer.weights);
    for_each_vector(layer, climb);
    refresh_copy(layer, *net.team);
  }
}

// Takes noise and ascent away. The copies are not refreshed: the step that follows does it.
template <class T>
void restore_parameters(Net<T>& net) {
  for (Size l = 0; l < net.depth; ++l) {
    for_each_array(net.layer[l], [&](auto& array) {
      if (array.clean) copy_numbers(net, array, array.clean, array.value);
    });
  }
}

// ---- after it ----

// Gradients scaled to a global norm of at most `gradient_clip` (Pascanu, Mikolov and Bengio, ICML 2013,
// algorithm 1), the penalty's part included and frozen layers left out. Returns the factor.
template <class T>
double clip_gradients(const Plan& plan, Net<T>& net) {
  double square = 0;
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    double own = penalized_square(net, plan.l2, layer.weights);
    for_each_vector(layer, [&](auto& array) { own += penalized_square(net, 0, array); });
    if (layer.rate_factor > 0) square += own;  // a frozen layer takes no step
  }
  const double norm = __builtin_sqrt(square);
  if (!(norm > plan.gradient_clip)) return 1;
  const double factor = plan.gradient_clip / norm;
  for (Size l = 0; l < net.depth; ++l) {
    const auto shorten = [&](ParameterArray<T>& array) {
      share_numbers(net, array, 2, [&](Size first, Size last) {
        scale_by<T>(static_cast<T>(factor), last - first, array.gradient + first);
      });
    };
    shorten(net.layer[l].weights);
    for_each_vector(net.layer[l], shorten);
  }
  return factor;
}

// The step of one layer, `size` being that of a layer whose rate factor is 1. Returns the sums over its weights.
template <class T>
StepSums step_layer(const Plan& plan, const Net<T>& net, Layer<T>& layer, StepSize<T> size) {
  size.rate *= static_cast<T>(layer.rate_factor);
  const T l2 = plan.gradient_clip > 0 ? T(0) : static_cast<T>(plan.l2);  // else it is in the gradient
  StepSize<T> undecayed = size;
  undecayed.decay = 0;
  for_each_vector(layer, [&](auto& array) {
    share_numbers(net, array, 30, [&](Size first, Size last) {
      update<T, false>(plan.optimizer, undecayed, T(0), last - first, array.value + first,
                       array.moment1 + first, array.moment2 + first, array.gradient + first);
    });
  });
  const ParameterArray<T>& weights = layer.weights;
  return sum_blocks(net, weights.count, 30, [&](Size first, Size last) {
    return update<T, LEVELSET_TELEMETRY>(plan.optimizer, size, l2, last - first, weights.value + first,
                                         weights.moment1 + first, weights.moment2 + first,
                                         weights.gradient + first);
  });
}

// |g| where the sum of its squares is too small for T: below 1e-19 a float32's square is 0.
template <class T>
double small_norm(const ParameterArray<T>& array) {
  constexpr T scale = T(1152921504606846976.0);  // 2^60
  Vec<T> square{};
  for (Size k = 0; k < array.count; k += lanes<T>) {
    const Vec<T> scaled = scale * load(array.gradient + k);
    square += scaled * scaled;
  }
  return __builtin_sqrt(sum_lanes<T>(square)) / static_cast<double>(scale);
}

struct LayerSums {
  double gradient_norm = 0, update_ratio = 0, weight_square = 0;
};

// Applies the gradients; adds each layer's norms to the epoch's sums. The norm of a gradient is that before
// clipping.
template <class T>
void apply_gradients(const Plan& plan, Net<T>& net, double learning_rate, std::int64_t step,
                     LayerSums* sums) {
  const StepSize<T> size = step_size<T>(plan, learning_rate, step);
  const double clipped = plan.gradient_clip > 0 ? clip_gradients(plan, net) : 1;
  for (Size l = 0; l < net.depth; ++l) {
    Layer<T>& layer = net.layer[l];
    const StepSums weights = step_layer(plan, net, layer, size);
    refresh_copy(layer, *net.team);
    constexpr double small = sizeof(T) == 4 ? 1e-24 : 0;
    const bool is_small = weights.gradient_square < small && plan.l2 == 0;
    const double norm = is_small ? small_norm(layer.weights) : __builtin_sqrt(weights.gradient_square);
    sums[l].gradient_norm += norm / clipped;
    if (weights.weight_square > 0) {
      sums[l].update_ratio += __builtin_sqrt(weights.update_square / weights.weight_square);
    }
    sums[l].weight_square = weights.weight_square;
  }
}

}  // namespace levelset::LEVELSET_PATH
