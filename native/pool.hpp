// Threads that take jobs from a queue, watched by the thread that called.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "memory.hpp"

namespace levelset {

// How often the calling thread looks up while the others work.
inline constexpr std::chrono::milliseconds kWatchInterval{10};

// Runs job(k, thread, workspace) for k in 0 .. jobs-1 on `threads` threads, each with its own workspace. A thread that finds
// no job left calls idle(). Meanwhile the calling thread calls watch() about every 10 ms, and once after the last
// job. If watch() or a job throws, `stop()` is called, the threads are joined, and the first exception is
// thrown on.
template <class Job, class Idle, class Watch, class StopAll>
void run_pool(std::int64_t jobs, int threads, std::int64_t workspace_bytes, Job job, Idle idle,
              Watch watch, StopAll stop) {
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  int running = threads;
  std::exception_ptr failure;

  const auto work = [&](int thread) {
    try {
      std::optional<Block> workspace;
      for (std::int64_t k = next++; k < jobs; k = next++) {
        if (!workspace) workspace.emplace(workspace_bytes);
        job(k, thread, workspace->data());
      }
      idle();
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = jobs;
      stop();
    }
    const std::lock_guard lock(mutex);
    --running;
    finished.notify_all();
  };

  std::vector<std::jthread> workers;
  for (int thread = 0; thread < threads; ++thread) workers.emplace_back(work, thread);
  std::unique_lock lock(mutex);
  for (bool done = false; !done;) {
    done = finished.wait_for(lock, kWatchInterval, [&] { return running == 0; });
    lock.unlock();
    try {
      watch();
    } catch (...) {
      lock.lock();
      if (!failure) failure = std::current_exception();
      next = jobs;
      stop();
      finished.wait(lock, [&] { return running == 0; });
      break;
    }
    lock.lock();
  }
  lock.unlock();
  workers.clear();  // join
  if (failure) std::rethrow_exception(failure);
}

}  // namespace levelset
