// One step of the optimizer on one array of parameters, fused with the penalty and its telemetry.
#pragma once

#include "gemm.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

struct StepSums {
  double gradient_square = 0, update_square = 0, weight_square = 0;
};

// A step's numbers, the same for every parameter of a layer.
template <class T>
struct StepSize {
  T rate, momentum, beta1, beta2, epsilon;
  bool nesterov;
  T decay;  // of the weights, as a part of the step: rate * decay is the share they lose
};

// Step t = 1, 2, ... at a learning rate.
template <class T>
StepSize<T> step_size(const Plan& plan, double learning_rate, std::int64_t step) {
  if (plan.optimizer == Optimizer::sgd) {
    return {static_cast<T>(learning_rate),    static_cast<T>(plan.momentum), 0, 0, 0, plan.nesterov,
            static_cast<T>(plan.weight_decay)};
  }
  // Kingma and Ba, "Adam" (ICLR 2015), section 2: the bias corrections moved into the rate and epsilon.
  const double first = 1 - __builtin_pow(plan.beta1, static_cast<double>(step));
  const double second = __builtin_sqrt(1 - __builtin_pow(plan.beta2, static_cast<double>(step)));
  return {static_cast<T>(learning_rate * second / first),
          0,
          static_cast<T>(plan.beta1),
          static_cast<T>(plan.beta2),
          static_cast<T>(plan.epsilon * second),
          false,
          static_cast<T>(plan.weight_decay * first / second)};
}

// 1 / sqrt(v) for v >= 0, by a linear guess on the exponent and two Newton steps whose constants balance
// the error (Lomont, "Fast inverse square root", 2003; first step: J. Kadlec, 2010): plain IEEE arithmetic,
// a third of the time of the hardware's root. Relative error below 6e-7; v = 0 gives a large finite number.
[[gnu::always_inline]] inline Vec<float> reciprocal_root(Vec<float> v) {
  Vec<float> y = (Vec<float>)(0x5F1FFFF9 - ((IntVec<float>)v >> 1));
  y = y * (1.68191391f - ((0.703952253f * v) * y) * y);
  y = y * (1.5000003f - ((0.5f * v) * y) * y);
  return y;
}

template <class T>
[[gnu::always_inline]] inline Vec<T> root_for_step(Vec<T> v) {
  if constexpr (sizeof(T) == 4) {
    return v * reciprocal_root(v);
  } else {
    return square_root<T>(v);
  }
}

// g += 2 l2 w: the gradient of the whole objective, where it is needed before the step. Returns |g|^2.
template <class T>
double add_penalty(T l2, Size count, const T* w, T* g) {
  Vec<T> square{};
  const T penalty = 2 * l2;
  for (Size k = 0; k < count; k += lanes<T>) {
    const Vec<T> gradient = load(g + k) + penalty * load(w + k);
    store(g + k, gradient);
    square += gradient * gradient;
  }
  return sum_lanes<T>(square);
}

template <class T>
void scale_by(T factor, Size count, T* g) {
  for (Size k = 0; k < count; k += lanes<T>) store(g + k, factor * load(g + k));
}

// average (count) += share (w - average).
template <class T>
void move_towards(T share, Size count, const T* w, T* average) {
  for (Size k = 0; k < count; k += lanes<T>) {
    const Vec<T> before = load(average + k);
    store(average + k, before + share * (load(w + k) - before));
  }
}

// w, m, v, g (count) : g += 2 l2 w, then
//   Adam      m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  w -= rate m / (sqrt(v) + epsilon)
//   SGD       m = mu m + g;  w -= rate m, or with Nesterov w -= rate (g + mu m)
//             (Sutskever et al., ICML 2013, in the form of PyTorch's SGD)
// and with either, from the same w, decoupled weight decay: w -= rate decay w (Loshchilov and Hutter, ICLR
// 2019, algorithms 1 and 2, in the form of PyTorch's AdamW).
// The padding of every array is zero and stays zero. The sums, where they are wanted, are those of the gradient of
// the whole objective (g), of the update and of the new w.
// Operations: about 30 a number (Adam). Bytes: 7 sizeof(T) a number (Adam), 5 (SGD).
template <class T, bool IsAdam, bool Sums>
StepSums update_with(const StepSize<T>& size, T l2, Size count, T* w, T* m, T* v, const T* g) {
  Vec<T> gradient_square{}, update_square{}, weight_square{};
  const T penalty = 2 * l2, keep1 = 1 - size.beta1, keep2 = 1 - size.beta2;
  for (Size k = 0; k < count; k += lanes<T>) {
    Vec<T> weight = load(w + k);
    const Vec<T> gradient = load(g + k) + penalty * weight;
    Vec<T> step;
    if constexpr (IsAdam) {
      const Vec<T> first = size.beta1 * load(m + k) + keep1 * gradient;
      const Vec<T> second = size.beta2 * load(v + k) + keep2 * (gradient * gradient);
      store(m + k, first);
      store(v + k, second);
      step = first / (root_for_step<T>(second) + size.epsilon);
    } else {
      const Vec<T> first = size.momentum * load(m + k) + gradient;
      store(m + k, first);
      step = size.nesterov ? gradient + size.momentum * first : first;
    }
    step += size.decay * weight;
    weight -= size.rate * step;
    store(w + k, weight);
    if constexpr (Sums) {
      gradient_square += gradient * gradient;
      update_square += step * step;
      weight_square += weight * weight;
    }
  }
  if constexpr (!Sums) return {};
  const double rate = static_cast<double>(size.rate);
  return {sum_lanes<T>(gradient_square), rate * rate * sum_lanes<T>(update_square),
          sum_lanes<T>(weight_square)};
}

template <class T, bool Sums>
StepSums update(Optimizer optimizer, const StepSize<T>& size, T l2, Size count, T* w, T* m, T* v,
                const T* g) {
  return optimizer != Optimizer::sgd ? update_with<T, true, Sums>(size, l2, count, w, m, v, g)
                                     : update_with<T, false, Sums>(size, l2, count, w, m, v, g);
}

}  // namespace levelset::LEVELSET_PATH
