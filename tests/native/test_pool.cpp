// The pool runs every job once, and ends in order whatever throws.
#include <atomic>
#include <stdexcept>
#include <string>

#include "pool.hpp"
#include "tally.hpp"

namespace levelset {
namespace {

constexpr std::int64_t kJobs = 200;

// The sanitizers end the program where memory runs out.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

void every_job_runs_once(int threads, Tally& tally) {
  std::vector<std::atomic<int>> runs(kJobs);
  std::atomic<int> misaligned{0};
  std::atomic<int> idle{0}, strangers{0};
  bool saw_the_end = false;
  run_pool(
      kJobs, threads, 100,
      [&](std::int64_t job, int thread, void* workspace) {
        ++runs[static_cast<std::size_t>(job)];
        strangers += thread < 0 || thread >= threads;
        static_cast<char*>(workspace)[99] = 1;
        misaligned += reinterpret_cast<std::uintptr_t>(workspace) % 64 != 0;
      },
      [&] { ++idle; },
      [&] {
        int total = 0;
        for (const auto& count : runs) total += count;
        saw_the_end = total == kJobs;
      },
      [] {});
  bool once = true;
  for (const auto& count : runs) once = once && count == 1;
  tally.check(once, "every job runs once");
  tally.check(idle == threads && strangers == 0, "every thread has a number, and ends up idle once");
  tally.check(misaligned == 0, "a workspace is aligned to a cache line");
  tally.check(saw_the_end, "the watch's last call comes after the last job");
}

void job_that_throws(int threads, Tally& tally) {
  std::atomic<int> done{0}, stops{0};
  std::string message;
  try {
    run_pool(
        kJobs, threads, 1,
        [&](std::int64_t job, int, void*) {
          if (job == 5) throw std::runtime_error("job 5");
          ++done;
        },
        [] {}, [] {}, [&] { ++stops; });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  tally.check(message == "job 5", "a job's exception reaches the caller");
  tally.check(stops >= 1, "the others are told to stop");
  tally.check(done >= 5 && done < kJobs, "no job starts after it");
}

void watch_that_throws(int threads, Tally& tally) {
  std::atomic<bool> stopped{false};
  std::string message;
  try {
    run_pool(
        4, threads, 1,
        [&](std::int64_t, int, void*) {
          while (!stopped) std::this_thread::yield();
        },
        [] {}, [] { throw std::runtime_error("watch"); }, [&] { stopped = true; });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  tally.check(message == "watch", "the watch's exception reaches the caller, and every thread ends");
}

void everything_throws(int threads, Tally& tally) {
  int caught = 0;
  for (int repeat = 0; repeat < 20; ++repeat) {
    try {
      run_pool(
          kJobs, threads, 1, [](std::int64_t, int, void*) { throw std::runtime_error("job"); }, [] {},
          [] { throw std::runtime_error("watch"); }, [] {});
    } catch (const std::runtime_error&) {
      ++caught;
    }
  }
  tally.check(caught == 20, "one exception reaches the caller when all throw");
}

void too_much_memory(int threads, Tally& tally) {
  bool refused = false;
  try {
    run_pool(
        kJobs, threads, std::int64_t{1} << 60, [](std::int64_t, int, void*) {}, [] {}, [] {}, [] {});
  } catch (const std::bad_alloc&) {
    refused = true;
  }
  tally.check(refused, "a workspace that does not fit is an exception of the caller");
}

}  // namespace

void test_pool(Tally& tally) {
  for (const int threads : {1, 2, 7, 300}) {
    every_job_runs_once(threads, tally);
    job_that_throws(threads, tally);
    watch_that_throws(threads, tally);
    everything_throws(threads, tally);
    if (!kSanitized) too_much_memory(threads, tally);
  }
}

}  // namespace levelset
