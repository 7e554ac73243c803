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

#include "memory.hpp"
#include "paths.hpp"
#include "pool.hpp"

namespace levelset {

// A plan with the layers and heads it points to.
class OwnedPlan {
 public:
  OwnedPlan(std::vector<LayerPlan> layers, std::vector<HeadPlan> heads, const Plan& rest)
      : layers_(std::move(layers)), heads_(std::move(heads)), plan_(rest) {
    plan_.depth = static_cast<std::int64_t>(layers_.size());
    plan_.head_count = static_cast<std::int64_t>(heads_.size());
  }
  Plan view() const {
    Plan plan = plan_;
    plan.layers = layers_.data();
    plan.heads = heads_.data();
    return plan;
  }
  std::int64_t outputs() const { return layers_.back().outputs; }

 private:
  std::vector<LayerPlan> layers_;
  std::vector<HeadPlan> heads_;
  Plan plan_;
};

// What sets a member apart from the others of its plan. The arrays belong to the caller.
template <class T>
struct Particulars {
  std::uint64_t seed = 0;
  std::optional<std::span<const std::int32_t>> rows;  // all of them, if none are given
  std::span<const double> class_weights;              // empty: all 1
  std::span<const T> initial;                         // empty: drawn from the seed
};

// What a member can hold, in the order in which it is written down.
enum class Holding : int { parameters, first_moment, second_moment, average, best };
inline constexpr int kHoldings = 5;

// The numbers of a member between two calls that are not arrays of parameters.
struct Counters {
  std::int64_t epochs_done = 0, steps_done = 0, best_epoch = -1, epochs_without_gain = 0;
  double best_loss = std::numeric_limits<double>::infinity();
  double reference_loss = std::numeric_limits<double>::infinity();
  Stop stop = Stop::running;
};

// Moments exist only between the first epoch and the last; of a stopped member with validation rows only the
// best parameters are kept. While it trains, there is room for all it holds twice (see State).
template <class T>
class Member {
 public:
  Member(std::shared_ptr<const OwnedPlan> plan, const Particulars<T>& own)
      : plan_(std::move(plan)), own_(own) {}

  Plan plan() const { return plan_->view(); }
  std::int64_t size() const { return parameter_count(plan()); }
  std::int64_t outputs() const { return plan_->outputs(); }

  Sight sight(std::int64_t table_rows) const {
    const double* class_weights = own_.class_weights.empty() ? nullptr : own_.class_weights.data();
    if (!own_.rows) return {own_.seed, nullptr, table_rows, class_weights};
    return {own_.seed, own_.rows->data(), static_cast<std::int64_t>(own_.rows->size()), class_weights};
  }

  // What a network of this member predicts with now: the best parameters where there are any, else the
  // averaged ones, else the last.
  const T* parameters(const Backend<T>& backend, const Team& team) {
    if (holding(Holding::best) && counters_.best_epoch >= 0) return holding(Holding::best).get();
    if (holding(Holding::average)) return holding(Holding::average).get();
    if (!holding(Holding::parameters)) draw(backend, team);
    return holding(Holding::parameters).get();
  }

  void train(const Backend<T>& backend, const Table<T>& training, const Table<T>& validation,
             const MemberRecord& record, std::int64_t epochs, void* workspace, Control& control,
             Team& team) {
    if (counters_.stop != Stop::running) return;
    prepare(backend, validation.rows > 0, team);
    if (control.cancelled) return;
    Held spare;
    for (int k = 0; k < kHoldings; ++k) {
      if (holdings_[k]) spare[k] = make_room<T>(static_cast<std::size_t>(size()));
    }
    State<T> state{arrays_of(holdings_), arrays_of(spare),         counters_.epochs_done,
                   counters_.steps_done, counters_.best_epoch,     counters_.epochs_without_gain,
                   counters_.best_loss,  counters_.reference_loss, counters_.stop};
    backend.train(plan(), sight(training.rows), training, validation, state, record, epochs, workspace,
                  control, team);
    for (int k = 0; k < kHoldings; ++k) {
      if (state.held.*kArrays[k] != holdings_[k].get()) holdings_[k].swap(spare[k]);
    }
    counters_ = {state.epochs_done, state.steps_done,     state.best_epoch, state.epochs_without_gain,
                 state.best_loss,   state.reference_loss, state.stop};
    if (counters_.stop == Stop::running) return;
    let_go();
    control.members_done.fetch_add(1, std::memory_order_relaxed);
  }

  const Counters& counters() const { return counters_; }
  Stop stop() const { return counters_.stop; }
  Numbers<T>& holding(Holding which) { return holdings_[static_cast<int>(which)]; }

  // Back to a state that was written down; arrays it did not hold are null.
  void restore(const Counters& counters, const std::span<const T> (&arrays)[kHoldings]) {
    counters_ = counters;
    for (int k = 0; k < kHoldings; ++k) {
      holdings_[k].reset();
      if (arrays[k].empty()) continue;
      holdings_[k] = make_zeros<T>(arrays[k].size());
      std::copy(arrays[k].begin(), arrays[k].end(), holdings_[k].get());
    }
  }

 private:
  using Held = Numbers<T>[kHoldings];
  // By number of the holding.
  static constexpr T* Arrays<T>::* kArrays[kHoldings] = {
      &Arrays<T>::parameters, &Arrays<T>::first_moment, &Arrays<T>::second_moment, &Arrays<T>::average,
      &Arrays<T>::best};

  static Arrays<T> arrays_of(const Held& held) {
    Arrays<T> arrays{};
    for (int k = 0; k < kHoldings; ++k) arrays.*kArrays[k] = held[k].get();
    return arrays;
  }

  // Copies `count` numbers, some at a time; false if the run was cancelled meanwhile.
  static bool copy(const T* from, std::size_t count, T* to, const Team& team) {
    constexpr std::size_t at_once = 1 << 20;
    for (std::size_t first = 0; first < count && !*team.cancelled; first += at_once) {
      std::copy_n(from + first, std::min(at_once, count - first), to + first);
    }
    return !*team.cancelled;
  }

  void draw(const Backend<T>& backend, const Team& team) {
    Numbers<T>& parameters = holding(Holding::parameters);
    parameters = make_zeros<T>(static_cast<std::size_t>(size()));
    if (own_.initial.empty()) {
      backend.initialize(plan(), own_.seed, parameters.get(), team);
    } else {
      copy(own_.initial.data(), own_.initial.size(), parameters.get(), team);
    }
    if (*team.cancelled) parameters.reset();  // they may be unfinished
  }

  void prepare(const Backend<T>& backend, bool has_validation, const Team& team) {
    if (!holding(Holding::parameters)) draw(backend, team);
    if (!holding(Holding::parameters)) return;
    const auto count = static_cast<std::size_t>(size());
    const auto have = [&](Holding which) {
      if (!holding(which)) holding(which) = make_zeros<T>(count);
    };
    have(Holding::first_moment);
    have(Holding::second_moment);
    if (has_validation) have(Holding::best);
    if (plan().averaging == Averaging::none || holding(Holding::average)) return;
    have(Holding::average);
    const T* const parameters = holding(Holding::parameters).get();
    if (!copy(parameters, count, holding(Holding::average).get(), team)) {
      holding(Holding::average).reset();
    }
  }

  void let_go() {
    const bool has_best = holding(Holding::best) && counters_.best_epoch >= 0;
    holding(Holding::first_moment).reset();
    holding(Holding::second_moment).reset();
    if (has_best) holding(Holding::average).reset();
    if (has_best || holding(Holding::average)) holding(Holding::parameters).reset();
  }

  std::shared_ptr<const OwnedPlan> plan_;
  Particulars<T> own_;
  Held holdings_;
  Counters counters_;
};

// The epochs' arrays of a whole fleet: (m, e), (m, e, l) and (m, e, h), float32.
struct FleetRecord {
  float* by_epoch[4];
  float* by_layer[5];
  float* by_head[4];
  std::int64_t epochs, layers, heads;

  MemberRecord of(std::int64_t member) const {
    float *e[4], *l[5], *h[4];
    for (int k = 0; k < 4; ++k) e[k] = by_epoch[k] + member * epochs;
    for (int k = 0; k < 5; ++k) l[k] = by_layer[k] + member * epochs * layers;
    for (int k = 0; k < 4; ++k) h[k] = by_head[k] + member * epochs * heads;
    return {e[0], e[1],   e[2], e[3], l[0], l[1], l[2], l[3],
            l[4], layers, h[0], h[1], h[2], h[3], heads};
  }
};

// Operations of a step from which on helpers are worth waiting for: a tenth of a millisecond's work.
inline constexpr double kTeamWork = 2e7;

inline double work_of_step(const Plan& plan, std::int64_t rows) {
  return 6 * static_cast<double>(parameter_count(plan)) *
         static_cast<double>(std::min(plan.batch_size, rows));
}

// A team for each thread that may train a member. Threads without a member help where most threads do not.
class Teams {
 public:
  Teams(int threads, const std::atomic<bool>& cancelled, void (*assist)(Team&))
      : count_(threads),
        teams_(std::make_unique<Team[]>(static_cast<std::size_t>(threads))),
        cancelled_(cancelled),
        assist_(assist),
        at_work_(threads) {
    for (int t = 0; t < threads; ++t) of(t).cancelled = &cancelled;
  }

  Team& of(int thread) { return teams_[static_cast<std::size_t>(thread)]; }

  // What a thread does that has no member left to train, until no other thread has one or the run is cancelled.
  void help() {
    --at_work_;
    while (at_work_ > 0 && !cancelled_) {
      Team* least = nullptr;
      for (int t = 0; t < count_; ++t) {
        Team& team = of(t);
        if (team.open && (!least || team.helpers < least->helpers)) least = &team;
      }
      if (least) {
        assist_(*least);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  }

 private:
  int count_;
  std::unique_ptr<Team[]> teams_;
  const std::atomic<bool>& cancelled_;
  void (*assist_)(Team&);
  std::atomic<int> at_work_;
};

// A team is open to helpers for as long as this stands, whatever ends it.
class OpenTeam {
 public:
  OpenTeam(Team& team, bool open) : team_(team) { team_.open = open; }
  ~OpenTeam() { team_.open = false; }
  OpenTeam(const OpenTeam&) = delete;
  OpenTeam& operator=(const OpenTeam&) = delete;

 private:
  Team& team_;
};

template <class T>
class Fleet {
 public:
  Fleet(const Path& path, Table<T> training, Table<T> validation, FleetRecord record)
      : path_(path),
        backend_(backend_of<T>(path)),
        training_(training),
        validation_(validation),
        record_(record) {}

  void add(std::shared_ptr<const OwnedPlan> plan, const Particulars<T>& own) {
    members_.emplace_back(std::move(plan), own);
  }

  // Trains every member that has not stopped by at most `epochs` epochs; the costliest start first, so that
  // the threads end together. Threads without a member of their own help with large ones.
  template <class Watch>
  void run(std::int64_t epochs, int threads, Control& control, Watch watch) {
    const std::vector<std::int64_t> queue = costliest_first(epochs);
    std::int64_t bytes = 0;
    bool any_large = false;
    for (const std::int64_t k : queue) {
      const std::int64_t rows = at(k).sight(training_.rows).row_count;
      bytes = std::max(bytes, backend_.workspace_bytes(at(k).plan(), rows));
      any_large = any_large || work_of_step(at(k).plan(), rows) >= kTeamWork;
    }
    const auto jobs = static_cast<std::int64_t>(queue.size());
    if (!any_large) threads = static_cast<int>(std::min<std::int64_t>(threads, jobs));
    Teams teams(threads, control.cancelled, path_.assist);
    run_pool(
        jobs, threads, bytes,
        [&](std::int64_t job, int thread, void* workspace) {
          if (control.cancelled) return;
          const std::int64_t k = queue[static_cast<std::size_t>(job)];
          const bool large =
              work_of_step(at(k).plan(), at(k).sight(training_.rows).row_count) >= kTeamWork;
          const OpenTeam open(teams.of(thread), large && threads > 1);
          at(k).train(backend_, training_, validation_, record_.of(k), epochs, workspace, control,
                      teams.of(thread));
        },
        [&] { teams.help(); }, watch, [&] { control.cancelled = true; });
  }

  // outputs of the given members, one after another: each (n, columns of its last layer).
  template <class Watch>
  void predict(std::span<const std::int64_t> which, const T* features, std::int64_t rows, T* outputs,
               int threads, Watch watch) {
    std::int64_t bytes = 0, place = 0;
    std::vector<std::int64_t> places;
    for (const std::int64_t k : which) {
      bytes = std::max(bytes, backend_.workspace_bytes(at(k).plan(), 1));
      places.push_back(place);
      place += rows * at(k).outputs();
    }
    std::atomic<bool> cancelled{false};
    const auto jobs = static_cast<std::int64_t>(which.size());
    threads = static_cast<int>(std::min<std::int64_t>(threads, jobs));
    Teams teams(threads, cancelled, path_.assist);
    run_pool(
        jobs, threads, bytes,
        [&](std::int64_t job, int thread, void* workspace) {
          if (cancelled) return;
          const auto number = static_cast<std::size_t>(job);
          Member<T>& member = at(which[number]);
          const T* const parameters = member.parameters(backend_, teams.of(thread));
          if (cancelled) return;
          backend_.predict(member.plan(), parameters, features, rows, outputs + places[number],
                           workspace, teams.of(thread));
        },
        [] {}, watch, [&] { cancelled = true; });
  }

  std::int64_t size() const { return static_cast<std::int64_t>(members_.size()); }
  Member<T>& at(std::int64_t k) { return members_[static_cast<std::size_t>(k)]; }
  const T* parameters(std::int64_t k) {
    const std::atomic<bool> nobody{false};
    Team alone;
    alone.cancelled = &nobody;
    return at(k).parameters(backend_, alone);
  }

 private:
  std::vector<std::int64_t> costliest_first(std::int64_t epochs) {
    std::vector<std::pair<double, std::int64_t>> costs;
    for (std::int64_t k = 0; k < size(); ++k) {
      const Member<T>& member = at(k);
      if (member.stop() != Stop::running) continue;
      const std::int64_t left = member.plan().epochs - member.counters().epochs_done;
      costs.emplace_back(static_cast<double>(member.size()) *
                             static_cast<double>(member.sight(training_.rows).row_count) *
                             static_cast<double>(std::min(epochs, left)),
                         k);
    }
    std::ranges::stable_sort(costs, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::int64_t> queue;
    for (const auto& [cost, k] : costs) queue.push_back(k);
    return queue;
  }

  const Path& path_;
  const Backend<T>& backend_;
  Table<T> training_, validation_;
  FleetRecord record_;
  std::vector<Member<T>> members_;
};

}  // namespace levelset
