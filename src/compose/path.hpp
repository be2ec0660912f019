#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace compose {

// Where a walk through a document stands. The keys are views: they must outlive the steps.
class Path {
 public:
  enum class Items { brackets, numbered, bare };  // services.a.ports.[]   .[0]   .0

  void push(std::string_view key) { steps_.push_back({key, 0, false}); }

  void push(std::size_t index) { steps_.push_back({{}, index, true}); }

  void pop() { steps_.pop_back(); }

  [[nodiscard]] std::size_t size() const { return steps_.size(); }

  [[nodiscard]] std::string text(Items items = Items::brackets) const;

 private:
  struct Step {
    std::string_view key;
    std::size_t index;
    bool is_item;
  };

  std::vector<Step> steps_;
};

// One step of a walk, taken back at the end of the scope.
class Step {
 public:
  template <class KeyOrIndex>
  Step(Path& path, KeyOrIndex&& step) : path_(path) {
    path_.push(step);
  }

  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  ~Step() { path_.pop(); }

 private:
  Path& path_;
};

}  // namespace compose
