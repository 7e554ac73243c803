// What the trainer is told and what it answers: plain data, shared by the builds of every instruction
// set, so it holds no vector type and calls no function.
#pragma once

#include <atomic>
#include <cstdint>

namespace levelset {

enum class Activation : int {
  identity,
  sigmoid,
  tanh,
  relu,
  leaky_relu,
  elu,
  selu,
  gelu,
  silu,
  softplus
};
enum class Distribution : int { normal, uniform, orthogonal };
enum class Optimizer : int { sgd, adam, adamw };
enum class Schedule : int { constant, step, cosine, one_cycle };
enum class Averaging : int { none, ema, swa };
enum class Monitor : int { loss, accuracy };
enum class Stop : int { running, finished, patience, diverged };

enum class Elementary : int {
  exponential,
  exponential_minus_one,
  logarithm,
  cosine_of_turn,
  sine_of_turn,
  sigmoid,
  tanh,
  root,
  logarithm_of_one_plus,
  complementary_error_function,
  normal_distribution
};

struct LayerPlan {
  std::int64_t inputs, outputs;
  Activation activation;  // of this layer's outputs; identity for the last, whose outputs are logits
  double dropout;         // share of this layer's outputs that is dropped
  double initial_scale;   // standard deviation, limit of the uniform distribution, or factor
  Distribution initial;
  double rate_factor = 1;  // of the learning rate; 0: the layer is frozen
};

// A recipe, checked and resolved: how one network is built and trained.
struct Plan {
  const LayerPlan* layers;
  std::int64_t depth;
  std::int64_t batch_size, epochs, patience;  // patience 0: never stops early
  Optimizer optimizer;
  bool nesterov;
  double learning_rate, momentum, beta1, beta2, epsilon, l2, min_delta;
  Schedule schedule;
  double warmup_epochs, drop_epochs, drop_factor;
  double weight_decay, gradient_clip;  // gradient_clip 0: none
  double input_dropout, input_noise, weight_noise, label_smoothing;
  Averaging averaging;
  double average_decay, average_start;  // of ema; first epoch of swa, as a share of all epochs
  Monitor monitor;
};

template <class T>
struct Table {
  const T* features;           // (n, d)
  const std::int32_t* labels;  // (n)
  std::int64_t rows, columns, classes;
  const T* weights = nullptr;  // (n), or null: all 1
};

// A member between two calls. Parameters are one flat array: W_1 (i, o), b_1 (o), W_2, ...
template <class T>
struct State {
  T *parameters, *first_moment, *second_moment;
  T *average, *best;  // null without weight averaging, without validation rows
  std::int64_t epochs_done, steps_done, best_epoch, epochs_without_gain;
  double best_loss, reference_loss;
  Stop stop;
};

// Where one member writes what happened: rows of epochs (e) or of epochs and layers (e, l).
struct MemberRecord {
  float *training_loss, *training_accuracy, *validation_loss, *validation_accuracy;  // (e)
  float *gradient_norm, *weight_norm, *update_ratio, *dead_share, *saturated_share;  // (e, l)
  std::int64_t layer_stride;
};

// What one member sees: a seed and rows of the fleet's table.
struct Sight {
  std::uint64_t seed;
  const std::int32_t* rows;  // null: all of them, in order
  std::int64_t row_count;
  const double* class_weights = nullptr;  // (c), or null: all 1
};

struct Control {
  std::atomic<bool> cancelled{false};
  std::atomic<std::int64_t> epochs_done{0}, members_done{0};
};

// One instruction set's build of the core, for one type of number.
template <class T>
struct Backend {
  std::int64_t (*workspace_bytes)(const Plan&, std::int64_t rows_at_once);
  void (*initialize)(const Plan&, std::uint64_t seed, T* parameters);
  // Trains at most `epochs` epochs; returns early when cancelled, at the last whole epoch.
  void (*train)(const Plan&, const Sight&, const Table<T>& training, const Table<T>& validation,
                State<T>&, const MemberRecord&, std::int64_t epochs, void* workspace, Control&);
  void (*predict)(const Plan&, const T* parameters, const T* features, std::int64_t rows,
                  T* probabilities, void* workspace);
  // The objective J on all rows as one batch, without dropout, and its gradient in the flat layout.
  double (*gradient)(const Plan&, const T* parameters, const Table<T>&, T* gradient, void* workspace);
  void (*elementary)(Elementary, std::int64_t count, const T* x, T* y);
};

struct Path {
  const char* name;
  const Backend<float>* single;
  const Backend<double>* twice;
  // Philox words of a stream, in groups of 64 (see random.hpp); `words` has room for whole groups.
  void (*random_words)(std::uint64_t seed, std::uint32_t purpose, std::uint32_t layer,
                       std::uint32_t epoch, std::uint32_t step, std::int64_t count,
                       std::uint32_t* words);
};

// Rows evaluated at once in validation and prediction.
inline constexpr std::int64_t kEvaluationRows = 128;

inline std::int64_t parameter_count(const Plan& plan) {
  std::int64_t count = 0;
  for (std::int64_t l = 0; l < plan.depth; ++l) {
    count += (plan.layers[l].inputs + 1) * plan.layers[l].outputs;
  }
  return count;
}

}  // namespace levelset
