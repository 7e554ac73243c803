// The learning rate over the steps of a training, as a factor of the recipe's.
#pragma once

#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

// Factor of step t = 0 .. T-1: a linear warm-up of w steps in front, (t + 1) / (w + 1) s(0), then s(u) at
// u = t - w of U = T - w:
//   constant   1
//   step       drop_factor ^ floor(u / (drop_epochs * steps per epoch))
//   cosine     (1 + cos(pi u / U)) / 2   (Loshchilov and Hutter, ICLR 2017, equation 5)
//   one cycle  from 1/25 up to 1 over the first 30 % of the steps and down to 1/250,000 over the rest, both
//              along half a cosine (Smith and Topin, 2018, in the form of PyTorch's OneCycleLR)
// The twin is levelset.theory.schedules.
inline double rate_factor(const Plan& plan, std::int64_t step, std::int64_t steps_per_epoch) {
  constexpr double pi = 3.14159265358979323846;
  const auto per_epoch = static_cast<double>(steps_per_epoch);
  const auto now = static_cast<double>(step);
  const double warmup = __builtin_floor(plan.warmup_epochs * per_epoch);
  const double ramp = now < warmup ? (now + 1) / (warmup + 1) : 1;
  const double u = now < warmup ? 0 : now - warmup;
  const double length = static_cast<double>(plan.epochs) * per_epoch - warmup;
  const auto between = [](double from, double to, double share) {
    return to + (from - to) * (1 + __builtin_cos(pi * share)) / 2;
  };
  switch (plan.schedule) {
    case Schedule::constant:
      return ramp;
    case Schedule::step:
      return ramp *
             __builtin_pow(plan.drop_factor, __builtin_floor(u / (plan.drop_epochs * per_epoch)));
    case Schedule::cosine:
      return ramp * between(1, 0, u / length);
    case Schedule::one_cycle: {
      const double rise = 0.3 * length - 1;
      if (rise > 0 && u <= rise) return ramp * between(1.0 / 25, 1, u / rise);
      return ramp * between(1, 1.0 / 250000, (u - rise) / (length - 1 - rise));
    }
  }
  return ramp;
}

}  // namespace levelset::LEVELSET_PATH
