#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace util {

// Environment variables as a value: read once from the process in main, written by hand in tests.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string, std::less<>> variables);
  static Environment of_process();

  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  // The value, or nothing when it is unset or empty (most variables treat both alike).
  [[nodiscard]] std::optional<std::string> non_empty(std::string_view name) const;

  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& all() const {
    return variables_;
  }

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace util
