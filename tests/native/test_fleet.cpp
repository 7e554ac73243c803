// Small fleets, trained to the end through the door that Python uses: for the sanitizers to look at, and to be
// the same on any number of threads, in any cut into runs.
#include <cmath>
#include <cstring>

#include "member.hpp"
#include "tally.hpp"

namespace levelset {
namespace {

constexpr std::int64_t kRows = 53, kColumns = 5, kClasses = 3, kEpochs = 6, kLayers = 4, kHeads = 2,
                       kNumbers = 2;

struct Interrupted {};

// What is asked of a network beyond the plainest.
struct Wish {
  std::vector<std::int64_t> hidden;
  Activation activation = Activation::relu;
  Optimizer optimizer = Optimizer::adam;
  double dropout = 0;
  std::int64_t batch_size = 10, patience = 0;
  Normalization normalization = Normalization::none;
  bool residual = false;
  double mixup = 0, sam_radius = 0, weight_noise = 0;
  Averaging averaging = Averaging::none;
  std::vector<HeadPlan> heads = {{Loss::softmax, 0, kClasses, 1}};
};

std::shared_ptr<const OwnedPlan> make_plan(const Wish& wish) {
  std::vector<LayerPlan> layers;
  std::int64_t inputs = kColumns, outputs = 0;
  for (const std::int64_t width : wish.hidden) {
    layers.push_back({inputs, width, wish.activation, wish.dropout, 1 / std::sqrt(inputs),
                      width % 2 == 0 ? Distribution::uniform : Distribution::normal, 1,
                      wish.normalization, wish.residual && inputs == width});
    inputs = width;
  }
  for (const HeadPlan& head : wish.heads) outputs += head.columns;
  layers.push_back(
      {inputs, outputs, Activation::identity, 0, 1 / std::sqrt(inputs), Distribution::uniform});
  Plan plan{};
  plan.batch_size = wish.batch_size;
  plan.epochs = kEpochs;
  plan.patience = wish.patience;
  plan.optimizer = wish.optimizer;
  plan.nesterov = wish.hidden.size() > 1;
  plan.learning_rate = 0.05;
  plan.momentum = 0.9;
  plan.beta1 = 0.9;
  plan.beta2 = 0.999;
  plan.epsilon = 1e-8;
  plan.l2 = 1e-3;
  plan.mixup = wish.mixup;
  plan.sam_radius = wish.sam_radius;
  plan.weight_noise = wish.weight_noise;
  plan.averaging = wish.averaging;
  plan.average_decay = 0.9;
  plan.average_start = 0.5;
  return std::make_shared<const OwnedPlan>(std::move(layers), wish.heads, plan);
}

// A table, and a fleet of every kind of member with the record it writes.
template <class T>
class Laboratory {
 public:
  explicit Laboratory(const Path& path)
      : x_(kRows * kColumns),
        numbers_(kRows * kNumbers),
        labels_(kRows),
        rows_(70),
        by_epoch_(4),
        by_layer_(5),
        by_head_(4) {
    std::uint32_t word = 1;
    const auto next = [&] { return (word = word * 1664525u + 1013904223u) >> 8; };
    for (T& number : x_) number = static_cast<T>(next() % 2000) / 1000 - 1;
    for (std::size_t row = 0; row < labels_.size(); ++row) {
      const T* x = x_.data() + static_cast<std::int64_t>(row) * kColumns;
      labels_[row] = x[0] > 0 ? 2 : x[1] > x[2];
    }
    for (std::size_t k = 0; k < numbers_.size(); ++k) {
      numbers_[k] = k / kNumbers % 5 == 0 ? static_cast<T>(std::nan("")) : static_cast<T>(k % 2);
    }
    for (std::int32_t& row : rows_) row = static_cast<std::int32_t>(next() % kRows);
    add_plans();
    const float nan = std::nanf("");
    for (auto& array : by_epoch_) array.assign(members() * kEpochs, nan);
    for (auto& array : by_layer_) array.assign(members() * kEpochs * kLayers, nan);
    FleetRecord record{};
    for (std::size_t k = 0; k < 4; ++k) record.by_epoch[k] = by_epoch_[k].data();
    for (std::size_t k = 0; k < 5; ++k) record.by_layer[k] = by_layer_[k].data();
    for (auto& array : by_head_) array.assign(members() * kEpochs * kHeads, nan);
    for (std::size_t k = 0; k < 4; ++k) record.by_head[k] = by_head_[k].data();
    record.epochs = kEpochs;
    record.layers = kLayers;
    record.heads = kHeads;
    targets_[0].labels = labels_.data();
    targets_[1].values = numbers_.data();
    targets_[1].columns = kNumbers;
    const Table<T> table{x_.data(), targets_, kRows, kColumns};
    const Table<T> validation{x_.data(), targets_, 17, kColumns};
    fleet_ = std::make_unique<Fleet<T>>(path, table, validation, record);
    for (std::size_t k = 0; k < members(); ++k) {
      const bool some = k % 3 == 1;
      Particulars<T> own;
      own.seed = k;
      if (some) own.rows = rows_;
      fleet_->add(plans_[k / 2], own);
    }
  }

  void run(std::int64_t epochs, int threads) {
    Control control;
    fleet_->run(epochs, threads, control, [] {});
  }

  // Stopped at the first look that sees an epoch done, or at once; whether it was.
  bool run_interrupted(int threads) {
    Control control;
    try {
      fleet_->run(kEpochs, threads, control, [&] { throw Interrupted{}; });
    } catch (const Interrupted&) {
      return true;
    }
    return false;
  }

  std::vector<T> answers(int threads) {
    std::vector<std::int64_t> which(members());
    std::int64_t columns = 0;
    for (std::size_t k = 0; k < which.size(); ++k) {
      which[k] = static_cast<std::int64_t>(k);
      columns += fleet_->at(which[k]).outputs();
    }
    std::vector<T> all(static_cast<std::size_t>(columns * kRows));
    fleet_->predict(which, x_.data(), kRows, all.data(), threads, [] {});
    return all;
  }

  bool all_stopped() {
    bool all = true;
    for (std::size_t k = 0; k < members(); ++k) {
      all = all && fleet_->at(static_cast<std::int64_t>(k)).stop() != Stop::running;
    }
    return all;
  }

  // Goes on where the other, which is of the same members, stands.
  void continue_from(Laboratory& other) {
    for (std::size_t k = 0; k < members(); ++k) {
      const auto number = static_cast<std::int64_t>(k);
      Member<T>& from = other.fleet_->at(number);
      std::span<const T> arrays[kHoldings];
      for (int which = 0; which < kHoldings; ++which) {
        const T* const held = from.holding(static_cast<Holding>(which)).get();
        if (held) arrays[which] = {held, static_cast<std::size_t>(from.size())};
      }
      fleet_->at(number).restore(from.counters(), arrays);
    }
    by_epoch_ = other.by_epoch_;  // of the same sizes: the record's places stay
    by_layer_ = other.by_layer_;
    by_head_ = other.by_head_;
  }

  // Byte for byte, NaN included.
  bool same_as(Laboratory& other) {
    bool same = true;
    for (std::size_t k = 0; k < members(); ++k) {
      const auto member = static_cast<std::int64_t>(k);
      const auto bytes = static_cast<std::size_t>(fleet_->at(member).size()) * sizeof(T);
      same = same && !std::memcmp(fleet_->parameters(member), other.fleet_->parameters(member), bytes);
    }
    for (std::size_t k = 0; k < 4; ++k) same = same && same_bytes(by_epoch_[k], other.by_epoch_[k]);
    for (std::size_t k = 0; k < 5; ++k) same = same && same_bytes(by_layer_[k], other.by_layer_[k]);
    for (std::size_t k = 0; k < 4; ++k) same = same && same_bytes(by_head_[k], other.by_head_[k]);
    return same;
  }

 private:
  std::size_t members() const { return 2 * plans_.size(); }

  static bool same_bytes(const std::vector<float>& a, const std::vector<float>& b) {
    return !std::memcmp(a.data(), b.data(), a.size() * sizeof(float));
  }

  void add_plans() {
    using A = Activation;
    using O = Optimizer;
    using N = Normalization;
    std::vector<Wish> wishes = {
        {{}, A::identity, O::sgd},
        {{1}, A::tanh, O::adam, 0, 1, 1},
        {{33}, A::relu, O::adam, 0.5, 53},
        {{17, 16}, A::sigmoid, O::sgd, 0.3, 7, 2},
        {{40, 3, 20}, A::relu, O::sgd, 0, 1000},
        {{130, 9}, A::identity, O::adam, 0.1, 32},
        {{17, 5}, A::gelu, O::adam, 0.2, 13, 0, N::batch},
        {{5, 20, 20}, A::relu, O::sgd, 0.2, 10, 0, N::layer, true},
        {{40}, A::silu, O::adamw, 0, 10, 0, N::none, false, 0.4, 0.05, 0.1},
        {{16, 16}, A::tanh, O::adam, 0, 13, 0, N::batch, true, 0, 0.1, 0, Averaging::ema},
        {{9}, A::relu, O::adam, 0, 10, 0, N::batch, false, 1.5, 0, 0, Averaging::swa},
    };
    Wish several{{20, 20}, A::softplus, O::adam, 0.1, 10, 0, N::layer, true, 0.5, 0.05};
    several.heads = {{Loss::softmax, 0, kClasses, 1}, {Loss::sigmoid, 1, kNumbers, 0.5}};
    wishes.push_back(several);
    several.heads = {{Loss::squared_error, 1, kNumbers, 1}};
    wishes.push_back(several);
    for (const Wish& wish : wishes) plans_.push_back(make_plan(wish));
  }

  std::vector<T> x_, numbers_;
  std::vector<std::int32_t> labels_, rows_;
  Target<T> targets_[2];
  std::vector<std::vector<float>> by_epoch_, by_layer_, by_head_;
  std::vector<std::shared_ptr<const OwnedPlan>> plans_;
  std::unique_ptr<Fleet<T>> fleet_;
};

template <class T>
void test_path(const Path& path, Tally& tally) {
  Laboratory<T> expected(path);
  expected.run(kEpochs, 1);
  tally.check(expected.all_stopped(), "a run to the end ends every member");
  const std::vector<T> answers = expected.answers(1);
  bool finite = true;
  for (const T answer : answers) finite = finite && std::isfinite(answer);
  tally.check(finite, "answers are finite");
  for (const int threads : {2, 7}) {
    Laboratory<T> at_once(path), cut(path), broken(path);
    at_once.run(kEpochs, threads);
    tally.check(at_once.same_as(expected), "the same on any number of threads");
    tally.check(at_once.answers(threads) == answers, "and so are its predictions");
    cut.run(2, threads);
    cut.run(1, 1);
    cut.run(kEpochs, threads);
    tally.check(cut.same_as(expected), "the same in any cut into runs");
    Laboratory<T> begun(path), continued(path);
    begun.run(3, threads);
    continued.continue_from(begun);
    continued.run(kEpochs, threads);
    tally.check(continued.same_as(expected), "the same from a state that was written down");
    tally.check(broken.run_interrupted(threads), "the watch's exception ends a run");
    broken.run(kEpochs, threads);
    tally.check(broken.same_as(expected), "the same after an interruption");
  }
}

template <class T>
void test_gradient(const Path& path, Tally& tally) {
  // Without hidden layers and at zero weights the probabilities are 1 / 3 each.
  const auto plan = make_plan({{}, Activation::identity, Optimizer::sgd, 0, 2});
  const std::vector<T> x = {1, 0, 0, 0, 0, 0, 2, 0, 0, 0}, parameters(18);
  const std::vector<std::int32_t> labels = {0, 2};
  std::vector<T> gradient(18);
  const Backend<T>& backend = backend_of<T>(path);
  const Block workspace(backend.workspace_bytes(plan->view(), 2));
  const Target<T> target{labels.data()};
  const double value =
      backend.gradient(plan->view(), parameters.data(), {x.data(), &target, 2, kColumns},
                       gradient.data(), workspace.data());
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6; };
  tally.check(near(value, std::log(3.0)), "the loss of equal probabilities is ln 3");
  tally.check(near(gradient[0], -1.0 / 3) && near(gradient[1], 1.0 / 6), "the gradient of row 0");
  tally.check(near(gradient[3], 1.0 / 3) && near(gradient[5], -2.0 / 3), "the gradient of row 1");
  tally.check(near(gradient[15], -1.0 / 6) && near(gradient[16], 1.0 / 3),
              "the gradient of the biases");
}

// One large member: the threads without one help it, and change nothing.
template <class T>
void test_team(const Path& path, Tally& tally) {
  constexpr std::int64_t rows = 300, columns = 60, epochs = 2, layers = 3;
  Wish wish{{210, 210}, Activation::relu, Optimizer::adam, 0.2, 128, 0, Normalization::batch, true};
  wish.weight_noise = 0.01;
  std::vector<T> x(rows * columns);
  std::vector<std::int32_t> labels(rows);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = static_cast<T>(k * 7919 % 1000) / 500 - 1;
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] = x[k * columns] > 0;
  const Target<T> target{labels.data()};
  std::vector<LayerPlan> plans;
  const auto plan = make_plan(wish);
  Plan view = plan->view();
  for (std::int64_t l = 0; l < view.depth; ++l) plans.push_back(view.layers[l]);
  plans[0].inputs = columns;
  plans[0].joined = false;
  const auto wide = std::make_shared<const OwnedPlan>(std::move(plans), wish.heads, view);
  tally.check(work_of_step(wide->view(), rows) >= kTeamWork, "the member is large enough for a team");
  std::vector<T> expected;
  for (const int threads : {1, 2, 3}) {
    std::vector<float> epoch(epochs), layer(epochs * layers);
    FleetRecord record{};
    for (float*& array : record.by_epoch) array = epoch.data();
    for (float*& array : record.by_layer) array = layer.data();
    for (float*& array : record.by_head) array = epoch.data();
    record.epochs = epochs;
    record.layers = layers;
    Fleet<T> fleet(path, {x.data(), &target, rows, columns}, {x.data(), &target, 0, columns}, record);
    fleet.add(wide, {});
    Control control;
    fleet.run(epochs, threads, control, [] {});
    const T* const parameters = fleet.parameters(0);
    const std::vector<T> trained(parameters, parameters + fleet.at(0).size());
    if (threads == 1) expected = trained;
    tally.check(trained == expected, "a team's work is that of one thread");
  }
}

}  // namespace

void test_fleet(Tally& tally) {
  for (const Path* path : available_paths()) {
    test_team<float>(*path, tally);
    test_team<double>(*path, tally);
    test_path<float>(*path, tally);
    test_path<double>(*path, tally);
    test_gradient<float>(*path, tally);
    test_gradient<double>(*path, tally);
  }
}

}  // namespace levelset
