#include "cli/present/table.hpp"

#include <algorithm>

#include "cli/terminal.hpp"

namespace cli {

std::string Table::text() const {
  std::vector<std::size_t> widths(header_.size(), 0);
  const auto widen = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  };
  widen(header_);
  std::for_each(rows_.begin(), rows_.end(), widen);

  std::string text;
  const auto print = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) {
        text.append(widths[i] - display_width(row[i]) + 3, ' ');
      }
    }
    text += '\n';
  };
  print(header_);
  std::for_each(rows_.begin(), rows_.end(), print);
  return text;
}

}  // namespace cli
