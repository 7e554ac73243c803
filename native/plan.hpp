// What the trainer is told and what it answers: plain data, shared by the builds of every instruction
// set, so it holds no vector type and calls no function.
#pragma once

#include <atomic>
#include <cstdint>

// Whether norms of gradients, weights and updates and dead and saturated units are recorded. 0 is for the
// benchmark of what that costs, and nothing else.
#ifndef LEVELSET_TELEMETRY
#define LEVELSET_TELEMETRY 1
#endif

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
enum class Normalization : int { none, batch, layer };
enum class Loss : int { softmax, sigmoid, squared_error };
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
  Normalization normalization = Normalization::none;
  bool joined = false;  // its inputs are added to its outputs
};

// What some columns of the last layer answer; the heads' columns follow one another.
struct HeadPlan {
  Loss loss = Loss::softmax;
  std::int64_t target = 0;  // number in the table's targets
  std::int64_t columns = 0;
  double weight = 1;
};

// A recipe, checked and resolved: how one network is built and trained.
struct Plan {
  const LayerPlan* layers;
  std::int64_t depth;
  const HeadPlan* heads;
  std::int64_t head_count;
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
  double mixup, sam_radius;  // 0: none
};

// One question's answers: class numbers, or numbers in columns.
template <class T>
struct Target {
  const std::int32_t* labels = nullptr;  // (n); -1: missing
  const T* values = nullptr;             // (n, columns); NaN: missing
  std::int64_t columns = 1;
};

template <class T>
struct Table {
  const T* features;         // (n, d)
  const Target<T>* targets;  // null: a question, not an answer
  std::int64_t rows, columns;
  const T* weights = nullptr;  // (n), or null: all 1
};

// What a member holds. Each is one flat array, layer by layer: W (i, o), b (o), with normalization its scale and
// shift (o), with batch normalization its running mean and variance (o).
template <class T>
struct Arrays {
  T *parameters, *first_moment, *second_moment;
  T *average, *best;  // null without weight averaging, without validation rows
};

// A member between two calls. What it holds is written anew into the spare arrays, and then the two change places,
// so that whenever a run is cancelled one of them is whole.
template <class T>
struct State {
  Arrays<T> held, spare;
  std::int64_t epochs_done, steps_done, best_epoch, epochs_without_gain;
  double best_loss, reference_loss;
  Stop stop;
};

// Where one member writes what happened: rows of epochs (e), of epochs and layers (e, l) or heads (e, h).
struct MemberRecord {
  float *training_loss, *training_accuracy, *validation_loss, *validation_accuracy;  // (e)
  float *gradient_norm, *weight_norm, *update_ratio, *dead_share, *saturated_share;  // (e, l)
  std::int64_t layer_stride;
  float *training_head_loss, *training_head_accuracy;      // (e, h)
  float *validation_head_loss, *validation_head_accuracy;  // (e, h)
  std::int64_t head_stride;                                // 0: not recorded
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

// The threads that work on one member: the one that trains it, and helpers that come and go. The work of a
// region is cut into chunks, which whoever is free takes (team.hpp).
struct Team {
  using Work = void (*)(void* context, std::int64_t first, std::int64_t last);

  const std::atomic<bool>* cancelled = nullptr;
  std::atomic<bool> open{false};  // to helpers
  std::atomic<int> helpers{0};
  std::atomic<std::uint64_t> chunks_left{0};  // the first and the end of those that nobody took yet
  std::atomic<std::int64_t> chunks_done{0};
  std::atomic<Work> work{nullptr};
  std::atomic<void*> context{nullptr};
  std::atomic<std::int64_t> count{0}, chunks{0}, together{0};
};

// One instruction set's build of the core, for one type of number.
template <class T>
struct Backend {
  std::int64_t (*workspace_bytes)(const Plan&, std::int64_t rows_at_once);
  void (*initialize)(const Plan&, std::uint64_t seed, T* parameters, const Team&);
  // Trains at most `epochs` epochs; returns early when cancelled, at the last whole epoch.
  void (*train)(const Plan&, const Sight&, const Table<T>& training, const Table<T>& validation,
                State<T>&, const MemberRecord&, std::int64_t epochs, void* workspace, Control&, Team&);
  // outputs (n, columns of the last layer): what each head answers.
  void (*predict)(const Plan&, const T* parameters, const T* features, std::int64_t rows, T* outputs,
                  void* workspace, Team&);
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
  void (*assist)(Team&);  // helps with a team's work until it closes
};

// Rows evaluated at once in validation and prediction.
inline constexpr std::int64_t kEvaluationRows = 128;

inline std::int64_t parameter_count(const Plan& plan) {
  std::int64_t count = 0;
  for (std::int64_t l = 0; l < plan.depth; ++l) {
    const LayerPlan& layer = plan.layers[l];
    const int others = layer.normalization == Normalization::batch   ? 4
                       : layer.normalization == Normalization::layer ? 2
                                                                     : 0;
    count += (layer.inputs + 1 + others) * layer.outputs;
  }
  return count;
}

}  // namespace levelset
