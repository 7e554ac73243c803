// Initial weights: uniform on [-s, s], or normal with standard deviation s.
#pragma once

#include "elementary.hpp"
#include "plan.hpp"
#include "random.hpp"

namespace levelset::LEVELSET_PATH {

// Fills inputs * outputs numbers, drawn in float64 whatever T is, so that a seed gives the same network in
// both precisions up to rounding. Normal numbers by Box and Muller (Ann. Math. Stat. 29, 1958):
// sqrt(-2 ln u) cos(2 pi v) and the same with sin, u in (0, 1] and v in [0, 1).
template <class T>
void draw_weights(const LayerPlan& layer, const Stream& stream, T* weights) {
  constexpr double unit = 1.0 / 4294967296.0;  // 2^-32
  const std::int64_t count = layer.inputs * layer.outputs;
  std::uint32_t words[kGroup];
  for (std::int64_t done = 0, group = 0; done < count; ++group) {
    fill_words(stream, kGroup, words, group);
    double drawn[kGroup];
    for (int k = 0; k < kGroup / 2; k += lanes<double>) {
      Vec<double> u, v;
      for (int lane = 0; lane < lanes<double>; ++lane) {
        u[lane] = words[k + lane];
        v[lane] = words[kGroup / 2 + k + lane];
      }
      Vec<double> first, second;
      if (layer.initial_is_uniform) {
        first = (2 * unit) * (u + 0.5) - 1;
        second = (2 * unit) * (v + 0.5) - 1;
      } else {
        const Vec<double> radius = square_root<double>(-2 * logarithm<double>((u + 1) * unit));
        cosine_sine_of_turn<double>(v * unit, first, second);
        first *= radius;
        second *= radius;
      }
      store(drawn + k, first);
      store(drawn + kGroup / 2 + k, second);
    }
    for (int k = 0; k < kGroup && done < count; ++k, ++done) {
      weights[done] = static_cast<T>(layer.initial_scale * drawn[k]);
    }
  }
}

}  // namespace levelset::LEVELSET_PATH
