// The rows that a network sees at once: gathered from the table, mixed and disturbed.
#pragma once

#include "layers.hpp"

namespace levelset::LEVELSET_PATH {

// Copies n numbers; may write whole vectors past `to + n`, and reads none past `from + n`.
template <class T>
inline void copy_row(const T* from, Size n, T* to) {
  Size k = 0;
  for (; k + lanes<T> <= n; k += lanes<T>) store(to + k, load(from + k));
  if (k == n) return;
  if (n >= lanes<T>) {
    store(to + n - lanes<T>, load(from + n - lanes<T>));
  } else {
    for (; k < n; ++k) to[k] = from[k];
  }
}

// Copies rows of the table into the batch: the given ones, or `count` from `first`.
template <class T>
void gather(const Net<T>& net, const Table<T>& table, const std::int32_t* rows, Size first,
            Size count) {
  const auto row_of = [=](Size b) { return rows ? rows[b] : first + b; };
  const Size stride = padded<T>(table.columns);
  share(*net.team, count, kRowsTogether, kCopyWork * stride, [&](Size begin, Size end) {
    for (Size b = begin; b < end; ++b) {
      copy_row(table.features + row_of(b) * table.columns, table.columns, net.batch + b * stride);
    }
  });
  if (!table.targets) return;
  for (Size h = 0; h < net.heads; ++h) {
    const Head<T>& head = net.head[h];
    const Target<T>& target = table.targets[head.plan.target];
    for (Size b = 0; b < count; ++b) {
      if (head.labels) {
        head.labels[b] = target.labels[row_of(b)];
      } else {
        copy_row(target.values + row_of(b) * target.columns, target.columns,
                 head.values + b * head.stride());
      }
    }
  }
}

// The weights of the gathered rows: that of the row times that of its class.
template <class T>
void gather_weights(const Net<T>& net, const Table<T>& table, const double* class_weights,
                    const std::int32_t* rows, Size count) {
  if (!net.row_weights) return;
  for (Size b = 0; b < count; ++b) {
    double weight = table.weights ? static_cast<double>(table.weights[rows[b]]) : 1;
    const std::int32_t label = class_weights ? net.head[0].labels[b] : -1;
    if (label >= 0) weight *= class_weights[label];
    net.row_weights[b] = static_cast<T>(weight);
  }
}

// Where the random numbers of a training step stand.
struct Moment {
  std::uint64_t seed;
  std::uint32_t epoch, step;

  Stream stream(Purpose purpose, Size layer = 0) const {
    return {seed, purpose, static_cast<std::uint32_t>(layer), epoch, step};
  }
};

// to (rows, stride) = share of itself + (1 - share) of its partner in `from`.
template <class T>
void mix_rows(Size rows, Size stride, T share_of_row, const std::int32_t* partners, const T* from,
              T* to) {
  for (Size b = 0; b < rows; ++b) {
    for (Size k = 0; k < stride; ++k) {
      to[b * stride + k] =
          share_of_row * from[b * stride + k] + (1 - share_of_row) * from[partners[b] * stride + k];
    }
  }
}

template <class T>
void mix_head(Head<T>& head, Size rows, T share_of_row, const std::int32_t* partners) {
  if (head.values) {
    const auto bytes = static_cast<std::size_t>(rows * head.stride()) * sizeof(T);
    __builtin_memcpy(head.unmixed, head.values, bytes);
    return mix_rows(rows, head.stride(), share_of_row, partners, head.unmixed, head.values);
  }
  for (Size b = 0; b < rows; ++b) head.mixed_with[b] = head.labels[partners[b]];
  for (Size b = 0; b < rows; ++b) {  // a target missing in either row is missing
    if (head.mixed_with[b] < 0) head.labels[b] = -1;
  }
}

// Mixup (Zhang, Cisse, Dauphin and Lopez-Paz, ICLR 2018): every row of the batch, its targets and its weight, with
// another row of it. One share, from Beta(alpha, alpha), and one permutation serve the whole batch.
template <class T>
void mix(double alpha, Net<T>& net, Size rows, const Moment& moment) {
  net.mixing = mixing_share(alpha, moment.stream(Purpose::mixing, 0));
  const T share_of_row = static_cast<T>(net.mixing);
  shuffle(moment.stream(Purpose::mixing, 1), static_cast<std::int32_t>(rows), net.partners, net.words);
  const Size stride = padded<T>(net.layer[0].inputs);
  __builtin_memcpy(net.unmixed, net.batch, static_cast<std::size_t>(rows * stride) * sizeof(T));
  mix_rows(rows, stride, share_of_row, net.partners, net.unmixed, net.batch);
  if (net.row_weights) {
    __builtin_memcpy(net.unmixed_weights, net.row_weights, static_cast<std::size_t>(rows) * sizeof(T));
    mix_rows(rows, 1, share_of_row, net.partners, net.unmixed_weights, net.row_weights);
  }
  for (Size h = 0; h < net.heads; ++h) mix_head(net.head[h], rows, share_of_row, net.partners);
}

// Gaussian noise on the gathered batch, then dropout.
template <class T>
void disturb_inputs(const Plan& plan, Net<T>& net, Size rows, const Moment& moment) {
  const Size columns = net.layer[0].inputs, stride = padded<T>(columns), count = rows * stride;
  if (plan.input_noise > 0) {
    add_noise<T>(*net.team, moment.stream(Purpose::input_noise), static_cast<T>(plan.input_noise),
                 count, net.batch, net.words);
    clear_padding(rows, columns, stride, net.batch);
  }
  if (net.input_mask) {
    drop<T>(*net.team, moment.stream(Purpose::input_dropout), plan.input_dropout, count, net.batch,
            net.input_mask, net.words);
  }
}

// Everything a training step does to rows before the network sees them.
template <class T>
void prepare_batch(const Plan& plan, Net<T>& net, const Table<T>& table, const Sight& sight,
                   const std::int32_t* rows, Size count, const Moment& moment) {
  gather<T>(net, table, rows, 0, count);
  gather_weights<T>(net, table, sight.class_weights, rows, count);
  if (plan.mixup > 0) mix(plan.mixup, net, count, moment);
  disturb_inputs<T>(plan, net, count, moment);
}

}  // namespace levelset::LEVELSET_PATH
