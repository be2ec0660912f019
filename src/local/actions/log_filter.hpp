#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace local {

// The unstructured half of CloudWatch's filter patterns: `ERROR` and "two words" must be in the
// line (all of them), ?A ?B at least one, -C none. Case counts.
class LogFilter {
 public:
  // Nothing when the pattern is ill-formed, or of the structured kind ({ $.x = 1 }, [a, b],
  // %regex%).
  static std::optional<LogFilter> parse(std::string_view pattern);
  [[nodiscard]] bool matches(std::string_view message) const;

 private:
  std::vector<std::string> all_;
  std::vector<std::string> any_;
  std::vector<std::string> none_;
};

}  // namespace local
