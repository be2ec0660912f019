#include "cli/present/progress.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

constexpr auto kRedrawInterval = std::chrono::milliseconds(100);
constexpr std::array<std::string_view, 10>
    kSpinner{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

std::string_view state_name(RowState state) {
  switch (state) {
    case RowState::working: return "working";
    case RowState::done: return "done";
    case RowState::warning: return "warning";
    case RowState::failed: return "failed";
  }
  return "";
}

std::string_view mark(RowState state, std::size_t spinner) {
  switch (state) {
    case RowState::working: return kSpinner[spinner % kSpinner.size()];
    case RowState::done: return "✔";
    case RowState::warning: return "!";
    case RowState::failed: return "✘";
  }
  return "";
}

Style style_of(RowState state) {
  switch (state) {
    case RowState::working: return Style::blue;
    case RowState::done: return Style::green;
    case RowState::warning: return Style::yellow;
    case RowState::failed: return Style::red;
  }
  return Style::plain;
}

std::string seconds_text(std::chrono::milliseconds elapsed) {
  const auto tenths = elapsed.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

bool same_shown(const ProgressRow& a, const ProgressRow& b) {
  return a.status == b.status && a.state == b.state && a.detail == b.detail && a.text == b.text;
}

}  // namespace

ProgressMode progress_mode(std::string_view flag_value) {
  if (flag_value == "tty") {
    return ProgressMode::terminal;
  }
  if (flag_value == "plain") {
    return ProgressMode::plain;
  }
  if (flag_value == "json") {
    return ProgressMode::json;
  }
  return flag_value == "quiet" ? ProgressMode::quiet : ProgressMode::automatic;
}

Progress::Progress(Output& output, const util::Clock& clock, ProgressMode mode, std::string title)
    : output_(output),
      clock_(clock),
      mode_(mode != ProgressMode::automatic ? mode
            : output.screen().is_terminal   ? ProgressMode::terminal
                                            : ProgressMode::plain),
      title_(std::move(title)) {
  if (mode_ == ProgressMode::terminal) {
    ticker_ = std::thread([this] { tick(); });
  }
}

Progress::~Progress() {
  finish();
}

void Progress::update(ProgressRow row) {
  const std::lock_guard lock(mutex_);
  if (finished_) {
    return;
  }
  const auto now = clock_.now();
  auto found = std::find_if(
      rows_.begin(), rows_.end(), [&](const Shown& shown) { return shown.row.id == row.id; });
  if (found == rows_.end()) {
    found = rows_.insert(rows_.end(), Shown{.row = row, .since = now, .until = std::nullopt});
  } else if (same_shown(found->row, row)) {
    return;
  } else {
    found->row = row;
  }
  if (row.state == RowState::working) {
    found->until.reset();
  } else {
    found->until = now;
  }
  print_change(row);
}

void Progress::print_change(const ProgressRow& row) {
  switch (mode_) {
    case ProgressMode::automatic:
    case ProgressMode::terminal: break;  // the next redraw shows it
    case ProgressMode::quiet:
      if (row.state != RowState::failed) {
        break;
      }
      [[fallthrough]];
    case ProgressMode::plain:
      output_.write(row.text + "  " + row.status + (row.detail.empty() ? "" : "  " + row.detail) +
                    "\n");
      break;
    case ProgressMode::json:
      output_.write(doc::to_json(doc::map(
                        {{"time", doc::Node(std::int64_t{clock_.now().time_since_epoch().count()})},
                         {"id", doc::Node(row.id)},
                         {"text", doc::Node(row.text)},
                         {"status", doc::Node(row.status)},
                         {"state", doc::Node(state_name(row.state))},
                         {"detail", doc::Node(row.detail)}})) +
                    "\n");
      break;
  }
}

void Progress::note(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (mode_ == ProgressMode::json) {
    output_.write(doc::to_json(doc::map({{"note", doc::Node(line)}})) + "\n");
    return;
  }
  if (lines_on_screen_ > 0) {
    output_.write("\x1b[" + std::to_string(lines_on_screen_) + "A\r\x1b[J");
    lines_on_screen_ = 0;
  }
  output_.write(std::string(line) + "\n");
}

void Progress::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (!finished_ && mode_ == ProgressMode::terminal) {
      redraw(true);
    }
    finished_ = true;
  }
  wake_.notify_all();
  if (ticker_.joinable()) {
    ticker_.join();
  }
}

std::string Progress::row_line(const Shown& shown, const Screen& screen) const {
  const auto elapsed = shown.until.value_or(clock_.now()) - shown.since;
  const std::string time = seconds_text(elapsed);
  const auto columns = static_cast<std::size_t>(std::max(screen.columns, 20));
  std::string status = shown.row.status;
  if (!shown.row.detail.empty()) {
    status += "  " + shown.row.detail;
  }
  std::size_t widest = 0;
  for (const Shown& other : rows_) {
    widest = std::max(widest, display_width(other.row.text));
  }
  widest = std::min(widest, columns / 2);
  std::string text = fit_to_width(shown.row.text, widest);
  text.append(widest - display_width(text) + 2, ' ');
  const std::size_t used = 3 + widest + 2 + time.size() + 2;
  status = fit_to_width(status, columns > used ? columns - used : 1);
  const std::size_t room = columns - std::min(columns, used + display_width(status));
  const Style style = style_of(shown.row.state);
  return " " + styled(mark(shown.row.state, spinner_), style, screen) + " " + text +
         styled(status, style, screen) + std::string(room, ' ') +
         styled(time, Style::blue, screen) + "\n";
}

// While it moves, at most one screen, because what has scrolled away cannot be redrawn: rows that
// are done make room first, then the last ones. The last frame is complete.
std::string Progress::frame(const Screen& screen, bool last) const {
  const auto done =
      static_cast<std::size_t>(std::count_if(rows_.begin(), rows_.end(), [](const Shown& shown) {
        return shown.row.state != RowState::working;
      }));
  std::string text =
      "[+] " + title_ + " " + std::to_string(done) + "/" + std::to_string(rows_.size()) + "\n";
  const auto room = static_cast<std::size_t>(std::max(screen.rows - 3, 3));
  const bool all_fit = last || rows_.size() <= room;
  std::size_t to_hide = all_fit ? 0 : rows_.size() - room;
  std::size_t shown_rows = 0;
  for (const Shown& shown : rows_) {
    if (to_hide > 0 && shown.row.state == RowState::done) {
      --to_hide;
    } else if (all_fit || shown_rows < room) {
      text += row_line(shown, screen);
      ++shown_rows;
    }
  }
  if (shown_rows < rows_.size()) {
    text += " … and " + std::to_string(rows_.size() - shown_rows) + " more\n";
  }
  return text;
}

void Progress::redraw(bool last) {
  if (rows_.empty()) {
    return;
  }
  const std::string text = frame(output_.screen(), last);
  std::string all = "\x1b[?25l";  // no cursor while drawing
  if (lines_on_screen_ > 0) {
    all += "\x1b[" + std::to_string(lines_on_screen_) + "A\r";
  }
  // Each line is overwritten before its rest is cleared, so that nothing flickers.
  all += util::replace_all(text, "\n", "\x1b[K\n") + "\x1b[J\x1b[?25h";
  output_.write(all);
  lines_on_screen_ = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void Progress::tick() {
  std::unique_lock lock(mutex_);
  while (!finished_) {
    redraw(false);
    ++spinner_;
    wake_.wait_for(lock, kRedrawInterval, [this] { return finished_; });
  }
}

}  // namespace cli
