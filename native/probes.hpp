// What the tests look into: the vector functions and the random words.
#pragma once

#include "activations.hpp"
#include "optimizers.hpp"
#include "random.hpp"

namespace levelset::LEVELSET_PATH {

template <class T>
void elementary(Elementary function, std::int64_t count, const T* x, T* y) {
  for (Size k = 0; k < count; k += lanes<T>) {
    T buffer[lanes<T>] = {};
    const Size here = count - k < lanes<T> ? count - k : lanes<T>;
    __builtin_memcpy(buffer, x + k, static_cast<std::size_t>(here) * sizeof(T));
    Vec<T> v = load(buffer), other;
    switch (function) {
      case Elementary::exponential:
        v = exponential<T>(v);
        break;
      case Elementary::exponential_minus_one:
        v = exponential_minus_one<T>(v);
        break;
      case Elementary::logarithm:
        v = logarithm<T>(v);
        break;
      case Elementary::cosine_of_turn:
        cosine_sine_of_turn<T>(v, v, other);
        break;
      case Elementary::sine_of_turn:
        cosine_sine_of_turn<T>(v, other, v);
        break;
      case Elementary::sigmoid:
        v = Sigmoid<T>::value(v);
        break;
      case Elementary::tanh:
        v = Tanh<T>::value(v);
        break;
      case Elementary::root:
        v = root_for_step<T>(v);
        break;
      case Elementary::logarithm_of_one_plus:
        v = logarithm_of_one_plus<T>(v);
        break;
      case Elementary::complementary_error_function:
        v = complementary_error_function<T>(v);
        break;
      case Elementary::normal_distribution:
        v = normal_distribution<T>(v);
        break;
    }
    store(buffer, v);
    __builtin_memcpy(y + k, buffer, static_cast<std::size_t>(here) * sizeof(T));
  }
}

inline void random_words(std::uint64_t seed, std::uint32_t purpose, std::uint32_t layer,
                         std::uint32_t epoch, std::uint32_t step, std::int64_t count,
                         std::uint32_t* words) {
  fill_words({seed, static_cast<Purpose>(purpose), layer, epoch, step}, count, words);
}

}  // namespace levelset::LEVELSET_PATH
