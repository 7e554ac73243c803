// Activations, their derivatives, and what is observed of them.
//
// Each derivative is written in the activation's own output a, which is all that is kept:
//   identity 1;  sigmoid a (1 - a);  tanh 1 - a^2;  relu [a > 0] (so relu'(0) = 0).
#pragma once

#include <type_traits>

#include "elementary.hpp"
#include "gemm.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

template <class T>
struct Identity {
  static constexpr bool saturates = false, dies = false;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return z; }
  static Vec<T> times_derivative(Vec<T> d, Vec<T>) { return d; }
};

template <class T>
struct Sigmoid {
  static constexpr bool saturates = true, dies = false;
  static constexpr T at_zero = T(0.5);
  static constexpr T centre = T(0.5), saturated_beyond = T(0.475);  // outside [0.025, 0.975]
  // Error below 3 ulp for |z| below -Format<T>::exp_lowest.
  static Vec<T> value(Vec<T> z) { return 1 / (1 + exponential<T>(-z)); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a) { return d * (a * (1 - a)); }
};

template <class T>
struct Tanh {
  static constexpr bool saturates = true, dies = false;
  static constexpr T at_zero = 0;
  static constexpr T centre = 0, saturated_beyond = T(0.95);
  // tanh z = u / (u + 2) with u = e^2z - 1: exact near 0, where e^2z alone would cancel. Error below
  // 4 ulp.
  static Vec<T> value(Vec<T> z) {
    const Vec<T> limit = broadcast<T>(sizeof(T) == 4 ? T(10) : T(20));
    z = smaller(larger(z, -limit), limit);
    const Vec<T> u = exponential_minus_one<T>(2 * z);
    return u / (u + 2);
  }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a) { return d * (1 - a * a); }
};

template <class T>
struct Relu {
  static constexpr bool saturates = false, dies = true;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return larger(z, Vec<T>{}); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a) { return a > Vec<T>{} ? d : Vec<T>{}; }
};

template <class T, class F>
[[gnu::always_inline]] inline void with_activation(Activation activation, F&& use) {
  switch (activation) {
    case Activation::identity:
      return use(Identity<T>{});
    case Activation::sigmoid:
      return use(Sigmoid<T>{});
    case Activation::tanh:
      return use(Tanh<T>{});
    case Activation::relu:
      return use(Relu<T>{});
  }
}

// a (b, o) = activation(a), in place; the padding stays zero.
// Bytes: 2 sizeof(T) a number.
template <class T>
void activate(Activation activation, Size rows, Size columns, T* a, Size stride) {
  with_activation<T>(activation, [&](auto f) {
    if constexpr (std::is_same_v<decltype(f), Identity<T>>) return;
    for (Size row = 0; row < rows; ++row, a += stride) {
      for (Size column = 0; column < columns; column += lanes<T>) {
        store(a + column, f.value(load(a + column)));
      }
      if constexpr (f.at_zero != 0) {
        for (Size column = columns; column % lanes<T> != 0; ++column) a[column] = 0;
      }
    }
  });
}

// d (b, o) = d * activation'(a), in place. With dropout, `a` holds mask * a and the derivative is that of
// both: mask * activation'(a); where the mask is 0 any finite derivative will do.
template <class T>
void multiply_by_derivative(Activation activation, Size rows, Size columns, const T* a, const T* mask,
                            T* d, Size stride) {
  with_activation<T>(activation, [&](auto f) {
    for (Size row = 0; row < rows; ++row) {
      for (Size k = row * stride; k < row * stride + columns; k += lanes<T>) {
        Vec<T> output = load(a + k), gradient = load(d + k);
        if (mask) {
          const Vec<T> kept = load(mask + k);
          gradient *= kept;
          output = kept > Vec<T>{} ? output / kept : Vec<T>{};
        }
        store(d + k, f.times_derivative(gradient, output));
      }
    }
  });
}

// Adds one batch to what an epoch knows of a layer's units: the largest output of each unit (ReLU), or the
// number of outputs in the flat ends of the activation (sigmoid, tanh). Bytes: sizeof(T) a number.
template <class T>
void observe(Activation activation, Size rows, Size columns, const T* a, Size stride, T* largest,
             double& saturated) {
  with_activation<T>(activation, [&](auto f) {
    if constexpr (f.dies) {
      for (Size column = 0; column < columns; column += lanes<T>) {
        Vec<T> most = load(largest + column);
        for (Size row = 0; row < rows; ++row) most = larger(most, load(a + row * stride + column));
        store(largest + column, most);
      }
    } else if constexpr (f.saturates) {
      Vec<T> count{};
      const Vec<T> one = broadcast<T>(1), width = broadcast<T>(f.saturated_beyond);
      for (Size row = 0; row < rows; ++row, a += stride) {
        for (Size column = 0; column < columns; column += lanes<T>) {
          const Vec<T> away = load(a + column) - f.centre;
          count += (away > width) | (away < -width) ? one : Vec<T>{};
        }
        // The zeros of the padding lie in a sigmoid's flat end.
        if constexpr (f.at_zero != 0) {
          saturated -= static_cast<double>((lanes<T> - columns % lanes<T>) % lanes<T>);
        }
      }
      saturated += sum_lanes<T>(count);
    }
  });
}

}  // namespace levelset::LEVELSET_PATH
