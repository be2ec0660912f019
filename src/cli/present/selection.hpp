#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/present/keys.hpp"

namespace cli {

// A list to choose from: arrows move, typing filters (ASCII case ignored). Pure; Prompter draws it.
class Selection {
 public:
  Selection(std::vector<std::string> items, std::size_t initial, std::size_t window);

  void apply(const Key& key);
  // Index into the items; `items.size()` when the filter leaves none.
  [[nodiscard]] std::size_t chosen() const;

  [[nodiscard]] const std::string& filter() const { return filter_.text(); }

  struct Line {
    std::string_view text;
    bool marked;
  };

  // The part of the list that is in the window.
  [[nodiscard]] std::vector<Line> lines() const;

  [[nodiscard]] std::size_t matches() const { return matching_.size(); }

 private:
  void refilter();
  void move_to(std::size_t position);

  std::vector<std::string> items_;
  std::size_t window_;
  LineEditor filter_;
  std::vector<std::size_t> matching_;  // indices into items_
  std::size_t cursor_ = 0;             // into matching_
  std::size_t top_ = 0;                // first visible, into matching_
};

}  // namespace cli
