// The door between Python and the core: arrays in, arrays out. What a recipe means and what may be wrong
// with it is decided in Python; shapes are taken from there on trust.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>

#include "member.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace levelset {
namespace {

template <class T, int Dimensions>
using Input = nb::ndarray<const T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;
template <class T, int Dimensions>
using Output = nb::ndarray<T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;

// The fields of a mapping.
class Fields {
 public:
  explicit Fields(const nb::handle& mapping) : mapping_(mapping) {}
  std::int64_t integer(const char* key) const { return nb::cast<std::int64_t>(mapping_[key]); }
  double real(const char* key) const { return nb::cast<double>(mapping_[key]); }
  bool flag(const char* key) const { return nb::cast<bool>(mapping_[key]); }
  template <class Name>
  Name name(const char* key) const {
    return static_cast<Name>(integer(key));
  }

 private:
  nb::handle mapping_;
};

LayerPlan layer_plan(const Fields& of) {
  LayerPlan layer{};
  layer.inputs = of.integer("inputs");
  layer.outputs = of.integer("outputs");
  layer.activation = of.name<Activation>("activation");
  layer.normalization = of.name<Normalization>("normalization");
  layer.joined = of.flag("joined");
  layer.dropout = of.real("dropout");
  layer.initial_scale = of.real("initial_scale");
  layer.initial = of.name<Distribution>("initial");
  layer.rate_factor = of.real("rate_factor");
  return layer;
}

HeadPlan head_plan(const Fields& of) {
  return {of.name<Loss>("loss"), of.integer("target"), of.integer("columns"), of.real("weight")};
}

std::shared_ptr<OwnedPlan> make_plan(const nb::list& layers, const nb::list& heads,
                                     const nb::dict& rest) {
  std::vector<LayerPlan> layer_plans;
  std::vector<HeadPlan> head_plans;
  for (const nb::handle layer : layers) layer_plans.push_back(layer_plan(Fields(layer)));
  for (const nb::handle head : heads) head_plans.push_back(head_plan(Fields(head)));
  const Fields of(rest);
  Plan plan{};
  plan.batch_size = of.integer("batch_size");
  plan.epochs = of.integer("epochs");
  plan.patience = of.integer("patience");
  plan.optimizer = of.name<Optimizer>("optimizer");
  plan.nesterov = of.flag("nesterov");
  plan.learning_rate = of.real("learning_rate");
  plan.momentum = of.real("momentum");
  plan.beta1 = of.real("beta1");
  plan.beta2 = of.real("beta2");
  plan.epsilon = of.real("epsilon");
  plan.l2 = of.real("l2");
  plan.min_delta = of.real("min_delta");
  plan.schedule = of.name<Schedule>("schedule");
  plan.warmup_epochs = of.real("warmup_epochs");
  plan.drop_epochs = of.real("drop_epochs");
  plan.drop_factor = of.real("drop_factor");
  plan.weight_decay = of.real("weight_decay");
  plan.gradient_clip = of.real("gradient_clip");
  plan.input_dropout = of.real("input_dropout");
  plan.input_noise = of.real("input_noise");
  plan.weight_noise = of.real("weight_noise");
  plan.label_smoothing = of.real("label_smoothing");
  plan.averaging = of.name<Averaging>("averaging");
  plan.average_decay = of.real("average_decay");
  plan.average_start = of.real("average_start");
  plan.monitor = of.name<Monitor>("monitor");
  plan.mixup = of.real("mixup");
  plan.sam_radius = of.real("sam_radius");
  return std::make_shared<OwnedPlan>(std::move(layer_plans), std::move(head_plans), plan);
}

// What the calling thread does while the others work: looks for Ctrl-C at every call, and tells the caller's own
// `watch(epochs, members)` at most 20 times a second.
class Watcher {
 public:
  Watcher(const Control& control, const nb::object& watch) : control_(control), watch_(watch) {}

  void look() {
    const nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    const auto now = std::chrono::steady_clock::now();
    if (watch_.is_none() || now - told_ < std::chrono::milliseconds(50)) return;
    told_ = now;
    tell();
  }

  void tell() {
    if (!watch_.is_none()) watch_(control_.epochs_done.load(), control_.members_done.load());
  }

 private:
  const Control& control_;
  const nb::object& watch_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

// Targets of a table: class numbers (n), int32, or numbers (n, k) of the fleet's type. The arrays' own memory.
template <class T>
class BoundTargets {
 public:
  explicit BoundTargets(const nb::list& arrays) {
    for (const nb::handle array : arrays) {
      Target<T> target;
      if (nb::isinstance<Input<std::int32_t, 1>>(array)) {
        target.labels = nb::cast<Input<std::int32_t, 1>>(array, false).data();
      } else {
        const auto values = nb::cast<Input<T, 2>>(array, false);
        target.values = values.data();
        target.columns = static_cast<std::int64_t>(values.shape(1));
      }
      targets_.push_back(target);
      kept_.push_back(nb::borrow<nb::object>(array));
    }
  }
  const Target<T>* data() const { return targets_.data(); }

 private:
  std::vector<Target<T>> targets_;
  std::vector<nb::object> kept_;
};

// A Fleet together with the Python arrays it reads and writes.
template <class T>
class BoundFleet {
 public:
  BoundFleet(const std::string& path, Input<T, 2> x, const nb::list& targets, nb::object weights,
             Input<T, 2> x_validation, const nb::list& validation_targets,
             std::vector<Output<float, 2>> by_epoch, std::vector<Output<float, 3>> by_layer,
             std::vector<Output<float, 3>> by_head)
      : x_(x),
        x_validation_(x_validation),
        targets_(targets),
        validation_targets_(validation_targets),
        by_epoch_(std::move(by_epoch)),
        by_layer_(std::move(by_layer)),
        by_head_(std::move(by_head)),
        fleet_(find_path(path), weighted(table(x_, targets_), weights),
               table(x_validation_, validation_targets_), record()) {}

  BoundFleet(const BoundFleet&) = delete;
  BoundFleet& operator=(const BoundFleet&) = delete;

  void add(std::shared_ptr<OwnedPlan> plan, std::uint64_t seed, nb::object rows,
           nb::object class_weights, nb::object initial) {
    Particulars<T> own;
    own.seed = seed;
    if (!rows.is_none()) own.rows = keep<std::int32_t>(rows);
    if (!class_weights.is_none()) own.class_weights = keep<double>(class_weights);
    if (!initial.is_none()) own.initial = keep<T>(initial);
    fleet_.add(std::move(plan), own);
  }

  void run(std::int64_t epochs, int threads, nb::object watch) {
    Control control;
    Watcher watcher(control, watch);
    {
      const nb::gil_scoped_release release;
      fleet_.run(epochs, threads, control, [&] { watcher.look(); });
    }
    watcher.tell();
  }

  void predict(Input<std::int64_t, 1> members, Input<T, 2> x, Output<T, 1> outputs, int threads) {
    const Control control;
    const nb::object nobody = nb::none();
    Watcher watcher(control, nobody);
    const nb::gil_scoped_release release;
    fleet_.predict(std::span(members.data(), members.size()), x.data(),
                   static_cast<std::int64_t>(x.shape(0)), outputs.data(), threads,
                   [&] { watcher.look(); });
  }

  void parameters(std::int64_t member, Output<T, 1> out) {
    std::copy_n(fleet_.parameters(member), out.size(), out.data());
  }

  // (epochs done, best epoch, reason for stopping) of each member, as an (m, 3) array to fill.
  void status(Output<std::int64_t, 2> out) {
    for (std::int64_t k = 0; k < fleet_.size(); ++k) {
      const Counters& counters = fleet_.at(k).counters();
      out(k, 0) = counters.epochs_done;
      out(k, 1) = counters.best_epoch;
      out(k, 2) = static_cast<std::int64_t>(counters.stop);
    }
  }

  // Which arrays each member holds, as an (m, 5) array to fill with 0 and 1.
  void holds(Output<std::int64_t, 2> out) {
    for (std::int64_t k = 0; k < fleet_.size(); ++k) {
      for (int which = 0; which < kHoldings; ++which) {
        out(k, which) = fleet_.at(k).holding(static_cast<Holding>(which)) != nullptr;
      }
    }
  }

  void read(std::int64_t member, int which, Output<T, 1> out) {
    std::copy_n(fleet_.at(member).holding(static_cast<Holding>(which)).get(), out.size(), out.data());
  }

  // The rest of each member's state: (m, 5) counts and (m, 2) losses to fill.
  void counters(Output<std::int64_t, 2> counts, Output<double, 2> losses) {
    for (std::int64_t k = 0; k < fleet_.size(); ++k) {
      const Counters& from = fleet_.at(k).counters();
      counts(k, 0) = from.epochs_done;
      counts(k, 1) = from.steps_done;
      counts(k, 2) = from.best_epoch;
      counts(k, 3) = from.epochs_without_gain;
      counts(k, 4) = static_cast<std::int64_t>(from.stop);
      losses(k, 0) = from.best_loss;
      losses(k, 1) = from.reference_loss;
    }
  }

  void write(std::int64_t member, Input<std::int64_t, 1> counts, Input<double, 1> losses,
             const nb::list& arrays) {
    std::span<const T> given[kHoldings];
    for (int which = 0; which < kHoldings; ++which) {
      const nb::handle array = arrays[static_cast<std::size_t>(which)];
      if (array.is_none()) continue;
      const auto view = nb::cast<Input<T, 1>>(array, false);
      given[which] = {view.data(), view.size()};
    }
    fleet_.at(member).restore({counts(0), counts(1), counts(2), counts(3), losses(0), losses(1),
                               static_cast<Stop>(counts(4))},
                              given);
  }

 private:
  static Table<T> table(const Input<T, 2>& x, const BoundTargets<T>& targets) {
    return {x.data(), targets.data(), static_cast<std::int64_t>(x.shape(0)),
            static_cast<std::int64_t>(x.shape(1))};
  }
  Table<T> weighted(Table<T> table, const nb::object& weights) {
    if (!weights.is_none()) table.weights = keep<T>(weights).data();
    return table;
  }
  // The array's own memory: an array that would have to be converted is refused.
  template <class U>
  std::span<const U> keep(const nb::object& array) {
    const auto view = nb::cast<Input<U, 1>>(array, false);
    kept_.push_back(array);
    return {view.data(), view.size()};
  }
  FleetRecord record() {
    FleetRecord record{};
    for (int k = 0; k < 4; ++k) record.by_epoch[k] = by_epoch_[static_cast<std::size_t>(k)].data();
    for (int k = 0; k < 5; ++k) record.by_layer[k] = by_layer_[static_cast<std::size_t>(k)].data();
    for (int k = 0; k < 4; ++k) record.by_head[k] = by_head_[static_cast<std::size_t>(k)].data();
    record.epochs = static_cast<std::int64_t>(by_layer_[0].shape(1));
    record.layers = static_cast<std::int64_t>(by_layer_[0].shape(2));
    record.heads = static_cast<std::int64_t>(by_head_[0].shape(2));
    return record;
  }

  Input<T, 2> x_, x_validation_;
  BoundTargets<T> targets_, validation_targets_;
  std::vector<Output<float, 2>> by_epoch_;
  std::vector<Output<float, 3>> by_layer_, by_head_;
  std::vector<nb::object> kept_;
  Fleet<T> fleet_;
};

// A network's answers, some rows at a time, so that Ctrl-C is heard in between.
template <class T>
void predict_alone(const std::string& path, const OwnedPlan& owned, Input<T, 1> parameters,
                   Input<T, 2> x, Output<T, 2> outputs) {
  constexpr std::int64_t work = 1'000'000'000;  // operations, about: tens of milliseconds
  const Control control;
  Team team;
  team.cancelled = &control.cancelled;
  const Plan plan = owned.view();
  const Backend<T>& backend = backend_of<T>(find_path(path));
  const Block workspace(backend.workspace_bytes(plan, 1));
  const auto rows = static_cast<std::int64_t>(x.shape(0)),
             columns = static_cast<std::int64_t>(x.shape(1));
  const std::int64_t at_once = std::max(kEvaluationRows, work / (2 * parameter_count(plan)));
  for (std::int64_t first = 0; first < rows; first += at_once) {
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    const nb::gil_scoped_release release;
    backend.predict(plan, parameters.data(), x.data() + first * columns,
                    std::min(at_once, rows - first), outputs.data() + first * owned.outputs(),
                    workspace.data(), team);
  }
}

template <class T>
double gradient_alone(const std::string& path, const OwnedPlan& owned, Input<T, 1> parameters,
                      Input<T, 2> x, const nb::list& arrays, Output<T, 1> gradient) {
  const BoundTargets<T> targets(arrays);
  const nb::gil_scoped_release release;
  const Backend<T>& backend = backend_of<T>(find_path(path));
  const auto rows = static_cast<std::int64_t>(x.shape(0));
  Plan plan = owned.view();
  plan.batch_size = rows;
  const Block workspace(backend.workspace_bytes(plan, rows));
  const Table<T> table{x.data(), targets.data(), rows, static_cast<std::int64_t>(x.shape(1))};
  return backend.gradient(plan, parameters.data(), table, gradient.data(), workspace.data());
}

template <class T>
void bind_numbers(nb::module_& module, const char* fleet_name) {
  nb::class_<BoundFleet<T>>(module, fleet_name)
      .def(nb::init<const std::string&, Input<T, 2>, const nb::list&, nb::object, Input<T, 2>,
                    const nb::list&, std::vector<Output<float, 2>>, std::vector<Output<float, 3>>,
                    std::vector<Output<float, 3>>>(),
           "path"_a, "x"_a, "targets"_a, "weights"_a.none(), "x_validation"_a, "validation_targets"_a,
           "by_epoch"_a, "by_layer"_a, "by_head"_a)
      .def("add", &BoundFleet<T>::add, "plan"_a, "seed"_a, "rows"_a.none(), "class_weights"_a.none(),
           "initial"_a.none())
      .def("run", &BoundFleet<T>::run, "epochs"_a, "threads"_a, "watch"_a.none())
      .def("predict", &BoundFleet<T>::predict)
      .def("parameters", &BoundFleet<T>::parameters)
      .def("status", &BoundFleet<T>::status)
      .def("holds", &BoundFleet<T>::holds)
      .def("read", &BoundFleet<T>::read)
      .def("counters", &BoundFleet<T>::counters)
      .def("write", &BoundFleet<T>::write);
  module.def("predict", &predict_alone<T>);
  module.def("gradient", &gradient_alone<T>);
  module.def("elementary", [](const std::string& path, int function, Input<T, 1> x, Output<T, 1> y) {
    backend_of<T>(find_path(path))
        .elementary(static_cast<Elementary>(function), static_cast<std::int64_t>(x.size()), x.data(),
                    y.data());
  });
}

}  // namespace

NB_MODULE(core, module) {
  module.doc() = "The compiled core of levelset; its Python face is levelset.engine.";
  nb::class_<OwnedPlan>(module, "Plan");
  module.def("make_plan", &make_plan);
  module.def("instruction_sets", [] {
    std::vector<std::string> names;
    for (const Path* path : available_paths()) names.emplace_back(path->name);
    return names;
  });
  module.def("random_words",
             [](const std::string& path, std::uint64_t seed, std::uint32_t purpose, std::uint32_t layer,
                std::uint32_t epoch, std::uint32_t step, Output<std::uint32_t, 1> words) {
               find_path(path).random_words(seed, purpose, layer, epoch, step,
                                            static_cast<std::int64_t>(words.size()), words.data());
             });
  bind_numbers<float>(module, "FleetSingle");
  bind_numbers<double>(module, "FleetDouble");
}

}  // namespace levelset
