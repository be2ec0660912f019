#pragma once

#include <string_view>

#include "util/strings.hpp"

namespace compose {

// What is left to read of one of the loader's own tables (of types, of the schema). A fault in a
// table is a fault of this program; the tests read all of them.
class TableText {
 public:
  explicit TableText(std::string_view text) : rest_(text) {}

 protected:
  void skip() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  bool accept(char c) {
    skip();
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  // Letters, digits, `_` and those of `more`.
  std::string_view word(std::string_view more = {}) {
    skip();
    std::size_t n = 0;
    while (n < rest_.size() && (util::is_alnum(rest_[n]) || rest_[n] == '_' ||
                                more.find(rest_[n]) != std::string_view::npos)) {
      ++n;
    }
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }

  std::string_view rest_;
};

}  // namespace compose
