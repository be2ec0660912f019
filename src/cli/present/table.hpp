#pragma once

#include <string>
#include <vector>

namespace cli {

// Docker's plain table: an upper-case header, columns as wide as their widest cell, three spaces
// apart, nothing after the last cell. The header is printed for an empty table too.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cli
