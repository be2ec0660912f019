#include "local/worker_pool.hpp"

#include <atomic>
#include <set>

#include <doctest/doctest.h>

#include "local/random_ids.hpp"
#include "util/system_clock.hpp"

TEST_CASE("jobs run on workers and their continuations on the loop's thread") {
  local::ControlLoop loop;
  const util::SystemClock clock;
  const auto here = std::this_thread::get_id();
  int finished = 0;
  int on_worker = 0;
  {
    local::WorkerPool pool(loop, 3);
    for (int i = 0; i < 20; ++i) {
      pool.run([&, here] {
        const bool elsewhere = std::this_thread::get_id() != here;
        return [&, elsewhere, here] {
          ++finished;
          on_worker += elsewhere ? 1 : 0;
          CHECK(std::this_thread::get_id() == here);
        };
      });
    }
    while (finished < 20) {
      loop.step_or_wait(clock, std::chrono::milliseconds(1000));
    }
    CHECK(pool.threads() <= 3);
  }
  CHECK(on_worker == 20);
}

TEST_CASE("a pool that ends drops what has not begun and waits for what has") {
  local::ControlLoop loop;
  std::atomic<int> ran = 0;
  std::atomic<bool> go = false;
  {
    local::WorkerPool pool(loop, 1);
    pool.run([&]() -> local::Workers::Continuation {
      while (!go) {
        std::this_thread::yield();
      }
      ++ran;
      return {};
    });
    std::thread release([&] { go = true; });
    release.join();
  }
  CHECK(ran <= 1);
}

TEST_CASE("random ids have their length and alphabet and do not repeat") {
  local::RandomIds ids;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string hex = ids.hex(17);
    CHECK(hex.size() == 17);
    CHECK(hex.find_first_not_of("0123456789abcdef") == std::string::npos);
    seen.insert(hex);
  }
  CHECK(seen.size() == 200);
  CHECK(ids.alnum(13).size() == 13);
  CHECK(ids.uuid().size() == 36);
}
