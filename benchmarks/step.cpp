// Seconds to train one member of a shape, with nothing of Python around it: prints the time of each repeat in
// microseconds a step. Usage: step SHAPE REPEATS [THREADS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "member.hpp"

namespace levelset {
namespace {

struct Shape {
  const char* name;
  std::int64_t features;
  std::vector<std::int64_t> hidden;
  std::int64_t classes, rows, batch_size, epochs;
};

// The shapes of benchmarks/shapes.py, with fewer epochs.
const Shape kShapes[] = {{"tiny", 32, {64}, 5, 2000, 128, 100},
                         {"study", 20, {64, 64}, 3, 2000, 32, 40},
                         {"wide-one", 64, {100}, 10, 5000, 200, 20},
                         {"medium", 64, {256, 256}, 10, 10000, 256, 2},
                         {"large", 64, {512, 512}, 10, 10240, 512, 3}};

std::shared_ptr<const OwnedPlan> make_plan(const Shape& shape) {
  std::vector<LayerPlan> layers;
  std::int64_t inputs = shape.features;
  for (const std::int64_t width : shape.hidden) {
    const double scale = std::sqrt(2.0 / static_cast<double>(inputs));
    layers.push_back({inputs, width, Activation::relu, 0, scale, Distribution::normal});
    inputs = width;
  }
  const double scale = std::sqrt(1.0 / static_cast<double>(inputs));
  layers.push_back({inputs, shape.classes, Activation::identity, 0, scale, Distribution::normal});
  Plan plan{};
  plan.batch_size = shape.batch_size;
  plan.epochs = shape.epochs;
  plan.optimizer = Optimizer::adam;
  plan.learning_rate = 1e-3;
  plan.beta1 = 0.9;
  plan.beta2 = 0.999;
  plan.epsilon = 1e-8;
  return std::make_shared<const OwnedPlan>(
      std::move(layers), std::vector<HeadPlan>{{Loss::softmax, 0, shape.classes, 1}}, plan);
}

// Trains from the start; the microseconds of a step.
double time_once(const Shape& shape, const std::vector<float>& x,
                 const std::vector<std::int32_t>& labels, int threads) {
  const auto epochs = static_cast<std::size_t>(shape.epochs), layers = shape.hidden.size() + 1;
  std::vector<float> by_epoch(4 * epochs), by_layer(5 * epochs * layers), by_head(1);
  FleetRecord record{};
  for (std::size_t k = 0; k < 4; ++k) record.by_epoch[k] = by_epoch.data() + k * epochs;
  for (std::size_t k = 0; k < 5; ++k) record.by_layer[k] = by_layer.data() + k * epochs * layers;
  for (float*& array : record.by_head) array = by_head.data();
  record.epochs = shape.epochs;
  record.layers = static_cast<std::int64_t>(layers);
  const Target<float> target{labels.data()};
  Fleet<float> fleet(find_path(""), {x.data(), &target, shape.rows, shape.features},
                     {nullptr, &target, 0, shape.features}, record);
  fleet.add(make_plan(shape), {});
  Control control;
  const auto start = std::chrono::steady_clock::now();
  fleet.run(shape.epochs, threads, control, [] {});
  const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
  const std::int64_t steps = shape.epochs * ((shape.rows + shape.batch_size - 1) / shape.batch_size);
  return taken.count() / static_cast<double>(steps);
}

int run(const Shape& shape, int repeats, int threads) {
  std::vector<float> x(static_cast<std::size_t>(shape.rows * shape.features));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(shape.rows));
  std::uint32_t word = 1;
  for (float& number : x) {
    word = word * 1664525u + 1013904223u;
    number = static_cast<float>(word >> 8) / (1 << 23) - 1;
  }
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const float* const at = x.data() + row * static_cast<std::size_t>(shape.features);
    labels[row] = static_cast<std::int32_t>(std::abs(5 * at[0] + 3 * at[1])) % shape.classes;
  }
  for (int k = 0; k < repeats; ++k) std::printf("%.4f\n", time_once(shape, x, labels, threads));
  return 0;
}

}  // namespace
}  // namespace levelset

int main(int count, char** arguments) {
  for (const levelset::Shape& shape : levelset::kShapes) {
    if ((count == 3 || count == 4) && !std::strcmp(arguments[1], shape.name)) {
      return levelset::run(shape, std::atoi(arguments[2]), count == 4 ? std::atoi(arguments[3]) : 1);
    }
  }
  std::fprintf(stderr, "usage: %s tiny|study|wide-one|medium|large REPEATS [THREADS]\n", arguments[0]);
  return 2;
}
