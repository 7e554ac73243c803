// Initial weights: uniform on [-s, s], normal with standard deviation s, or orthogonal times s.
#pragma once

#include "perturbations.hpp"
#include "plan.hpp"

namespace levelset::LEVELSET_PATH {

// Fills `count` numbers of N(0, 1), or of the uniform distribution on [-1, 1]: words w_k and w_{k+32} of a
// group of 64 give numbers k and k + 32.
// A cancelled run leaves them unfinished.
inline void draw(const Stream& stream, Distribution distribution, std::int64_t count, double* numbers,
                 const Team& team) {
  constexpr double unit = 1.0 / 4294967296.0;  // 2^-32
  std::uint32_t words[kGroup];
  for (std::int64_t done = 0, group = 0; done < count && !is_cancelled(team); ++group) {
    fill_words(stream, kGroup, words, group);
    double drawn[kGroup];
    for (int k = 0; k < kGroup / 2; k += lanes<double>) {
      Vec<double> u, v;
      for (int lane = 0; lane < lanes<double>; ++lane) {
        u[lane] = words[k + lane];
        v[lane] = words[kGroup / 2 + k + lane];
      }
      Vec<double> first, second;
      if (distribution == Distribution::uniform) {
        first = (2 * unit) * (u + 0.5) - 1;
        second = (2 * unit) * (v + 0.5) - 1;
      } else {
        normal_pair<double>((u + 1) * unit, v * unit, first, second);
      }
      store(drawn + k, first);
      store(drawn + kGroup / 2 + k, second);
    }
    for (int k = 0; k < kGroup && done < count; ++k, ++done) numbers[done] = drawn[k];
  }
}

// Makes `count` vectors of `length` numbers orthonormal, in order, by Gram and Schmidt, each one twice over
// (Giraud, Langou and Rozloznik, 2005: twice is enough). Number k of vector v stands at
// v * vector_stride + k * stride. Of normal numbers it makes a matrix that is uniform among all such
// (Mezzadri, Notices of the AMS 54, 2007, section 5), since each vector keeps its side.
// A cancelled run leaves them unfinished.
inline void orthonormalize(std::int64_t count, std::int64_t length, double* numbers,
                           std::int64_t vector_stride, std::int64_t stride, const Team& team) {
  const auto dot = [&](std::int64_t a, std::int64_t b) {
    double sum = 0;
    for (std::int64_t k = 0; k < length; ++k) {
      sum += numbers[a * vector_stride + k * stride] * numbers[b * vector_stride + k * stride];
    }
    return sum;
  };
  for (std::int64_t v = 0; v < count && !is_cancelled(team); ++v) {
    for (int time = 0; time < 2; ++time) {
      for (std::int64_t before = 0; before < v; ++before) {
        const double share = dot(v, before);
        for (std::int64_t k = 0; k < length; ++k) {
          numbers[v * vector_stride + k * stride] -=
              share * numbers[before * vector_stride + k * stride];
        }
      }
    }
    const double scale = 1 / __builtin_sqrt(dot(v, v));
    for (std::int64_t k = 0; k < length; ++k) numbers[v * vector_stride + k * stride] *= scale;
  }
}

// W (i, o) of a layer, by rows. Drawn in float64 whatever T is, so that a seed gives the same network in both
// precisions up to rounding. Orthogonal (Saxe, McClelland and Ganguli, ICLR 2014, section 3): orthonormal
// columns where i >= o, else orthonormal rows.
template <class T>
void draw_weights(const LayerPlan& layer, const Stream& stream, T* weights, const Team& team) {
  const std::int64_t rows = layer.inputs, columns = layer.outputs, count = rows * columns;
  auto* const numbers = new double[static_cast<std::size_t>(count)];
  draw(stream, layer.initial, count, numbers, team);
  if (layer.initial == Distribution::orthogonal) {
    if (rows >= columns) {
      orthonormalize(columns, rows, numbers, 1, columns, team);
    } else {
      orthonormalize(rows, columns, numbers, columns, 1, team);
    }
  }
  for (std::int64_t row = 0; row < rows && !is_cancelled(team); ++row) {
    for (std::int64_t k = row * columns; k < (row + 1) * columns; ++k) {
      weights[k] = static_cast<T>(layer.initial_scale * numbers[k]);
    }
  }
  delete[] numbers;
}

}  // namespace levelset::LEVELSET_PATH
