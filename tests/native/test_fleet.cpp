// Small fleets, trained to the end through the door that Python uses: for the sanitizers to look at, and to be
// the same on any number of threads, in any cut into runs.
#include <cmath>
#include <cstring>

#include "member.hpp"
#include "tally.hpp"

namespace levelset {
namespace {

constexpr std::int64_t kRows = 53, kColumns = 5, kClasses = 3, kEpochs = 6, kLayers = 4;

struct Interrupted {};

std::shared_ptr<const OwnedPlan> make_plan(const std::vector<std::int64_t>& hidden,
                                           Activation activation, Optimizer optimizer, double dropout,
                                           std::int64_t batch_size, std::int64_t patience) {
  std::vector<LayerPlan> layers;
  std::int64_t inputs = kColumns;
  for (const std::int64_t width : hidden) {
    layers.push_back({inputs, width, activation, dropout, 1 / std::sqrt(inputs),
                      width % 2 == 0 ? Distribution::uniform : Distribution::normal});
    inputs = width;
  }
  layers.push_back(
      {inputs, kClasses, Activation::identity, 0, 1 / std::sqrt(inputs), Distribution::uniform});
  Plan plan{};
  plan.batch_size = batch_size;
  plan.epochs = kEpochs;
  plan.patience = patience;
  plan.optimizer = optimizer;
  plan.nesterov = hidden.size() > 1;
  plan.learning_rate = 0.05;
  plan.momentum = 0.9;
  plan.beta1 = 0.9;
  plan.beta2 = 0.999;
  plan.epsilon = 1e-8;
  plan.l2 = 1e-3;
  return std::make_shared<const OwnedPlan>(std::move(layers), plan);
}

// A table, and a fleet of every kind of member with the record it writes.
template <class T>
class Laboratory {
 public:
  explicit Laboratory(const Path& path)
      : x_(kRows * kColumns), labels_(kRows), rows_(70), by_epoch_(4), by_layer_(5) {
    std::uint32_t word = 1;
    const auto next = [&] { return (word = word * 1664525u + 1013904223u) >> 8; };
    for (T& number : x_) number = static_cast<T>(next() % 2000) / 1000 - 1;
    for (std::size_t row = 0; row < labels_.size(); ++row) {
      const T* x = x_.data() + static_cast<std::int64_t>(row) * kColumns;
      labels_[row] = x[0] > 0 ? 2 : x[1] > x[2];
    }
    for (std::int32_t& row : rows_) row = static_cast<std::int32_t>(next() % kRows);
    add_plans();
    const float nan = std::nanf("");
    for (auto& array : by_epoch_) array.assign(members() * kEpochs, nan);
    for (auto& array : by_layer_) array.assign(members() * kEpochs * kLayers, nan);
    FleetRecord record{};
    for (std::size_t k = 0; k < 4; ++k) record.by_epoch[k] = by_epoch_[k].data();
    for (std::size_t k = 0; k < 5; ++k) record.by_layer[k] = by_layer_[k].data();
    record.epochs = kEpochs;
    record.layers = kLayers;
    const Table<T> table{x_.data(), labels_.data(), kRows, kColumns, kClasses};
    const Table<T> validation{x_.data(), labels_.data(), 17, kColumns, kClasses};
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

  std::vector<T> probabilities(int threads) {
    std::vector<std::int64_t> which(members());
    for (std::size_t k = 0; k < which.size(); ++k) which[k] = static_cast<std::int64_t>(k);
    std::vector<T> all(members() * kRows * kClasses);
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
    plans_ = {make_plan({}, A::identity, O::sgd, 0, 10, 0),
              make_plan({1}, A::tanh, O::adam, 0, 1, 1),
              make_plan({33}, A::relu, O::adam, 0.5, 53, 0),
              make_plan({17, 16}, A::sigmoid, O::sgd, 0.3, 7, 2),
              make_plan({40, 3, 20}, A::relu, O::sgd, 0, 1000, 0),
              make_plan({130, 9}, A::identity, O::adam, 0.1, 32, 0)};
  }

  std::vector<T> x_;
  std::vector<std::int32_t> labels_, rows_;
  std::vector<std::vector<float>> by_epoch_, by_layer_;
  std::vector<std::shared_ptr<const OwnedPlan>> plans_;
  std::unique_ptr<Fleet<T>> fleet_;
};

template <class T>
void test_path(const Path& path, Tally& tally) {
  Laboratory<T> expected(path);
  expected.run(kEpochs, 1);
  tally.check(expected.all_stopped(), "a run to the end ends every member");
  const std::vector<T> probabilities = expected.probabilities(1);
  bool proper = true;
  for (const T q : probabilities) proper = proper && q >= 0 && q <= 1;
  tally.check(proper, "predictions are probabilities");
  for (const int threads : {2, 7}) {
    Laboratory<T> at_once(path), cut(path), broken(path);
    at_once.run(kEpochs, threads);
    tally.check(at_once.same_as(expected), "the same on any number of threads");
    tally.check(at_once.probabilities(threads) == probabilities, "and so are its predictions");
    cut.run(2, threads);
    cut.run(1, 1);
    cut.run(kEpochs, threads);
    tally.check(cut.same_as(expected), "the same in any cut into runs");
    tally.check(broken.run_interrupted(threads), "the watch's exception ends a run");
    broken.run(kEpochs, threads);
    tally.check(broken.same_as(expected), "the same after an interruption");
  }
}

template <class T>
void test_gradient(const Path& path, Tally& tally) {
  // Without hidden layers and at zero weights the probabilities are 1 / 3 each.
  const auto plan = make_plan({}, Activation::identity, Optimizer::sgd, 0, 2, 0);
  const std::vector<T> x = {1, 0, 0, 0, 0, 0, 2, 0, 0, 0}, parameters(18);
  const std::vector<std::int32_t> labels = {0, 2};
  std::vector<T> gradient(18);
  const Backend<T>& backend = backend_of<T>(path);
  const Block workspace(backend.workspace_bytes(plan->view(), 2));
  const double value = backend.gradient(plan->view(), parameters.data(),
                                        {x.data(), labels.data(), 2, kColumns, kClasses},
                                        gradient.data(), workspace.data());
  const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6; };
  tally.check(near(value, std::log(3.0)), "the loss of equal probabilities is ln 3");
  tally.check(near(gradient[0], -1.0 / 3) && near(gradient[1], 1.0 / 6), "the gradient of row 0");
  tally.check(near(gradient[3], 1.0 / 3) && near(gradient[5], -2.0 / 3), "the gradient of row 1");
  tally.check(near(gradient[15], -1.0 / 6) && near(gradient[16], 1.0 / 3),
              "the gradient of the biases");
}

}  // namespace

void test_fleet(Tally& tally) {
  for (const Path* path : available_paths()) {
    test_path<float>(*path, tally);
    test_path<double>(*path, tally);
    test_gradient<float>(*path, tally);
    test_gradient<double>(*path, tally);
  }
}

}  // namespace levelset
