// The door between Python and the core: arrays in, arrays out. What a recipe means and what may be wrong
// with it is decided in Python; shapes are taken from there on trust.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "member.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace levelset {
namespace {

template <class T, int Dimensions>
using Input = nb::ndarray<const T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;
template <class T, int Dimensions>
using Output = nb::ndarray<T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;

std::shared_ptr<OwnedPlan> make_plan(const std::vector<std::int64_t>& widths,
                                     const std::vector<int>& activations,
                                     const std::vector<double>& dropout,
                                     const std::vector<double>& initial_scale,
                                     const std::vector<int>& initial,
                                     const std::vector<double>& rate_factors, nb::dict rest) {
  std::vector<LayerPlan> layers;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    layers.push_back({widths[l], widths[l + 1], static_cast<Activation>(activations[l]), dropout[l],
                      initial_scale[l], static_cast<Distribution>(initial[l]), rate_factors[l]});
  }
  const auto integer = [&](const char* key) { return nb::cast<std::int64_t>(rest[key]); };
  const auto real = [&](const char* key) { return nb::cast<double>(rest[key]); };
  Plan plan{};
  plan.batch_size = integer("batch_size");
  plan.epochs = integer("epochs");
  plan.patience = integer("patience");
  plan.optimizer = static_cast<Optimizer>(integer("optimizer"));
  plan.nesterov = nb::cast<bool>(rest["nesterov"]);
  plan.learning_rate = real("learning_rate");
  plan.momentum = real("momentum");
  plan.beta1 = real("beta1");
  plan.beta2 = real("beta2");
  plan.epsilon = real("epsilon");
  plan.l2 = real("l2");
  plan.min_delta = real("min_delta");
  plan.schedule = static_cast<Schedule>(integer("schedule"));
  plan.warmup_epochs = real("warmup_epochs");
  plan.drop_epochs = real("drop_epochs");
  plan.drop_factor = real("drop_factor");
  plan.weight_decay = real("weight_decay");
  plan.gradient_clip = real("gradient_clip");
  plan.input_dropout = real("input_dropout");
  plan.input_noise = real("input_noise");
  plan.weight_noise = real("weight_noise");
  plan.label_smoothing = real("label_smoothing");
  plan.averaging = static_cast<Averaging>(integer("averaging"));
  plan.average_decay = real("average_decay");
  plan.average_start = real("average_start");
  plan.monitor = static_cast<Monitor>(integer("monitor"));
  return std::make_shared<OwnedPlan>(std::move(layers), plan);
}

// Called about every 50 ms while the threads work: Ctrl-C, then the caller's own `watch(epochs, members)`.
void poll(const Control& control, const nb::object& watch) {
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
  if (!watch.is_none()) watch(control.epochs_done.load(), control.members_done.load());
}

// A Fleet together with the Python arrays it reads and writes.
template <class T>
class BoundFleet {
 public:
  BoundFleet(const std::string& path, Input<T, 2> x, Input<std::int32_t, 1> y, nb::object weights,
             Input<T, 2> x_validation, Input<std::int32_t, 1> y_validation, std::int64_t classes,
             std::vector<Output<float, 2>> by_epoch, std::vector<Output<float, 3>> by_layer)
      : x_(x),
        x_validation_(x_validation),
        y_(y),
        y_validation_(y_validation),
        by_epoch_(std::move(by_epoch)),
        by_layer_(std::move(by_layer)),
        fleet_(find_path(path), weighted(table(x_, y_, classes), weights),
               table(x_validation_, y_validation_, classes), record()) {}

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
    const nb::gil_scoped_release release;
    fleet_.run(epochs, threads, control, [&] { poll(control, watch); });
  }

  void predict(Input<std::int64_t, 1> members, Input<T, 2> x, Output<T, 3> probabilities, int threads) {
    const Control control;
    const nb::object nobody = nb::none();
    const nb::gil_scoped_release release;
    fleet_.predict(std::span(members.data(), members.size()), x.data(),
                   static_cast<std::int64_t>(x.shape(0)), probabilities.data(), threads,
                   [&] { poll(control, nobody); });
  }

  void parameters(std::int64_t member, Output<T, 1> out) {
    std::copy_n(fleet_.parameters(member), out.size(), out.data());
  }

  // (epochs done, best epoch, reason for stopping) of each member, as an (m, 3) array to fill.
  void status(Output<std::int64_t, 2> out) {
    for (std::int64_t k = 0; k < fleet_.size(); ++k) {
      const Member<T>& member = fleet_.at(k);
      out(k, 0) = member.epochs_done();
      out(k, 1) = member.best_epoch();
      out(k, 2) = static_cast<std::int64_t>(member.stop());
    }
  }

 private:
  static Table<T> table(const Input<T, 2>& x, const Input<std::int32_t, 1>& y, std::int64_t classes) {
    return {x.data(), y.data(), static_cast<std::int64_t>(x.shape(0)),
            static_cast<std::int64_t>(x.shape(1)), classes};
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
    record.epochs = static_cast<std::int64_t>(by_layer_[0].shape(1));
    record.layers = static_cast<std::int64_t>(by_layer_[0].shape(2));
    return record;
  }

  Input<T, 2> x_, x_validation_;
  Input<std::int32_t, 1> y_, y_validation_;
  std::vector<Output<float, 2>> by_epoch_;
  std::vector<Output<float, 3>> by_layer_;
  std::vector<nb::object> kept_;
  Fleet<T> fleet_;
};

template <class T>
void bind_numbers(nb::module_& module, const char* fleet_name) {
  nb::class_<BoundFleet<T>>(module, fleet_name)
      .def(nb::init<const std::string&, Input<T, 2>, Input<std::int32_t, 1>, nb::object, Input<T, 2>,
                    Input<std::int32_t, 1>, std::int64_t, std::vector<Output<float, 2>>,
                    std::vector<Output<float, 3>>>(),
           "path"_a, "x"_a, "y"_a, "weights"_a.none(), "x_validation"_a, "y_validation"_a, "classes"_a,
           "by_epoch"_a, "by_layer"_a)
      .def("add", &BoundFleet<T>::add, "plan"_a, "seed"_a, "rows"_a.none(), "class_weights"_a.none(),
           "initial"_a.none())
      .def("run", &BoundFleet<T>::run, "epochs"_a, "threads"_a, "watch"_a.none())
      .def("predict", &BoundFleet<T>::predict)
      .def("parameters", &BoundFleet<T>::parameters)
      .def("status", &BoundFleet<T>::status);

  module.def("predict", [](const std::string& path, const OwnedPlan& plan, Input<T, 1> parameters,
                           Input<T, 2> x, Output<T, 2> probabilities) {
    const nb::gil_scoped_release release;
    const Backend<T>& backend = backend_of<T>(find_path(path));
    const Block workspace(backend.workspace_bytes(plan.view(), 1));
    backend.predict(plan.view(), parameters.data(), x.data(), static_cast<std::int64_t>(x.shape(0)),
                    probabilities.data(), workspace.data());
  });
  module.def("gradient", [](const std::string& path, const OwnedPlan& owned, Input<T, 1> parameters,
                            Input<T, 2> x, Input<std::int32_t, 1> y, Output<T, 1> gradient) {
    const nb::gil_scoped_release release;
    const Backend<T>& backend = backend_of<T>(find_path(path));
    const auto rows = static_cast<std::int64_t>(x.shape(0));
    Plan plan = owned.view();
    plan.batch_size = rows;
    const Block workspace(backend.workspace_bytes(plan, rows));
    const Table<T> table{x.data(), y.data(), rows, static_cast<std::int64_t>(x.shape(1)),
                         plan.layers[plan.depth - 1].outputs};
    return backend.gradient(plan, parameters.data(), table, gradient.data(), workspace.data());
  });
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
