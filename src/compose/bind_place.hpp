#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "compose/problems.hpp"
#include "doc/node.hpp"

namespace compose {

// Where binding stands, and how it says that a value does not fit there.
class BindPlace {
 public:
  explicit BindPlace(Problems& problems) : problems_(problems) {}

  void key(std::string_view name) { steps_.push_back({name, 0, '.'}); }

  void entry(std::string_view name) { steps_.push_back({name, 0, '['}); }

  void item(std::size_t index) { steps_.push_back({{}, index, '#'}); }

  void pop() { steps_.pop_back(); }

  // Both report and return false.
  bool fail(const doc::Node& node, const std::string& reason);
  bool unconvertible(const doc::Node& node, std::string_view wanted);

  [[nodiscard]] Problems& problems() { return problems_; }

 private:
  struct BindStep {
    std::string_view name;
    std::size_t index;
    char kind;
  };

  // In the words of the reference: services[a].ports[0].target
  [[nodiscard]] std::string text() const;

  Problems& problems_;
  std::vector<BindStep> steps_;
};

// A node made by this program, where the one that it stands for was written.
doc::Node placed(doc::Node node, const diag::Span& span);
void set_text(doc::Node& node, std::string text);
void sort_by_key(doc::Mapping& mapping);

}  // namespace compose
