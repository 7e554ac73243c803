// The losses, moments, random numbers and shared regions of one instruction set, against loops. Compiled as
// test_products.cpp is.
#include <cmath>

#include "buffers.hpp"
#include "heads.hpp"
#include "propagation.hpp"
#include "tally.hpp"

namespace levelset::LEVELSET_PATH {
namespace {

template <class T>
bool softmax_is_right(Size rows, Size classes) {
  Numbers numbers;
  const Size stride = padded<T>(classes);
  Buffer<T> logits(rows * stride), z(rows * stride), scratch(padded<T>(classes) * lanes<T>);
  Buffer<std::int32_t> labels(rows);
  fill(logits, rows, classes, stride, numbers);
  for (Size k = 0; k < z.size(); ++k) z[k] = logits[k];
  for (Size r = 0; r < rows; ++r) labels[r] = static_cast<std::int32_t>(r * 7 % classes);
  const LossSums sums = softmax_cross_entropy<T>(
      rows, classes, z.data(), stride, Targets<T>{labels.data(), nullptr}, T(0.5), scratch.data());
  const double tolerance = sizeof(T) == 4 ? 2e-6 : 1e-14;
  double loss = 0;
  int correct = 0;
  bool right = true;
  for (Size r = 0; r < rows; ++r) {
    const T* row = logits.data() + r * stride;
    double total = 0;
    Size first_largest = 0;
    for (Size c = 0; c < classes; ++c) {
      total += std::exp(static_cast<double>(row[c]));
      if (row[c] > row[first_largest]) first_largest = c;
    }
    loss += std::log(total) - static_cast<double>(row[labels[r]]);
    correct += first_largest == labels[r];
    for (Size c = 0; c < stride; ++c) {
      const double q = c < classes ? std::exp(static_cast<double>(row[c])) / total : 0;
      const double expected = 0.5 * (q - (c == labels[r]));
      right = right && std::abs(static_cast<double>(z[r * stride + c]) - expected) < tolerance;
    }
  }
  return right && std::abs(sums.loss - loss) < tolerance * static_cast<double>(rows) * 10 &&
         sums.correct == correct;
}

template <class T>
void test_softmax(Tally& tally) {
  for (const Size rows : kSizes) {
    for (Size classes = 2; classes <= 40; ++classes) {
      tally.check(softmax_is_right<T>(rows, classes), "softmax and cross-entropy equal their loops");
    }
  }
}

// A mixed row's loss and gradient are those of its two labels in their shares; a row without a label has none.
template <class T>
void test_mixed_softmax(Tally& tally) {
  constexpr Size rows = 5, classes = 3, stride = padded<T>(classes);
  const std::int32_t first[rows] = {0, 2, -1, 1, 1}, second[rows] = {1, 2, 0, 0, 1};
  const T weights[rows] = {1, 2, 1, T(0.5), 1}, share_of_row = T(0.25);
  Numbers numbers;
  Buffer<T> z(rows * stride), one(rows * stride), other(rows * stride), scratch(stride * lanes<T>);
  fill(z, rows, classes, stride, numbers);
  for (Size k = 0; k < z.size(); ++k) one[k] = other[k] = z[k];
  const auto loss = [&](Buffer<T>& logits, const std::int32_t* labels, const std::int32_t* mixed) {
    const Targets<T> targets{labels, weights, T(0.1), mixed, mixed ? share_of_row : T(1)};
    return softmax_cross_entropy<T>(rows, classes, logits.data(), stride, targets, T(1),
                                    scratch.data());
  };
  const std::int32_t second_known[rows] = {1, 2, -1, 0, 1};
  const LossSums mixed = loss(z, first, second), a = loss(one, first, nullptr);
  const LossSums b = loss(other, second_known, nullptr);
  bool right = true;
  for (Size k = 0; k < z.size(); ++k) {
    right = right && std::abs(z[k] - (share_of_row * one[k] + (1 - share_of_row) * other[k])) < 1e-6;
  }
  tally.check(right, "the gradient of mixed rows is the mix of their gradients");
  tally.check(std::abs(mixed.loss - (0.25 * a.loss + 0.75 * b.loss)) < 1e-5, "and so is their loss");
  tally.check(mixed.counted == 4 && mixed.weight == 4.5, "a row without a label is not counted");
}

// The losses of numbers against their formulas, a missing row among them.
template <class T>
void test_losses_of_numbers(Tally& tally) {
  for (const Size columns : {1, 3, 17}) {
    constexpr Size rows = 4;
    const Size stride = padded<T>(columns);
    Numbers numbers;
    Buffer<T> outputs(rows * stride), z(rows * stride), y(rows * stride);
    fill(outputs, rows, columns, stride, numbers);
    for (Size k = 0; k < z.size(); ++k) {
      z[k] = outputs[k];
      y[k] = k % 3 == 0 && outputs[k] != 0;
    }
    for (Size c = 0; c < columns; ++c) y[2 * stride + c] = static_cast<T>(__builtin_nan(""));
    const LossSums sums = numbers_loss<T>(SigmoidCrossEntropy<T>{}, rows, columns, z.data(), stride,
                                          y.data(), nullptr, T(2));
    double loss = 0;
    bool right = true;
    for (Size r = 0; r < rows; ++r) {
      for (Size c = 0; c < stride; ++c) {
        const auto output = static_cast<double>(outputs[r * stride + c]);
        const double q = 1 / (1 + std::exp(-output)), target = static_cast<double>(y[r * stride + c]);
        const bool counts = r != 2 && c < columns;
        if (counts) loss -= target * std::log(q) + (1 - target) * std::log(1 - q);
        const double expected = counts ? 2 * (q - target) : 0;
        right = right && std::abs(static_cast<double>(z[r * stride + c]) - expected) < 2e-6;
      }
    }
    tally.check(right, "the sigmoid's gradient is that of its formula");
    tally.check(std::abs(sums.loss - loss) < 1e-4, "and so is its loss");
    tally.check(sums.weight == 3 && sums.counted == 3 * static_cast<double>(columns),
                "a missing row is not counted");
    for (Size k = 0; k < z.size(); ++k) z[k] = outputs[k];
    numbers_loss<T>(SquaredError<T>{}, rows, columns, z.data(), stride, y.data(), nullptr, T(1));
    right = true;
    for (Size r = 0; r < rows; ++r) {
      for (Size c = 0; c < columns; ++c) {
        const Size k = r * stride + c;
        right = right && z[k] == (r == 2 ? T(0) : 2 * (outputs[k] - y[k]));
      }
    }
    tally.check(right, "the squared error's gradient is that of its formula");
  }
}

template <class T>
void test_column_moments(Tally& tally) {
  for (const Size rows : kSizes) {
    for (const Size columns : kSizes) {
      Numbers numbers;
      const Size stride = padded<T>(columns);
      Buffer<T> z(rows * stride), mean(stride), variance(stride);
      fill(z, rows, columns, stride, numbers);
      Alone team;
      column_moments<T>(team, rows, stride, z.data(), mean.data(), variance.data());
      bool right = true;
      for (Size c = 0; c < stride; ++c) {
        double centre = 0, square = 0;
        for (Size r = 0; r < rows; ++r) centre += static_cast<double>(z[r * stride + c]);
        centre /= static_cast<double>(rows);
        for (Size r = 0; r < rows; ++r) {
          square += std::pow(static_cast<double>(z[r * stride + c]) - centre, 2);
        }
        right = right && std::abs(static_cast<double>(mean[c]) - centre) < 1e-6 &&
                std::abs(static_cast<double>(variance[c]) - square / static_cast<double>(rows)) < 1e-5;
      }
      tally.check(right, "the moments of columns equal their loops");
    }
  }
}

// A region is done whole and once, however it is cut; and not at all once the run is cancelled.
void test_share(Tally& tally) {
  constexpr Size count = 1000;
  Buffer<int> done(count);
  std::atomic<bool> cancelled{false};
  Team team;
  team.cancelled = &cancelled;
  const auto run = [&](Size cost) {
    share(team, count, 7, cost, [&](Size first, Size last) {
      for (Size k = first; k < last; ++k) ++done[k];
    });
  };
  run(1);
  run(kMostWork / 10);
  team.helpers = 2;
  run(kLeastWork);
  run(kMostWork * 3);
  bool right = true;
  for (Size k = 0; k < count; ++k) right = right && done[k] == 4;
  tally.check(right, "a shared region is done whole and once");
  cancelled = true;
  run(kMostWork);
  right = true;
  for (Size k = 0; k < count; ++k) right = right && done[k] == 4;
  tally.check(right, "a cancelled region is left");
}

// Random123's kat_vectors of philox4x32-10.
void test_philox(Tally& tally) {
  struct Known {
    std::uint32_t counter[4], key[2], words[4];
  };
  constexpr Known known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}},
      {{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
       {0xFFFFFFFF, 0xFFFFFFFF},
       {0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}},
      {{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344},
       {0xA4093822, 0x299F31D0},
       {0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}},
  };
  const UWords zero{};
  for (const Known& vector : known) {
    const Block block =
        philox(zero + vector.counter[0], zero + vector.counter[1], zero + vector.counter[2],
               zero + vector.counter[3], vector.key[0], vector.key[1]);
    bool right = true;
    for (int w = 0; w < 4; ++w) {
      for (int lane = 0; lane < lanes<float>; ++lane) {
        right = right && block.word[w][lane] == vector.words[w];
      }
    }
    tally.check(right, "Philox gives the known answer in every lane");
  }
}

void test_streams(Tally& tally) {
  const Stream stream{0x123456789ABCDEFu, Purpose::dropout, 3, 5, 7};
  Buffer<std::uint32_t> all(4 * kGroup), later(kGroup);
  fill_words(stream, 4 * kGroup, all.data());
  const UWords zero{};
  bool right = true;
  for (std::uint32_t number = 0; number < 4 * kGroup / 4; ++number) {
    const Block block =
        philox(zero + number, zero + 7u, zero + 5u, zero + (3u << 24 | 3u), 0x89ABCDEFu, 0x1234567u);
    for (Size w = 0; w < 4; ++w) {
      right = right && all[number / 16 * kGroup + 16 * w + number % 16] == block.word[w][0];
    }
  }
  tally.check(right, "a stream is the blocks of its address");
  fill_words(stream, kGroup, later.data(), 2);
  right = true;
  for (Size k = 0; k < kGroup; ++k) right = right && later[k] == all[2 * kGroup + k];
  tally.check(right, "a stream may be read from any group");
}

void test_shuffle(Tally& tally) {
  for (const std::int32_t n : {1, 2, 3, 63, 64, 65, 1000}) {
    Buffer<std::int32_t> order(n), seen(n);
    Buffer<std::uint32_t> scratch(rounded_to_groups(n));
    shuffle({9, Purpose::batch_order, 0, 1, 0}, n, order.data(), scratch.data());
    bool right = true;
    for (Size k = 0; k < n; ++k) {
      right = right && order[k] >= 0 && order[k] < n && seen[order[k]]++ == 0;
    }
    tally.check(right, "a shuffled order holds every row once");
  }
}

template <class T>
void test_drop(Tally& tally) {
  for (const Size rows : {1, 3, 40}) {
    for (const Size units : {1, 17, 64, 130}) {
      const Size count = rows * padded<T>(units);
      Buffer<T> mask(count), outputs(count);
      Buffer<std::uint32_t> words(words_to_drop(count));
      for (Size k = 0; k < count; ++k) outputs[k] = 3;
      Alone team;
      drop<T>(team, {1, Purpose::dropout, 0, 0, 0}, 0.25, count, outputs.data(), mask.data(),
              words.data());
      const T kept = static_cast<T>(1 / 0.75);
      bool right = true;
      for (Size k = 0; k < count; ++k) {
        right = right && (mask[k] == 0 || mask[k] == kept) && outputs[k] == 3 * mask[k];
      }
      tally.check(right, "an output is dropped, or kept and scaled");
    }
  }
}

template <class T>
void test_numbers(Tally& tally) {
  test_softmax<T>(tally);
  test_mixed_softmax<T>(tally);
  test_losses_of_numbers<T>(tally);
  test_column_moments<T>(tally);
  test_drop<T>(tally);
}

}  // namespace

void test_kernels(Tally& tally) {
  test_numbers<float>(tally);
  test_numbers<double>(tally);
  test_share(tally);
  test_philox(tally);
  test_streams(tally);
  test_shuffle(tally);
}

}  // namespace levelset::LEVELSET_PATH
