#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/terminal.hpp"
#include "util/clock.hpp"

namespace cli {

// --progress; `automatic` is `terminal` on one and `plain` in a pipe.
enum class ProgressMode : std::uint8_t { automatic, terminal, plain, json, quiet };

// The --progress flag's choices in the order of the enumeration: auto, tty, plain, json, quiet.
ProgressMode progress_mode(std::string_view flag_value);

enum class RowState : std::uint8_t { working, done, warning, failed };

// One thing in progress: a resource, a service, an image. `id` is its identity, a second update
// with it changes the row.
struct ProgressRow {
  std::string id;
  std::string text;    // "Service frontend"
  std::string status;  // "Creating", "Created"
  RowState state = RowState::working;
  std::string detail = {};  // "2/2 running", a reason; may be empty
};

// Shows how many things come along:
//   terminal   a title line and one line a row, redrawn in place, with spinner and seconds
//   plain      one line each time a row's state, status or detail changes
//   json       one record a change: {"time","id","text","status","state","detail"}
//   quiet      nothing but rows that failed
// Safe to call from several threads. Owns a thread that redraws while the mode is `terminal`.
class Progress {
 public:
  Progress(Output& output, const util::Clock& clock, ProgressMode mode, std::string title);
  ~Progress();  // finishes
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(ProgressRow row);
  // A line of its own, above the rows, that stays ("Stack app: rolled back because …").
  void note(std::string_view line);
  // Draws the last state and leaves it on the screen; later calls do nothing.
  void finish();

 private:
  struct Shown {
    ProgressRow row;
    util::Clock::TimePoint since;
    std::optional<util::Clock::TimePoint> until;
  };

  void print_change(const ProgressRow& row);
  void redraw(bool last);
  [[nodiscard]] std::string row_line(const Shown& shown, const Screen& screen) const;
  [[nodiscard]] std::string frame(const Screen& screen, bool last) const;
  void tick();

  Output& output_;
  const util::Clock& clock_;
  const ProgressMode mode_;
  const std::string title_;
  std::mutex mutex_;  // guards everything below
  std::vector<Shown> rows_;
  std::size_t lines_on_screen_ = 0;
  std::size_t spinner_ = 0;
  bool finished_ = false;
  std::condition_variable wake_;
  std::thread ticker_;
};

}  // namespace cli
