#include "cli/present/selection.hpp"

#include <algorithm>
#include <utility>

#include "util/strings.hpp"

namespace cli {

Selection::Selection(std::vector<std::string> items, std::size_t initial, std::size_t window)
    : items_(std::move(items)), window_(std::max<std::size_t>(window, 1)) {
  refilter();
  move_to(initial);
}

void Selection::apply(const Key& key) {
  switch (key.kind) {
    case Key::Kind::up:
      move_to(cursor_ > 0 ? cursor_ - 1 : matching_.empty() ? 0 : matching_.size() - 1);
      break;
    case Key::Kind::down: move_to(cursor_ + 1 < matching_.size() ? cursor_ + 1 : 0); break;
    case Key::Kind::page_up: move_to(cursor_ - std::min(cursor_, window_)); break;
    case Key::Kind::page_down: move_to(cursor_ + window_); break;
    case Key::Kind::home: move_to(0); break;
    case Key::Kind::end: move_to(matching_.size()); break;
    case Key::Kind::text:
    case Key::Kind::backspace:
    case Key::Kind::erase_word:
    case Key::Kind::erase_line:
      filter_.apply(key);
      refilter();
      move_to(0);
      break;
    case Key::Kind::enter:
    case Key::Kind::cancel:
    case Key::Kind::end_of_file:
    case Key::Kind::ignored: break;
  }
}

std::size_t Selection::chosen() const {
  return matching_.empty() ? items_.size() : matching_[cursor_];
}

std::vector<Selection::Line> Selection::lines() const {
  std::vector<Line> lines;
  for (std::size_t i = top_; i < matching_.size() && i < top_ + window_; ++i) {
    lines.push_back({items_[matching_[i]], i == cursor_});
  }
  return lines;
}

void Selection::refilter() {
  matching_.clear();
  const std::string wanted = util::to_lower(filter_.text());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (util::to_lower(items_[i]).find(wanted) != std::string::npos) {
      matching_.push_back(i);
    }
  }
}

void Selection::move_to(std::size_t position) {
  cursor_ = matching_.empty() ? 0 : std::min(position, matching_.size() - 1);
  if (cursor_ < top_) {
    top_ = cursor_;
  } else if (cursor_ >= top_ + window_) {
    top_ = cursor_ - window_ + 1;
  }
}

}  // namespace cli
