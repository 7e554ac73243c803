// Members and the fleet that trains them: who owns which memory, and for how long.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "paths.hpp"
#include "pool.hpp"

namespace levelset {

// A plan with the layers it points to.
class OwnedPlan {
 public:
  OwnedPlan(std::vector<LayerPlan> layers, const Plan& rest) : layers_(std::move(layers)), plan_(rest) {
    plan_.depth = static_cast<std::int64_t>(layers_.size());
  }
  Plan view() const {
    Plan plan = plan_;
    plan.layers = layers_.data();
    return plan;
  }

 private:
  std::vector<LayerPlan> layers_;
  Plan plan_;
};

template <class T>
using Numbers = std::unique_ptr<T[]>;

// What sets a member apart from the others of its plan. The arrays belong to the caller.
template <class T>
struct Particulars {
  std::uint64_t seed = 0;
  std::optional<std::span<const std::int32_t>> rows;  // all of them, if none are given
  std::span<const double> class_weights;              // empty: all 1
  std::span<const T> initial;                         // empty: drawn from the seed
};

// Moments exist only between the first epoch and the last; of a stopped member with validation rows only the
// best parameters are kept.
template <class T>
class Member {
 public:
  Member(std::shared_ptr<const OwnedPlan> plan, const Particulars<T>& own)
      : plan_(std::move(plan)), own_(own) {}

  Plan plan() const { return plan_->view(); }
  std::int64_t size() const { return parameter_count(plan()); }

  Sight sight(std::int64_t table_rows) const {
    const double* class_weights = own_.class_weights.empty() ? nullptr : own_.class_weights.data();
    if (!own_.rows) return {own_.seed, nullptr, table_rows, class_weights};
    return {own_.seed, own_.rows->data(), static_cast<std::int64_t>(own_.rows->size()), class_weights};
  }

  // What a network of this member predicts with now: the best parameters where there are any, else the
  // averaged ones, else the last.
  const T* parameters(const Backend<T>& backend) {
    if (best_ && best_epoch_ >= 0) return best_.get();
    if (average_) return average_.get();
    if (!parameters_) draw(backend);
    return parameters_.get();
  }

  void train(const Backend<T>& backend, const Table<T>& training, const Table<T>& validation,
             const MemberRecord& record, std::int64_t epochs, void* workspace, Control& control) {
    if (stop_ != Stop::running) return;
    if (!parameters_) draw(backend);
    const auto count = static_cast<std::size_t>(size());
    if (!first_moment_) first_moment_ = std::make_unique<T[]>(count);
    if (!second_moment_) second_moment_ = std::make_unique<T[]>(count);
    if (!average_ && plan().averaging != Averaging::none) {
      average_ = std::make_unique<T[]>(count);
      std::copy_n(parameters_.get(), count, average_.get());
    }
    if (!best_ && validation.rows > 0) best_ = std::make_unique<T[]>(count);
    State<T> state{parameters_.get(),    first_moment_.get(), second_moment_.get(), average_.get(),
                   best_.get(),          epochs_done_,        steps_done_,          best_epoch_,
                   epochs_without_gain_, best_loss_,          reference_loss_,      stop_};
    backend.train(plan(), sight(training.rows), training, validation, state, record, epochs, workspace,
                  control);
    epochs_done_ = state.epochs_done;
    steps_done_ = state.steps_done;
    best_epoch_ = state.best_epoch;
    epochs_without_gain_ = state.epochs_without_gain;
    best_loss_ = state.best_loss;
    reference_loss_ = state.reference_loss;
    stop_ = state.stop;
    if (stop_ == Stop::running) return;
    first_moment_.reset();
    second_moment_.reset();
    if (best_ && best_epoch_ >= 0) average_.reset();
    if (average_ || (best_ && best_epoch_ >= 0)) parameters_.reset();
    control.members_done.fetch_add(1, std::memory_order_relaxed);
  }

  std::int64_t epochs_done() const { return epochs_done_; }
  std::int64_t best_epoch() const { return best_epoch_; }
  Stop stop() const { return stop_; }

 private:
  void draw(const Backend<T>& backend) {
    parameters_ = std::make_unique<T[]>(static_cast<std::size_t>(size()));
    if (own_.initial.empty()) {
      backend.initialize(plan(), own_.seed, parameters_.get());
    } else {
      std::copy(own_.initial.begin(), own_.initial.end(), parameters_.get());
    }
  }

  std::shared_ptr<const OwnedPlan> plan_;
  Particulars<T> own_;
  Numbers<T> parameters_, first_moment_, second_moment_, average_, best_;
  std::int64_t epochs_done_ = 0, steps_done_ = 0, best_epoch_ = -1, epochs_without_gain_ = 0;
  double best_loss_ = std::numeric_limits<double>::infinity();
  double reference_loss_ = std::numeric_limits<double>::infinity();
  Stop stop_ = Stop::running;
};

// The epochs' arrays of a whole fleet: (m, e) and (m, e, l), float32.
struct FleetRecord {
  float* by_epoch[4];
  float* by_layer[5];
  std::int64_t epochs, layers;

  MemberRecord of(std::int64_t member) const {
    float* e[4];
    float* l[5];
    for (int k = 0; k < 4; ++k) e[k] = by_epoch[k] + member * epochs;
    for (int k = 0; k < 5; ++k) l[k] = by_layer[k] + member * epochs * layers;
    return {e[0], e[1], e[2], e[3], l[0], l[1], l[2], l[3], l[4], layers};
  }
};

template <class T>
class Fleet {
 public:
  Fleet(const Path& path, Table<T> training, Table<T> validation, FleetRecord record)
      : backend_(backend_of<T>(path)), training_(training), validation_(validation), record_(record) {}

  void add(std::shared_ptr<const OwnedPlan> plan, const Particulars<T>& own) {
    members_.emplace_back(std::move(plan), own);
  }

  // Trains every member that has not stopped by at most `epochs` epochs; the costliest start first, so that
  // the threads end together.
  template <class Watch>
  void run(std::int64_t epochs, int threads, Control& control, Watch watch) {
    std::vector<std::int64_t> queue;
    std::int64_t bytes = 0;
    for (std::int64_t k = 0; k < size(); ++k) {
      const Member<T>& member = at(k);
      if (member.stop() != Stop::running) continue;
      queue.push_back(k);
      bytes = std::max(bytes,
                       backend_.workspace_bytes(member.plan(), member.sight(training_.rows).row_count));
    }
    const auto cost = [&](std::int64_t k) {
      const Member<T>& member = at(k);
      return static_cast<double>(member.size()) *
             static_cast<double>(member.sight(training_.rows).row_count) *
             static_cast<double>(std::min(epochs, member.plan().epochs - member.epochs_done()));
    };
    std::vector<double> costs(members_.size());
    for (const std::int64_t k : queue) costs[static_cast<std::size_t>(k)] = cost(k);
    std::stable_sort(queue.begin(), queue.end(), [&](std::int64_t a, std::int64_t b) {
      return costs[static_cast<std::size_t>(a)] > costs[static_cast<std::size_t>(b)];
    });
    run_pool(
        static_cast<std::int64_t>(queue.size()), threads, bytes,
        [&](std::int64_t job, void* workspace) {
          if (control.cancelled) return;
          const std::int64_t k = queue[static_cast<std::size_t>(job)];
          at(k).train(backend_, training_, validation_, record_.of(k), epochs, workspace, control);
        },
        watch, [&] { control.cancelled = true; });
  }

  // probabilities (m, n, c) of the given members.
  template <class Watch>
  void predict(std::span<const std::int64_t> which, const T* features, std::int64_t rows,
               T* probabilities, int threads, Watch watch) {
    std::int64_t bytes = 0;
    for (const std::int64_t k : which)
      bytes = std::max(bytes, backend_.workspace_bytes(at(k).plan(), 1));
    std::atomic<bool> cancelled{false};
    run_pool(
        static_cast<std::int64_t>(which.size()), threads, bytes,
        [&](std::int64_t job, void* workspace) {
          if (cancelled) return;
          Member<T>& member = at(which[static_cast<std::size_t>(job)]);
          backend_.predict(member.plan(), member.parameters(backend_), features, rows,
                           probabilities + job * rows * training_.classes, workspace);
        },
        watch, [&] { cancelled = true; });
  }

  std::int64_t size() const { return static_cast<std::int64_t>(members_.size()); }
  Member<T>& at(std::int64_t k) { return members_[static_cast<std::size_t>(k)]; }
  const T* parameters(std::int64_t k) { return at(k).parameters(backend_); }

 private:
  const Backend<T>& backend_;
  Table<T> training_, validation_;
  FleetRecord record_;
  std::vector<Member<T>> members_;
};

}  // namespace levelset
