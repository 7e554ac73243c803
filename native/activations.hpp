// Activations, their derivatives, and what is observed of them.
//
// A derivative is written in the activation's own output a where it can be, so that the input z need not be
// kept: identity 1;  sigmoid a (1 - a);  tanh 1 - a^2;  relu [a > 0], so relu'(0) = 0;  leaky relu 1 or
// 0.01 at z <= 0;  elu 1 or a + 1;  selu s or a + s alpha;  softplus 1 - e^-a. GELU and SiLU keep z.
#pragma once

#include <type_traits>

#include "elementary.hpp"
#include "gemm.hpp"
#include "team.hpp"

namespace levelset::LEVELSET_PATH {

template <class T>
struct Identity {
  static constexpr bool saturates = false, dies = false, keeps_input = false;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return z; }
  static Vec<T> times_derivative(Vec<T> d, Vec<T>, Vec<T>) { return d; }
};

template <class T>
struct Sigmoid {
  static constexpr bool saturates = true, dies = false, keeps_input = false;
  static constexpr T at_zero = T(0.5);
  static constexpr T centre = T(0.5), saturated_beyond = T(0.475);  // outside [0.025, 0.975]
  // Error below 3 ulp for |z| below -Format<T>::exp_lowest.
  static Vec<T> value(Vec<T> z) { return 1 / (1 + exponential<T>(-z)); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) { return d * (a * (1 - a)); }
};

template <class T>
struct Tanh {
  static constexpr bool saturates = true, dies = false, keeps_input = false;
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
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) { return d * (1 - a * a); }
};

template <class T>
struct Relu {
  static constexpr bool saturates = false, dies = true, keeps_input = false;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return larger(z, Vec<T>{}); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) { return a > Vec<T>{} ? d : Vec<T>{}; }
};

template <class T>
struct LeakyRelu {
  static constexpr bool saturates = false, dies = false, keeps_input = false;
  static constexpr T at_zero = 0, slope = T(0.01);
  static Vec<T> value(Vec<T> z) { return z > Vec<T>{} ? z : slope * z; }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) { return a > Vec<T>{} ? d : slope * d; }
};

// Clevert, Unterthiner and Hochreiter (ICLR 2016), alpha = 1.
template <class T>
struct Elu {
  static constexpr bool saturates = false, dies = false, keeps_input = false;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return z > Vec<T>{} ? z : exponential_minus_one<T>(z); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) { return a > Vec<T>{} ? d : d * (a + 1); }
};

// Klambauer, Unterthiner, Mayr and Hochreiter (NeurIPS 2017), equation 2 and its constants.
template <class T>
struct Selu {
  static constexpr bool saturates = false, dies = false, keeps_input = false;
  static constexpr T at_zero = 0;
  static constexpr T scale = T(1.0507009873554804934193349852946);
  static constexpr T scaled_alpha =
      T(1.0507009873554804934193349852946 * 1.6732632423543772848170429916717);
  static Vec<T> value(Vec<T> z) {
    return z > Vec<T>{} ? scale * z : scaled_alpha * exponential_minus_one<T>(z);
  }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) {
    return d * (a > Vec<T>{} ? broadcast<T>(scale) : a + scaled_alpha);
  }
};

// z Phi(z) with the exact normal distribution function (Hendrycks and Gimpel, 2016, equation 1).
template <class T>
struct Gelu {
  static constexpr bool saturates = false, dies = false, keeps_input = true;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return z * normal_distribution<T>(z); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T>, Vec<T> z) {
    return d * (normal_distribution<T>(z) + z * normal_density<T>(z));
  }
};

// z sigmoid(z) (Elfwing, Uchibe and Doya, 2018; Ramachandran, Zoph and Le, 2017, as Swish).
template <class T>
struct Silu {
  static constexpr bool saturates = false, dies = false, keeps_input = true;
  static constexpr T at_zero = 0;
  static Vec<T> value(Vec<T> z) { return z * Sigmoid<T>::value(z); }
  static Vec<T> times_derivative(Vec<T> d, Vec<T>, Vec<T> z) {
    const Vec<T> share = Sigmoid<T>::value(z);
    return d * (share * (1 + z * (1 - share)));
  }
};

// ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|).
template <class T>
struct Softplus {
  static constexpr bool saturates = false, dies = false, keeps_input = false;
  static constexpr T at_zero = T(0.69314718055994531);
  static Vec<T> value(Vec<T> z) {
    const Vec<T> distance = larger(z, -z);
    return larger(z, Vec<T>{}) + logarithm_of_one_plus<T>(exponential<T>(-distance));
  }
  static Vec<T> times_derivative(Vec<T> d, Vec<T> a, Vec<T>) {
    return d * -exponential_minus_one<T>(-a);
  }
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
    case Activation::leaky_relu:
      return use(LeakyRelu<T>{});
    case Activation::elu:
      return use(Elu<T>{});
    case Activation::selu:
      return use(Selu<T>{});
    case Activation::gelu:
      return use(Gelu<T>{});
    case Activation::silu:
      return use(Silu<T>{});
    case Activation::softplus:
      return use(Softplus<T>{});
  }
}

inline bool keeps_input(Activation activation) {
  return activation == Activation::gelu || activation == Activation::silu;
}

// Puts back the zeros of a row's padding where activation(0) is something else.
template <class T, class F>
[[gnu::always_inline]] inline void clear_padding_of_row(F f, Size columns, T* a) {
  if constexpr (f.at_zero != 0) {
    for (Size column = columns; column % lanes<T> != 0; ++column) a[column] = 0;
  }
}

// a (b, o) = activation(z); z may be a itself. The padding stays zero. Bytes: 2 sizeof(T) a number.
template <class T>
void activate(Team& team, Activation activation, Size rows, Size columns, const T* z, T* a,
              Size stride) {
  with_activation<T>(activation, [&](auto f) {
    if (std::is_same_v<decltype(f), Identity<T>> && z == a) return;
    share(team, rows, kRowsTogether, 20 * columns, [=](Size first, Size last) {
      for (Size row = first; row < last; ++row) {
        for (Size k = row * stride; k < row * stride + columns; k += lanes<T>) {
          store(a + k, f.value(load(z + k)));
        }
        clear_padding_of_row(f, columns, a + row * stride);
      }
    });
  });
}

// d (b, o) = d * activation'(z), in place; z is null where a tells all. With dropout, `a` holds mask * a and the
// derivative is that of both: mask * activation'(z), a being `kept` (1 without dropout) times what the mask let
// through; where the mask is 0 any finite derivative will do.
template <class T>
void multiply_by_derivative(Team& team, Activation activation, Size rows, Size columns, const T* a,
                            const T* z, const T* mask, T kept, T* d, Size stride) {
  with_activation<T>(activation, [&](auto f) {
    share(team, rows, kRowsTogether, 20 * columns, [=](Size first, Size last) {
      for (Size row = first; row < last; ++row) {
        for (Size k = row * stride; k < row * stride + columns; k += lanes<T>) {
          Vec<T> output = load(a + k), gradient = load(d + k);
          if (mask) {
            gradient *= load(mask + k);
            output *= kept;
          }
          const Vec<T> input = f.keeps_input ? load(z + k) : output;
          store(d + k, f.times_derivative(gradient, output, input));
        }
      }
    });
  });
}

// ReLU and its derivative applied by the product that makes their argument, while it is in registers.
template <class T>
struct ThenRelu {
  Vec<T> operator()(Vec<T> z, Size) const { return Relu<T>::value(z); }
};

template <class T>
struct ThenReluDerivative {
  const T* a;  // the layer's outputs, laid out like the result
  Vec<T> operator()(Vec<T> d, Size at) const { return load(a + at) > Vec<T>{} ? d : Vec<T>{}; }
};

// The same with dropout: a unit that was dropped has the output 0 too.
template <class T>
struct ThenDroppedReluDerivative {
  const T* a;
  T mask;  // where a unit was kept
  Vec<T> operator()(Vec<T> d, Size at) const { return load(a + at) > Vec<T>{} ? mask * d : Vec<T>{}; }
};

template <class T>
inline bool all_positive(Vec<T> value, Size count) {
  bool positive = true;
  for (int lane = 0; lane < lanes<T> && lane < count; ++lane) positive &= value[lane] > 0;
  return positive;
}

// Adds one batch to what an epoch knows of a layer's units: the largest output of each unit (ReLU), or the
// number of outputs in the flat ends of the activation (sigmoid, tanh). Bytes: sizeof(T) a number.
template <class T>
void observe(Team& team, Activation activation, Size rows, Size columns, const T* a, Size stride,
             T* largest, bool* alive, double& saturated) {
  with_activation<T>(activation, [&](auto f) {
    if constexpr (f.dies) {
      const auto look = [=](Size first, Size last) {
        for (Size group = first; group < last; ++group) {
          if (alive[group]) continue;  // each of these units is known to live
          const Size column = group * lanes<T>;
          Vec<T> most = load(largest + column);
          for (Size row = 0; row < rows; ++row) most = larger(most, load(a + row * stride + column));
          store(largest + column, most);
          alive[group] = all_positive<T>(most, columns - column);
        }
      };
      const Size groups = (columns + lanes<T> - 1) / lanes<T>;
      Size unknown = 0;
      for (Size group = 0; group < groups; ++group) unknown += !alive[group];
      if (unknown > 0) share(team, groups, 64 / lanes<T>, rows * kCopyWork, look);
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
