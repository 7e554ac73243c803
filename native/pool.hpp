// Threads that take jobs from a queue, watched by the thread that called.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace levelset {

// Memory aligned for every vector width.
class Block {
 public:
  explicit Block(std::int64_t bytes)
      : data_(::operator new(static_cast<std::size_t>(bytes), std::align_val_t{64})) {}
  ~Block() { ::operator delete(data_, std::align_val_t{64}); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  void* data() const { return data_; }

 private:
  void* data_;
};

// Runs job(k, workspace) for k in 0 .. jobs-1 on `threads` threads, each with its own workspace, and calls
// watch() about every 50 ms from the calling thread, and once after the last job. If watch() or a job throws,
// `stop()` is called, the threads are joined, and the first exception is thrown on.
template <class Job, class Watch, class StopAll>
void run_pool(std::int64_t jobs, int threads, std::int64_t workspace_bytes, Job job, Watch watch,
              StopAll stop) {
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  int running = static_cast<int>(std::min<std::int64_t>(threads, jobs));
  std::exception_ptr failure;

  const auto work = [&] {
    try {
      const Block workspace(workspace_bytes);
      for (std::int64_t k = next++; k < jobs; k = next++) job(k, workspace.data());
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
  for (int t = running; t > 0; --t) workers.emplace_back(work);
  std::unique_lock lock(mutex);
  for (bool done = false; !done;) {
    done = finished.wait_for(lock, std::chrono::milliseconds(50), [&] { return running == 0; });
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
